/**
 * Sending a task's request until the API takes the token: once as a rule, once more where the token was refused and another one can be had
 * (token-lifecycle §3.9). What comes next is decided in `next-step.ts`; this is the shell around it.
 */
import { EverbearerError } from '../errors.ts';
import { credentialsFor, type Credentials, type CredentialsPorts } from '../integration/credentials.ts';
import type { OpenIntegration } from '../integration/open-integration.ts';
import type { ChosenServer } from '../integration/server-choice.ts';
import { BoundedCache } from '../kernel/bounded-cache.ts';
import type { Clock } from '../kernel/clock.ts';
import type { HttpClient, HttpLimits, HttpResponse } from '../kernel/http-client.ts';
import type { HeldToken } from '../token/held-token.ts';
import type { BuiltRequest } from './build-request.ts';
import { decideNextStep, type AnswerReason, type NextStep } from './next-step.ts';
import { refusesToken } from './token-refusal.ts';
import { withCredentials } from './with-credentials.ts';
import { createYoungTokens } from './young-tokens.ts';

/** A request with what it needs to be sent, and to be sent again. */
export interface PreparedRequest {
  readonly integration: OpenIntegration;
  readonly schemes: readonly string[];
  readonly server: ChosenServer;
  readonly request: BuiltRequest;
  /** Checked just now. */
  readonly credentials: Credentials;
}

/** One sending, for whoever tells the story: a span, a metric. */
export interface Sending {
  readonly status: number;
  /** The tokens that it carried; `version` is the one of the token's events. */
  readonly tokens: readonly { readonly scheme: string; readonly version: number }[];
}

export interface Delivery {
  /** The API's last answer. */
  readonly response: HttpResponse;
  /** Why it is the last. */
  readonly because: AnswerReason;
  /** What the last sending carried. */
  readonly tokens: Credentials['tokens'];
  /** Every sending in order: at least one, at most three. */
  readonly sendings: readonly Sending[];
  /** Why no other token could be had. */
  readonly obstacle?: EverbearerError;
}

export interface SendingPorts extends CredentialsPorts {
  readonly http: HttpClient;
  readonly clock: Clock;
}

/** @throws HttpFailure where a sending has no answer; the signal's reason where the caller gave up */
export type SendRequest = (prepared: PreparedRequest, signal?: AbortSignal) => Promise<Delivery>;

interface Sent {
  readonly response: HttpResponse;
  readonly tokens: Credentials['tokens'];
  readonly refused: boolean;
}

/** One call on its way. */
interface Course {
  readonly prepared: PreparedRequest;
  readonly signal: AbortSignal | undefined;
  readonly mayResend: boolean;
  /** Grows with each sending. */
  readonly sent: Sent[];
  /** Refused tokens that no other call of this process had had refused. */
  readonly firstRefusals: HeldToken[];
}

/** Why a call ends before anything else is sent. */
type Ending = Pick<Delivery, 'because' | 'obstacle'>;

/** How many refused tokens a process remembers. */
const REFUSED_KEPT = 1_000;

