/** Which endpoint answers a request. Below `/-/` are those of the provider itself; everything else is the API. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { emptyAnswer, jsonAnswer } from './answer.ts';
import type { Answer } from './answer.ts';
import { isProcessed, spoilAnswer } from './fault.ts';
import { answerLogin, answerLogout, answerSessionToken } from './login-endpoint.ts';
import { answerCommand } from './provider-control.ts';
import type { ProviderControl } from './provider-control.ts';
import { presentedCredentials, readText } from './provider-request.ts';
import type { TokenEndpointPorts } from './request-under-fault.ts';
import type { SimulatedApi } from './simulated-api.ts';
import { answerTokenRequest } from './token-endpoint.ts';

/** Everything that the endpoints of one provider share. */
export interface EndpointPorts extends TokenEndpointPorts {
  readonly api: SimulatedApi;
  readonly control: ProviderControl;
}

export const PATHS = {
  token: '/-/token',
  revocation: '/-/revoke',
  login: '/-/login',
  sessionToken: '/-/session-token',
  logout: '/-/logout',
  metadata: '/-/.well-known/oauth-authorization-server',
  openidConfiguration: '/-/.well-known/openid-configuration',
  admin: '/-/admin',
} as const;

interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: string;
}

type Endpoint = (call: Call, ports: EndpointPorts) => Answer | Promise<Answer>;

/** A new one is a row. */
const POSTED: ReadonlyMap<string, Endpoint> = new Map<string, Endpoint>([
  [
    PATHS.token,
    async ({ request, response, body }, ports) => {
      const { 'content-type': contentType = '', 'user-agent': userAgent, authorization } = request.headers;
      const parts = { contentType, userAgent, authorization, body };
      return await answerTokenRequest(parts, enter(response, ports), ports);
    },
  ],
  [PATHS.revocation, ({ body }, ports) => revoke(body, ports)],
  [PATHS.login, ({ response, body }, ports) => answerLogin(body, enter(response, ports), ports)],
  [
    PATHS.sessionToken,
    ({ request, response }, ports) => answerSessionToken(presentedCredentials(request), enter(response, ports), ports),
  ],
  [PATHS.logout, ({ request }, ports) => answerLogout(presentedCredentials(request), ports)],
]);

export async function answerRequest(
  request: IncomingMessage,
  response: ServerResponse,
  ports: EndpointPorts,
): Promise<Answer> {
  const { method = 'GET', url = '/' } = request;
  const { pathname } = new URL(`http://provider${url.startsWith('/') ? url : '/'}`);
  if (!pathname.startsWith('/-/')) return answerApiCall(request, pathname, ports);
  const body = await readText(request);
  if (pathname.startsWith(`${PATHS.admin}/`))
    return answerCommand(ports.control, method, pathname.slice(PATHS.admin.length), body);
  if (pathname === PATHS.metadata || pathname === PATHS.openidConfiguration) return metadata(request);
  if (method !== 'POST') return emptyAnswer(405, { allow: 'POST' });
  const endpoint = POSTED.get(pathname);
  return endpoint === undefined
    ? jsonAnswer(404, { error: 'not_found' })
    : await endpoint({ request, response, body }, ports);
}

/** Counts the request as in flight until its answer is out, or nobody waits for it any more. */
function enter(response: ServerResponse, { log }: EndpointPorts): number {
  const sequence = log.enter();
  if (response.closed) log.leave();
  else response.on('close', () => log.leave());
  return sequence;
}

function answerApiCall(
  request: IncomingMessage,
  path: string,
  { api, vault, script, log, clock }: EndpointPorts,
): Answer {
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
function revoke(body: string, { vault, log }: EndpointPorts): Answer {
  const token = new URLSearchParams(body).get('token');
  if (token === null) return jsonAnswer(400, { error: 'invalid_request' });
  if (vault.revoke(token)) log.noteEnded(token);
  return emptyAnswer(200);
}

function metadata({ headers: { host = '127.0.0.1' } }: IncomingMessage): Answer {
  const origin = `http://${host}`;
  return jsonAnswer(200, {
    issuer: `${origin}/-`,
    token_endpoint: origin + PATHS.token,
    revocation_endpoint: origin + PATHS.revocation,
    grant_types_supported: ['password', 'client_credentials', 'refresh_token'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
  });
}
