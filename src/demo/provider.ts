/**
 * The simulated provider: one real HTTP server on 127.0.0.1. Below `/-/` are the token endpoint, revocation (RFC 7009), metadata (RFC 8414)
 * and the admin commands; everything else is the API. No document has paths below `/-/`, so nothing of it is hidden.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../kernel/clock.ts';
import { AccountBook } from './account-book.ts';
import { deliver } from './answer-delivery.ts';
import { emptyAnswer, jsonAnswer } from './answer.ts';
import type { Answer } from './answer.ts';
import { FaultScript } from './fault-script.ts';
import { isProcessed, spoilAnswer } from './fault.ts';
import { HoldGate } from './hold-gate.ts';
import { createOffsetClock } from './offset-clock.ts';
import type { OffsetClock } from './offset-clock.ts';
import { DEFAULT_BEHAVIOUR, DEFAULT_CLIENT, DEFAULT_USER } from './provider-behaviour.ts';
import type { ClientAccount, ProviderBehaviour, UserAccount } from './provider-behaviour.ts';
import { answerCommand } from './provider-control.ts';
import type { ProviderControl } from './provider-control.ts';
import { RequestLog } from './request-log.ts';
import type { TokenRequestEntry } from './request-log.ts';
import { presentedCredentials, readText } from './provider-request.ts';
import { createSimulatedApi } from './simulated-api.ts';
import type { SimulatedApi, SimulatedApiOptions } from './simulated-api.ts';
import { answerTokenRequest } from './token-endpoint.ts';
import type { TokenEndpointPorts } from './token-endpoint.ts';
import { TokenVault } from './token-vault.ts';

export interface ProviderOptions {
  /** `advance` adds to it. */
  readonly clock: Clock;
  /** Default: {@link DEFAULT_CLIENT}. */
  readonly clients?: readonly ClientAccount[];
  /** Default: {@link DEFAULT_USER}. */
  readonly users?: readonly UserAccount[];
  readonly behaviour?: Partial<ProviderBehaviour>;
  /** Default: no operations, every API path is 404. */
  readonly api?: SimulatedApiOptions;
  /** Default: a free one. */
  readonly port?: number;
  /** Called with each line of the log. */
  readonly onTokenRequest?: (entry: TokenRequestEntry) => void;
}

export interface Provider extends ProviderControl {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  readonly tokenUrl: string;
  readonly revocationUrl: string;
  /** OAuth metadata; also the OpenID Connect discovery document. */
  readonly metadataUrl: string;
  /** The commands of {@link ProviderControl} over HTTP are below this. */
  readonly adminUrl: string;
  /** Server URL of the API, base path included. */
  readonly apiUrl: string;
  close(): Promise<void>;
}

/** Everything that the parts of one provider share. */
interface Parts extends TokenEndpointPorts {
  readonly clock: OffsetClock;
  readonly api: SimulatedApi;
  readonly control: ProviderControl;
}

const TOKEN_PATH = '/-/token';
const REVOCATION_PATH = '/-/revoke';
const METADATA_PATHS = ['/-/.well-known/oauth-authorization-server', '/-/.well-known/openid-configuration'] as const;
const ADMIN_PATH = '/-/admin';

