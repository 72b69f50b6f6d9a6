/** What becomes of a failed attempt: what the record remembers, and what the caller is told. Pure. */
import type { ExchangeFailure } from '../exchange/exchange-outcome.ts';
import { EverbearerError } from '../errors.ts';
import type { RecordedFailure, RecordedFailureClass } from './token-record.ts';
import type { NewFailure } from './token-transition.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const TRANSIENT_MAX_MS = 5 * MINUTE;

/**
 * @param attempts how many have failed in a row before this one
 * @param random in [0, 1), for jitter
 */
export function recordedFailure(failure: ExchangeFailure, attempts: number, random: number): NewFailure {
  const recordedClass = classOf(failure);
  const nextMs = waitMs(recordedClass, failure, attempts, random);
  return {
    class: recordedClass,
    code: failure.error,
    ...(failure.status === undefined ? {} : { http: failure.status }),
    message: failure.message,
    ...(failure.sample === undefined ? {} : { sample: failure.sample }),
    ...(nextMs === undefined ? {} : { nextMs }),
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

/** The error for a caller whose token cannot be had because of what the record remembers. */
export function errorOf(
  subject: { readonly integration: string; readonly scheme: string },
  failure: Pick<RecordedFailure, 'class' | 'code' | 'message' | 'http' | 'sample'>,
  retryAfterMs: number | undefined,
): EverbearerError {
  const details = {
    integration: subject.integration,
    scheme: subject.scheme,
    error: failure.code,
    ...(failure.http === undefined ? {} : { status: failure.http }),
    ...(failure.sample === undefined ? {} : { sample: failure.sample }),
  };
  if (failure.class === 'credentials' || failure.class === 'configuration') {
    return new EverbearerError('token_blocked', failure.message, {
      hint: `Correct authentication.${subject.scheme} of the integration "${subject.integration}" (everbearer integrations set), or try once more with everbearer token refresh.`,
      details,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  }
  return new EverbearerError('token_unavailable', failure.message, {
    hint: 'The next attempt is made by itself as soon as the waiting time is over.',
    details,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}
