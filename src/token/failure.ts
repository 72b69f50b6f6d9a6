/** What becomes of a failed attempt: what the record remembers, and what the caller is told. Pure but for chance, which comes in. */
import { EverbearerError } from '../errors.ts';
import type { ExchangeFailure } from '../exchange/exchange-outcome.ts';
import type { AttemptPlan } from './attempt-plan.ts';
import type { CredentialBar } from './credential-record.ts';
import type { RecordedFailure, RecordedFailureClass } from './token-record.ts';
import type { NewFailure } from './token-transition.ts';

/** A failure as the record remembers it, and what of it only the caller is told. */
export interface Failed {
  readonly recorded: NewFailure;
  /** The request would have gone where it may not: the origin. */
  readonly egress?: string;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const TRANSIENT_MAX_MS = 5 * MINUTE;

/** @param tools.random in [0, 1), for jitter */
export function failedAttempt(
  failure: ExchangeFailure,
  { seen, configuration }: Pick<AttemptPlan, 'seen' | 'configuration'>,
  { random }: { readonly random: () => number },
): Failed {
  const recordedClass = classOf(failure);
  const attempts = seen.fail?.[configuration.cfgFp]?.n ?? 0;
  const nextMs = waitMs(recordedClass, failure, attempts, random());
  return {
    recorded: {
      class: recordedClass,
      code: failure.error,
      ...(failure.status === undefined ? {} : { http: failure.status }),
      ...(failure.contentType === undefined ? {} : { content_type: failure.contentType }),
      message: failure.message,
      ...(failure.sample === undefined ? {} : { sample: failure.sample }),
      ...(nextMs === undefined ? {} : { nextMs }),
    },
    ...(failure.class === 'egress' ? { egress: failure.origin } : {}),
  };
}

function classOf(failure: ExchangeFailure): RecordedFailureClass {
  switch (failure.class) {
    case 'credentials':
    case 'refresh_token':
      return 'credentials';
    case 'configuration':
    case 'egress':
      return 'configuration';
    case 'transient':
      return 'transient';
    case 'in_doubt':
      return 'in_doubt';
  }
}

/** A refused password is not tried again; a fault of the configuration is probed slowly; the rest backs off with full jitter. */
function waitMs(
  recordedClass: RecordedFailureClass,
  failure: ExchangeFailure,
  attempts: number,
  random: number,
): number | undefined {
  if (recordedClass === 'credentials') return undefined;
  if (recordedClass === 'configuration') return Math.min(HOUR, 5 * MINUTE * 2 ** Math.min(attempts, 10));
  const backoff = Math.ceil(random * Math.min(TRANSIENT_MAX_MS, SECOND * 2 ** Math.min(attempts, 20)));
  return Math.max(Math.min(failure.retryAfterMs ?? 0, HOUR), backoff);
}

/** How long the guard's word is kept in a token's record. It has the say: asking it again sends nothing, and what it knows may have changed since. */
const GUARD_ASKED_AGAIN_MS = 15 * MINUTE;

/** The credential guard did not let the credentials through. */
export function failureOfBar(
  { integration, scheme }: { readonly integration: string; readonly scheme: string },
  bar: Exclude<CredentialBar, { readonly kind: 'busy' }>,
  now: number,
): Failed {
  if (bar.kind === 'refused') {
    const { code, message, http } = bar.refusal;
    const status = http === undefined ? {} : { http };
    return { recorded: { class: 'credentials', code, message, ...status, nextMs: GUARD_ASKED_AGAIN_MS } };
  }
  const nextMs = bar.nextAt === undefined ? GUARD_ASKED_AGAIN_MS : Math.max(0, bar.nextAt - now);
  const message = `The provider did not answer the last sign-ins of "${integration}" (${scheme}), so the credentials are not sent again${
    bar.nextAt === undefined ? ' until they are edited' : ' for now'
  }: it may count them as wrong.`;
  return { recorded: { class: 'credentials', code: 'unanswered', message, nextMs } };
}

/** Who the error is about. */
export interface FailureSubject {
  readonly integration: string;
  readonly scheme: string;
}

/** The error for a caller whose attempt failed just now. */
export function errorOfAttempt(subject: FailureSubject, { recorded, egress }: Failed): EverbearerError {
  if (egress !== undefined)
    return new EverbearerError('egress_refused', recorded.message, { details: { origin: egress } });
  return errorOf(subject, recorded, recorded.nextMs);
}

/** The error for a caller whose token cannot be had because of what the record remembers. */
export function errorOf(
  subject: FailureSubject,
  failure: Pick<RecordedFailure, 'class' | 'code' | 'message' | 'http' | 'content_type' | 'sample'>,
  retryAfterMs: number | undefined,
): EverbearerError {
  const details = {
    integration: subject.integration,
    scheme: subject.scheme,
    error: failure.code,
    ...(failure.http === undefined ? {} : { status: failure.http }),
    ...(failure.content_type === undefined ? {} : { content_type: failure.content_type }),
    ...(failure.sample === undefined ? {} : { sample: failure.sample }),
  };
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (failure.class === 'credentials' || failure.class === 'configuration') {
    return new EverbearerError('token_blocked', failure.message, {
      hint: `Correct authentication.${subject.scheme} of the integration "${subject.integration}" (everbearer integrations set), or try once more with everbearer token refresh.`,
      details,
      ...wait,
    });
  }
  return new EverbearerError('token_unavailable', failure.message, {
    hint: 'The next attempt is made by itself as soon as the waiting time is over.',
    details,
    ...wait,
  });
}

/** There is nothing that may be presented: no refresh token that is good, and no credentials for a first token. */
export function needsReauthorization(
  { integration, scheme, missing }: FailureSubject & { readonly missing: readonly string[] },
  hasRefreshToken: boolean,
): EverbearerError {
  const lacks =
    missing.length === 0
      ? 'there are no other credentials'
      : `${missing.join(', ')} of authentication.${scheme} is not set`;
  const message = hasRefreshToken
    ? `The refresh token of "${integration}" cannot be used any more, and ${lacks}.`
    : `"${integration}" holds no token for ${scheme}, and ${lacks}.`;
  return new EverbearerError('token_blocked', message, {
    hint: `Set what is missing (everbearer integrations set ${integration}), or give a new token: everbearer token set ${integration}.`,
    details: { integration, scheme, error: 'needs_reauthorization' },
  });
}