export async function startProvider(options: ProviderOptions): Promise<Provider> {
  const parts = createParts(options);
  const closing = new AbortController();
  const server = createServer((request, response) => void serve(request, response, parts, closing.signal));
  const origin = await listen(server, options.port ?? 0);
  return {
    ...parts.control,
    origin,
    tokenUrl: origin + TOKEN_PATH,
    revocationUrl: origin + REVOCATION_PATH,
    metadataUrl: origin + METADATA_PATHS[0],
    adminUrl: origin + ADMIN_PATH,
    apiUrl: origin + (options.api?.basePath ?? ''),
    close: async () => {
      closing.abort();
      parts.gate.release();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function createParts(options: ProviderOptions): Parts {
  let settings: ProviderBehaviour = { ...DEFAULT_BEHAVIOUR, ...options.behaviour };
  const behaviour = (): ProviderBehaviour => settings;
  const clock = createOffsetClock(options.clock);
  const {
    clients = [DEFAULT_CLIENT],
    users = [DEFAULT_USER],
    api = NO_API,
    onTokenRequest = () => undefined,
  } = options;
  const accounts = new AccountBook(clients, users, () => settings.lockOutAfter);
  const vault = new TokenVault({ clock, behaviour });
  const [log, script, gate] = [new RequestLog(onTokenRequest), new FaultScript(), new HoldGate()];
  const control: ProviderControl = {
    script: (...faults) => faults.forEach((fault) => script.add(fault)),
    clearScript: () => {
      script.clear();
      gate.release();
    },
    configure: (changes) => void (settings = { ...settings, ...changes }),
    advance: (ms) => clock.advance(ms),
    release: () => gate.release(),
    setUser: (username, password) => accounts.setUser(username, password),
    setClient: (clientId, secret) => accounts.setClient(clientId, secret),
    revoke: (token) => (token === undefined ? vault.revokeAccessTokens() : Number(vault.revoke(token))),
    counters: () => log.counters,
    held: () => gate.held,
    log: () => log.entries,
    resetCounters: () => log.reset(),
  };
  return { accounts, vault, behaviour, clock, log, script, gate, control, api: createSimulatedApi(api) };
}

const NO_API: SimulatedApiOptions = { operations: [], fragments: new Map(), dialect: 'json-schema-2020-12' };

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  parts: Parts,
  closing: AbortSignal,
): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const signal = AbortSignal.any([gone.signal, closing]);
  try {
    const answer = await answerRequest(request, response, parts);
    response.setHeader('date', new Date(parts.clock.now()).toUTCString());
    await deliver(answer, response, { clock: parts.clock, released: () => parts.gate.wait(signal), signal });
  } catch (error) {
    // The caller is gone, or the provider closes; what else fails here is seen as a broken connection.
    if (!signal.aborted) response.destroy(error instanceof Error ? error : undefined);
  }
}

async function answerRequest(request: IncomingMessage, response: ServerResponse, parts: Parts): Promise<Answer> {
  const { method = 'GET', url = '/' } = request;
  const { pathname } = new URL(`http://provider${url.startsWith('/') ? url : '/'}`);
  if (!pathname.startsWith('/-/')) return answerApiCall(request, pathname, parts);
  const body = await readText(request);
  if (pathname.startsWith(`${ADMIN_PATH}/`))
    return answerCommand(parts.control, method, pathname.slice(ADMIN_PATH.length), body);
  if (METADATA_PATHS.some((path) => path === pathname)) return metadata(request);
  if (method !== 'POST') return emptyAnswer(405, { allow: 'POST' });
  if (pathname === REVOCATION_PATH) return revoke(body, parts);
  return pathname === TOKEN_PATH
    ? await answerToken(request, response, body, parts)
    : jsonAnswer(404, { error: 'not_found' });
}

async function answerToken(
  request: IncomingMessage,
  response: ServerResponse,
  body: string,
  parts: Parts,
): Promise<Answer> {
  const { 'content-type': contentType = '', authorization } = request.headers;
  const sequence = parts.log.enter();
  // Counted until the answer is out, or nobody waits for it any more.
  if (response.closed) parts.log.leave();
  else response.on('close', () => parts.log.leave());
  return await answerTokenRequest({ contentType, authorization, body }, sequence, parts);
}

function answerApiCall(request: IncomingMessage, path: string, { api, vault, script, log, clock }: Parts): Answer {
  const credentials = presentedCredentials(request);
  const call = { method: request.method ?? 'GET', path, credentials };
  const fault = script.take('api');
  const { outcome, answer } = api.answer(call, (token) => vault.isActive(token));
  if (fault === undefined) {
    log.countApi(outcome);
    return answer;
  }
  log.countApi('faults');
  return spoilAnswer(isProcessed(fault) ? answer : emptyAnswer(200), fault, clock.now());
}

/** RFC 7009 §2.2: a token that is unknown is as good as revoked. */
function revoke(body: string, { vault, log }: Parts): Answer {
  const token = new URLSearchParams(body).get('token');
  if (token === null) return jsonAnswer(400, { error: 'invalid_request' });
  if (vault.revoke(token)) log.count('revocations');
  return emptyAnswer(200);
}

function metadata({ headers: { host = '127.0.0.1' } }: IncomingMessage): Answer {
  const origin = `http://${host}`;
  return jsonAnswer(200, {
    issuer: `${origin}/-`,
    token_endpoint: origin + TOKEN_PATH,
    revocation_endpoint: origin + REVOCATION_PATH,
    grant_types_supported: ['password', 'client_credentials', 'refresh_token'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
  });
}

async function listen(server: Server, port: number): Promise<string> {
  server.keepAliveTimeout = 30_000;
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  server.once('error', reject).listen(port, '127.0.0.1', () => resolve(undefined));
  await promise;
  server.off('error', reject);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
