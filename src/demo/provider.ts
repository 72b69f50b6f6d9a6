/**
 * The simulated provider: one real HTTP server on 127.0.0.1. Below `/-/` are the token endpoint, revocation (RFC 7009), metadata (RFC 8414), a log-in of its own
 * and the admin commands; everything else is the API. No document has paths below `/-/`, so nothing of it is hidden.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../kernel/clock.ts';
import { AccountBook } from './account-book.ts';
import { deliver } from './answer-delivery.ts';
import { FaultScript } from './fault-script.ts';
import { HoldGate } from './hold-gate.ts';
import { createOffsetClock } from './offset-clock.ts';
import type { OffsetClock } from './offset-clock.ts';
import { DEFAULT_BEHAVIOUR, DEFAULT_CLIENT, DEFAULT_USER } from './provider-behaviour.ts';
import type { ClientAccount, ProviderBehaviour, UserAccount } from './provider-behaviour.ts';
import type { ProviderControl } from './provider-control.ts';
import { answerRequest, PATHS } from './provider-endpoints.ts';
import type { EndpointPorts } from './provider-endpoints.ts';
import { RateLimit } from './rate-limit.ts';
import { RequestLog } from './request-log.ts';
import type { TokenRequestEntry } from './request-log.ts';
import { createSimulatedApi } from './simulated-api.ts';
import type { SimulatedApiOptions } from './simulated-api.ts';
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
  /** How long an idle connection is kept, milliseconds. Default 30,000. */
  readonly keepAliveTimeoutMs?: number;
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
  /** The log-in of its own: see `login-endpoint.ts`. */
  readonly loginUrl: string;
  readonly sessionTokenUrl: string;
  readonly logoutUrl: string;
  /** Ends every connection and refuses new ones; what it knows stays. */
  goOffline(): Promise<void>;
  /** At the same port again. */
  goOnline(): Promise<void>;
  close(): Promise<void>;
}

type Parts = EndpointPorts & { readonly clock: OffsetClock };

export async function startProvider(options: ProviderOptions): Promise<Provider> {
  const parts = createParts(options);
  const closing = new AbortController();
  const server = createServer((request, response) => void serve(request, response, parts, closing.signal));
  server.keepAliveTimeout = options.keepAliveTimeoutMs ?? 30_000;
  const port = await listen(server, options.port ?? 0);
  const origin = `http://127.0.0.1:${port}`;
  return {
    ...parts.control,
    origin,
    tokenUrl: origin + PATHS.token,
    revocationUrl: origin + PATHS.revocation,
    metadataUrl: origin + PATHS.metadata,
    adminUrl: origin + PATHS.admin,
    apiUrl: origin + (options.api?.basePath ?? ''),
    loginUrl: origin + PATHS.login,
    sessionTokenUrl: origin + PATHS.sessionToken,
    logoutUrl: origin + PATHS.logout,
    goOffline: () => stop(server),
    goOnline: async () => {
      await listen(server, port);
    },
    close: async () => {
      closing.abort();
      parts.gate.release();
      await stop(server);
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
  const [log, script, gate, limit] = [
    new RequestLog(onTokenRequest),
    new FaultScript(),
    new HoldGate(),
    new RateLimit(),
  ];
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
    ended: () => log.ended,
    resetCounters: () => log.reset(),
  };
  return { accounts, vault, behaviour, clock, log, script, gate, limit, control, api: createSimulatedApi(api) };
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
    setDate(response, parts);
    await deliver(answer, response, { clock: parts.clock, released: () => parts.gate.wait(signal), signal });
  } catch (error) {
    // The caller is gone, or the provider closes; what else fails here is seen as a broken connection.
    if (!signal.aborted) response.destroy(error instanceof Error ? error : undefined);
  }
}

/** RFC 9110 §6.6.1; by the provider's clock, or as wrong as the behaviour has it. */
function setDate(response: ServerResponse, { clock, behaviour }: Parts): void {
  const { dateSkewMs } = behaviour();
  response.sendDate = false;
  if (dateSkewMs !== null) response.setHeader('date', new Date(clock.now() + dateSkewMs).toUTCString());
}

/** @returns the port */
async function listen(server: Server, port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  server.once('error', reject).listen(port, '127.0.0.1', () => resolve(undefined));
  await promise;
  server.off('error', reject);
  return (server.address() as AddressInfo).port;
}

async function stop(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}
