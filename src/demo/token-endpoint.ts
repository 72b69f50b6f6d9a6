/** The token endpoint: reads the request, lets a scripted fault meet it, decides, and writes the log. */
import type { Clock } from '../kernel/clock.ts';
import { emptyAnswer, jsonAnswer } from './answer.ts';
import type { Answer } from './answer.ts';
import { decideGrant, grantNameOf, refusalStatus, tokenFields } from './authorization-server.ts';
import type { AuthorizationServerPorts, GrantOutcome } from './authorization-server.ts';
import type { FaultScript } from './fault-script.ts';
import { isProcessed, spoilAnswer } from './fault.ts';
import type { Fault } from './fault.ts';
import type { HoldGate } from './hold-gate.ts';
import { fingerprint } from './request-log.ts';
import type { RequestLog, TokenRequestEntry } from './request-log.ts';
import { parseTokenRequest } from './token-request.ts';
import type { MalformedRequest, RequestParts, TokenRequest } from './token-request.ts';

export interface TokenEndpointPorts extends AuthorizationServerPorts {
  readonly clock: Clock;
  readonly script: FaultScript;
  readonly gate: HoldGate;
  readonly log: RequestLog;
}

type Facts = Pick<
  TokenRequestEntry,
  'outcome' | 'error' | 'access_token' | 'refresh_token' | 'replayed' | 'family_revoked'
>;

const NO_STORE = { 'cache-control': 'no-store', pragma: 'no-cache' };

/** @param sequence from `RequestLog.enter` */
export async function answerTokenRequest(
  parts: RequestParts,
  sequence: number,
  ports: TokenEndpointPorts,
): Promise<Answer> {
  const request = parseTokenRequest(parts, ports.behaviour().basic);
  const grant = 'malformed' in request ? undefined : grantNameOf(request);
  const fault = ports.script.take('token', grant);
  if (fault?.name === 'hold' && !isProcessed(fault)) await ports.gate.wait();
  const { tokenDelayMs } = ports.behaviour();
  if (tokenDelayMs > 0) await ports.clock.sleep(tokenDelayMs);
  const { answer, facts } = isMet(fault) ? NOT_PROCESSED : process(request, ports);
  const sent = fault === undefined || isHeldBefore(fault) ? answer : spoilAnswer(answer, fault, ports.clock.now());
  ports.log.record(
    { sequence, at: ports.clock.now(), ...describe(request), ...facts, status: sent.status, ...named(fault) },
    grant,
  );
  return sent;
}

const NOT_PROCESSED: { readonly answer: Answer; readonly facts: Facts } = {
  answer: emptyAnswer(200),
  facts: { outcome: 'fault' },
};

/** Whether the fault stands before the endpoint, so that the request has no effect. */
function isMet(fault: Fault | undefined): fault is Fault {
  return fault !== undefined && !isProcessed(fault) && !isHeldBefore(fault);
}

function isHeldBefore(fault: Fault): boolean {
  return fault.name === 'hold' && !isProcessed(fault);
}

function process(
  request: TokenRequest | MalformedRequest,
  ports: TokenEndpointPorts,
): { readonly answer: Answer; readonly facts: Facts } {
  if ('malformed' in request) return refusal('invalid_request', request.malformed, 400);
  const outcome = decideGrant(request, ports);
  if (outcome.outcome === 'issued') return issued(outcome, ports);
  if (outcome.wrongCredentials) ports.log.count('wrongCredentials');
  if (outcome.lockedOut) ports.log.count('lockedOut');
  const { answer, facts } = refusal(outcome.error, outcome.description, refusalStatus(outcome.error, request));
  return { answer, facts: { ...facts, ...reuse(outcome) } };
}

function issued(
  { tokens }: Extract<GrantOutcome, { outcome: 'issued' }>,
  { behaviour, clock }: TokenEndpointPorts,
): { readonly answer: Answer; readonly facts: Facts } {
  const { tokenHeader } = behaviour();
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

function refusal(
  error: string,
  description: string,
  status: 400 | 401,
): { readonly answer: Answer; readonly facts: Facts } {
  const challenge = status === 401 ? { 'www-authenticate': 'Basic realm="demo"' } : {};
  const answer = jsonAnswer(status, { error, error_description: description }, { ...NO_STORE, ...challenge });
  return { answer, facts: { outcome: 'refused', error } };
}

function reuse({ replayed, familyRevoked }: Extract<GrantOutcome, { outcome: 'refused' }>): Partial<Facts> {
  return replayed ? { replayed, family_revoked: familyRevoked } : {};
}

function named(fault: Fault | undefined): Pick<TokenRequestEntry, 'fault'> {
  return fault === undefined ? {} : { fault: fault.name };
}

/** Secrets stay out, refresh tokens go in as fingerprints. */
function describe(request: TokenRequest | MalformedRequest): Partial<TokenRequestEntry> {
  if ('malformed' in request) return {};
  const { grant_type, username, refresh_token } = request.parameters;
  const client = request.client?.readings[0]?.client_id;
  return {
    ...(grant_type === undefined ? {} : { grant: grant_type }),
    ...(client === undefined ? {} : { client_id: client }),
    ...(username === undefined ? {} : { username }),
    ...(refresh_token === undefined ? {} : { presented: fingerprint(refresh_token) }),
  };
}
