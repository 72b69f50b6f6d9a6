/** `Retry-After` (RFC 9110 §10.2.3): seconds or a date. */
import { DateTime } from 'luxon';
import { firstHeader, type Answer } from './answer.ts';

const MAX_MS = 3_600_000;

/**
 * Milliseconds to wait, at most an hour; `undefined` where the answer does not say.
 * @param now epoch ms; a date is compared with the answer's own `Date` where there is one, so that a wrong clock of ours does no harm
 */
export function retryAfterMs(headers: Answer['headers'], now: number): number | undefined {
  const value = firstHeader(headers, 'retry-after');
  if (value === undefined) return undefined;
  if (/^\d{1,15}$/.test(value)) return Math.min(MAX_MS, Number(value) * 1_000);
  const at = httpDateMs(value);
  return at === undefined ? undefined : Math.min(MAX_MS, Math.max(0, at - (dateOf(headers) ?? now)));
}

/** The answer's own clock: its `Date` header, epoch ms. */
export function dateOf(headers: Answer['headers']): number | undefined {
  const value = firstHeader(headers, 'date');
  return value === undefined ? undefined : httpDateMs(value);
}

/** An HTTP date (RFC 9110 §5.6.7) or RFC 2822 one, epoch ms. */
export function httpDateMs(text: string): number | undefined {
  const parsed = [DateTime.fromHTTP(text), DateTime.fromRFC2822(text)].find((date) => date.isValid);
  return parsed?.toMillis();
}
