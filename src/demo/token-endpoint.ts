/** The token endpoint: reads the request, decides, and says what the answer and the line of the log are. */
import { jsonAnswer } from './answer.ts';
import type { Answer } from './answer.ts';
import { decideGrant, grantNameOf, refusalStatus, tokenFields } from './authorization-server.ts';
import type { GrantOutcome } from './authorization-server.ts';
import { fingerprint } from './request-log.ts';
import type { TokenRequestEntry } from './request-log.ts';
import { answerUnderFault } from './request-under-fault.ts';
import type { Facts, Processed, TokenEndpointPorts } from './request-under-fault.ts';
import { parseTokenRequest } from './token-request.ts';
import type { MalformedRequest, RequestParts, TokenRequest } from './token-request.ts';

const NO_STORE = { 'cache-control': 'no-store', pragma: 'no-cache' };

/** @param sequence from `RequestLog.enter` */
export async function answerTokenRequest(
  parts: RequestParts,
  sequence: number,
  ports: TokenEndpointPorts,
): Promise<Answer> {
  const request = parseTokenRequest(parts, ports.behaviour().basic);
  const grant = 'malformed' in request ? undefined : grantNameOf(request);
  const work = {
    sequence,
    at: 'token',
    ...(grant === undefined ? {} : { grant }),
    description: {
      ...(parts.userAgent === undefined ? {} : { user_agent: parts.userAgent }),
      ...describe(request),
    },
    process: () => process(request, ports),
  } as const;
  return await answerUnderFault(work, ports);
}

function process(request: TokenRequest | MalformedRequest, ports: TokenEndpointPorts): Processed {
  if ('malformed' in request) return refusal('invalid_request', request.malformed, 400);
  const outcome = decideGrant(request, ports);
  if (outcome.outcome === 'issued') return issued(outcome, ports);
  const { answer, facts } = refusal(outcome.error, outcome.description, refusalStatus(outcome.error, request));
  return { answer: failedSignIn(answer, outcome, ports), facts: { ...facts, ...reuse(outcome) } };
}

type Refusal = Extract<GrantOutcome, { outcome: 'refused' }>;

/** Counts it, and lets its answer wait as the behaviour wants; any other answer leaves as it is. */
export function failedSignIn(
  answer: Answer,
  { wrongCredentials, lockedOut }: Pick<Refusal, 'wrongCredentials' | 'lockedOut'>,
  { log, behaviour }: TokenEndpointPorts,
): Answer {
  if (wrongCredentials) log.count('wrongCredentials');
  if (lockedOut) log.count('lockedOut');
  if (!wrongCredentials && !lockedOut) return answer;
  const { failedSignInDelayMs: delayMs } = behaviour();
  return { ...answer, delivery: delayMs === null ? { kind: 'never' } : { kind: 'whole', delayMs } };
}

function issued(
  { tokens, session }: Extract<GrantOutcome, { outcome: 'issued' }>,
  ports: TokenEndpointPorts,
): Processed {
  const { behaviour, clock, vault, log } = ports;
  const { tokenHeader, maxSessions } = behaviour();
  if (maxSessions !== null) log.noteSessions(vault.countActive(session));
  const headers = { ...NO_STORE, ...(tokenHeader === null ? {} : { [tokenHeader]: tokens.accessToken }) };
  const { accessToken, refreshToken } = tokens;
  return {
    answer: jsonAnswer(200, tokenFields(tokens, behaviour(), clock.now()), headers),
    facts: {
      outcome: 'issued',
      access_token: fingerprint(accessToken),
      ...(refreshToken === undefined || refreshToken === '' ? {} : { refresh_token: fingerprint(refreshToken) }),
    },
  };
}

function refusal(error: string, description: string, status: 400 | 401): Processed {
  const challenge = status === 401 ? { 'www-authenticate': 'Basic realm="demo"' } : {};
  const answer = jsonAnswer(status, { error, error_description: description }, { ...NO_STORE, ...challenge });
  return { answer, facts: { outcome: 'refused', error } };
}

function reuse({ replayed, familyRevoked }: Refusal): Partial<Facts> {
  return replayed ? { replayed, family_revoked: familyRevoked } : {};
}

/** What the log shows as it was sent. */
const SHOWN = ['username', 'scope', 'resource', 'audience'] as const;

/** Secrets stay out, refresh tokens go in as fingerprints. */
function describe(request: TokenRequest | MalformedRequest): Partial<TokenRequestEntry> {
  if ('malformed' in request) return {};
  const { parameters } = request;
  const { grant_type, refresh_token } = parameters;
  const client = request.client?.readings[0]?.client_id;
  return {
    ...(grant_type === undefined ? {} : { grant: grant_type }),
    ...(client === undefined ? {} : { client_id: client }),
    ...Object.fromEntries(SHOWN.flatMap((name) => (parameters[name] === undefined ? [] : [[name, parameters[name]]]))),
    ...(refresh_token === undefined ? {} : { presented: fingerprint(refresh_token) }),
  };
}