export function createRequestSender(ports: SendingPorts, limits: HttpLimits): SendRequest {
  const { clock, http, manager } = ports;
  const young = createYoungTokens(clock);
  const refusedBefore = new BoundedCache<string, true>({ maxEntries: REFUSED_KEPT });

  async function sendRequest(prepared: PreparedRequest, signal?: AbortSignal): Promise<Delivery> {
    const mayResend = isResendable(prepared);
    const course: Course = { prepared, signal, mayResend, sent: [], firstRefusals: [] };
    let { credentials } = prepared;
    for (;;) {
      const sent = await sendWith(course, credentials);
      const next = decideNextStep(answered(course, sent));
      if (next.step === 'answer') return delivery(course, sent, next);
      const other = await following(course, sent, next);
      if ('because' in other) return delivery(course, sent, other);
      credentials = other;
    }
  }

  async function sendWith(course: Course, credentials: Credentials): Promise<Sent> {
    const { prepared, signal } = course;
    const { request, server, integration } = prepared;
    const { url, headers } = withCredentials(request, credentials);
    const { method, body } = request;
    const { destination } = server;
    const resendCount = course.sent.length;
    const response = await http.request({ method, url, headers, body, destination, limits, signal, resendCount });
    const refused = await refusesToken(response, integration.content.settings.expirySigns);
    const sent: Sent = { response, tokens: credentials.tokens, refused };
    course.sent.push(sent);
    if (refused) noteRefusal(course, sent);
    else if (isSuccess(response)) noteSuccess(course, sent);
    return sent;
  }

  function answered({ prepared, sent, mayResend }: Course, last: Sent): Parameters<typeof decideNextStep>[0] {
    const excuses = sent.length === 1 && last.refused ? last.tokens.map(({ token }) => young.excuseMs(token)) : [];
    return {
      refused: last.refused,
      carriesToken: last.tokens.length > 0,
      isOther: areOthers(last.tokens, prepared.credentials.tokens),
      excuseMs: Math.max(0, ...excuses),
      mayResend,
    };
  }

  /** What the next sending carries, or why there is none. */
  async function following(
    course: Course,
    sent: Sent,
    next: Exclude<NextStep, { readonly step: 'answer' }>,
  ): Promise<Credentials | Ending> {
    try {
      return next.step === 'repeat' ? await onceMore(course, sent, next.afterMs) : await inPlaceOf(course, sent);
    } catch (error) {
      if (error instanceof EverbearerError) return { because: 'no_other_token', obstacle: error };
      throw error;
    }
  }

  /** What is in force after a pause: the same token as a rule. No pause where there is another one already. */
  async function onceMore(course: Course, { tokens }: Sent, afterMs: number): Promise<Credentials> {
    const inForce = await credentialsOf(course);
    if (areOthers(inForce.tokens, tokens)) return inForce;
    await clock.sleep(afterMs, course.signal);
    return await credentialsOf(course);
  }

  /** Another token: adopted where the store has one, renewed where it hasn't. */
  async function inPlaceOf(course: Course, { tokens, response }: Sent): Promise<Credentials | Ending> {
    for (const { token } of tokens) young.settle(token);
    const other = await credentialsOf(course, { tokens, status: response.status });
    if (!areOthers(other.tokens, tokens)) return { because: 'no_other_token' };
    return course.mayResend ? other : { because: 'not_resent' };
  }

  async function credentialsOf(
    { prepared, signal }: Course,
    rejected?: { readonly tokens: Credentials['tokens']; readonly status: number },
  ): Promise<Credentials> {
    return await credentialsFor(ports, prepared.integration, prepared.schemes, {
      ...(rejected === undefined ? {} : { rejected }),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  function noteRefusal({ firstRefusals }: Course, { tokens }: Sent): void {
    for (const { token } of tokens) {
      if (refusedBefore.find(token.id) === undefined) firstRefusals.push(token);
      refusedBefore.set(token.id, true);
    }
  }

  function noteSuccess({ prepared, firstRefusals }: Course, { tokens }: Sent): void {
    for (const { scheme, token } of tokens) {
      young.settle(token);
      const endedOther = firstRefusals.some((refused) => isEndedByRenewal(refused, token, clock.now()));
      if (!token.contested && !endedOther) continue;
      const configuration = prepared.integration.tokenConfiguration(scheme);
      manager.observe(configuration, token, endedOther ? 'revoked-by-renewal' : 'accepted');
    }
  }

  return sendRequest;
}

function delivery({ sent }: Course, { response, tokens }: Sent, { because, obstacle }: Ending): Delivery {
  return {
    response,
    because,
    tokens,
    sendings: sent.map((each) => ({
      status: each.response.status,
      tokens: each.tokens.map(({ scheme, token }) => ({ scheme, version: token.version })),
    })),
    ...(obstacle === undefined ? {} : { obstacle }),
  };
}

/** A 401 means that the server did nothing, so a write may be sent again too, unless the integration says otherwise. */
function isResendable({ integration, request }: PreparedRequest): boolean {
  const isWrite = request.method === 'POST' || request.method === 'PATCH';
  return request.replayable && (!isWrite || integration.content.settings.resendWrites !== false);
}

/** Whether any of them is another one than before. */
function areOthers(tokens: Credentials['tokens'], before: Credentials['tokens']): boolean {
  return tokens.some(({ token }) => !before.some((each) => each.token.id === token.id));
}

/**
 * Whether a refused token that should have lived on was ended by the ordinary renewal that brought its successor (F21). A successor whose record remembers
 * a refusal came because of that refusal, and one by hand says nothing of renewals.
 */
function isEndedByRenewal(refused: HeldToken, successor: HeldToken, now: number): boolean {
  return (
    refused.recordId === successor.recordId &&
    refused.id !== successor.id &&
    refused.expiresAt !== null &&
    now < refused.expiresAt &&
    !successor.contested &&
    successor.obtainedBy !== 'manual'
  );
}

function isSuccess({ status }: HttpResponse): boolean {
  return status >= 200 && status <= 299;
}
