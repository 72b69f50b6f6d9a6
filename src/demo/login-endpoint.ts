/**
 * A provider that signs in its own way, in one step or two: the log-in takes JSON and opens a session, which is a token at the API itself or is exchanged for
 * one in a second step; the log-out ends it. Sessions are access tokens of the vault, so that its limits count them.
 */
import { isObject } from '../kernel/json.ts';
import type { Json } from '../kernel/json.ts';
import { emptyAnswer, jsonAnswer } from './answer.ts';
import type { Answer } from './answer.ts';
import { isProcessed, spoilAnswer } from './fault.ts';
import { fingerprint } from './request-log.ts';
import { answerUnderFault } from './request-under-fault.ts';
import type { Processed, TokenEndpointPorts } from './request-under-fault.ts';
import { failedSignIn } from './token-endpoint.ts';
import type { Session } from './token-vault.ts';

/** Stands in the place of the client's id: nobody but the user signs in here. */
const LOGIN = 'login';

/**
 * `{username, password}` → 200 `{session, expires_in}`, the session in the header `x-session` too.
 * @param sequence from `RequestLog.enter`
 */
export async function answerLogin(body: string, sequence: number, ports: TokenEndpointPorts): Promise<Answer> {
  const { username, password } = credentialsOf(body);
  const work = {
    sequence,
    at: 'login',
    grant: 'login',
    description: { grant: 'login', username },
    process: () => login(username, password, ports),
  } as const;
  return await answerUnderFault(work, ports);
}

/** Session → 200 `{token, lifetime}`. */
export async function answerSessionToken(
  credentials: readonly string[],
  sequence: number,
  ports: TokenEndpointPorts,
): Promise<Answer> {
  const work = {
    sequence,
    at: 'session_token',
    description: { grant: 'session_token' },
    process: () => exchangeSession(credentials, ports),
  } as const;
  return await answerUnderFault(work, ports);
}

/** Session → 204, also where it is over already. */
export function answerLogout(
  credentials: readonly string[],
  { vault, log, script, clock }: TokenEndpointPorts,
): Answer {
  const fault = script.take('logout');
  if (fault === undefined || isProcessed(fault))
    for (const session of credentials) if (vault.revoke(session)) log.noteEnded(session);
  return fault === undefined ? emptyAnswer(204) : spoilAnswer(emptyAnswer(204), fault, clock.now());
}

function login(username: string, password: string, ports: TokenEndpointPorts): Processed {
  const { accounts, vault, behaviour, log } = ports;
  const signIn = accounts.signInUser(username, password);
  if (signIn !== 'right') {
    const failure = { wrongCredentials: signIn === 'wrong', lockedOut: signIn === 'locked' };
    const { answer, facts } = refusal(401, `${signIn}_credentials`);
    return { answer: failedSignIn(answer, failure, ports), facts };
  }
  const session: Session = { clientId: LOGIN, username };
  const { maxSessions } = behaviour();
  if (maxSessions !== null && vault.countActive(session) >= maxSessions) return refusal(403, 'too_many_sessions');
  const opened = issue(session, ports);
  if (maxSessions !== null) log.noteSessions(vault.countActive(session));
  return given(opened.token, { session: opened.token, expires_in: opened.seconds }, { 'x-session': opened.token });
}

function exchangeSession(credentials: readonly string[], ports: TokenEndpointPorts): Processed {
  const session = credentials.find((credential) => ports.vault.isActive(credential));
  if (session === undefined) return refusal(401, 'no_session');
  const { token, seconds } = issue({ clientId: `${LOGIN} ${fingerprint(session)}` }, ports);
  return given(token, { token, lifetime: seconds });
}

function issue(
  session: Session,
  { vault, clock }: TokenEndpointPorts,
): { readonly token: string; readonly seconds: number } {
  const { accessToken, expiresAt } = vault.issue(session, false);
  return { token: accessToken, seconds: Math.max(0, Math.round((expiresAt - clock.now()) / 1_000)) };
}

function given(token: string, content: Json, headers: Readonly<Record<string, string>> = {}): Processed {
  return {
    answer: jsonAnswer(200, content, headers),
    facts: { outcome: 'issued', access_token: fingerprint(token) },
  };
}

function refusal(status: number, error: string): Processed {
  return { answer: jsonAnswer(status, { error }), facts: { outcome: 'refused', error } };
}

function credentialsOf(body: string): { readonly username: string; readonly password: string } {
  try {
    const content: unknown = JSON.parse(body);
    const { username, password } = isObject(content) ? content : {};
    return { username: String(username), password: String(password) };
  } catch {
    return { username: '', password: '' };
  }
}
