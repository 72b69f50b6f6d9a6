/** Absolute instants as token answers write them: epoch seconds or milliseconds, ISO 8601, RFC 1123, or a format of the document's. */
import { DateTime } from 'luxon';
import { httpDateMs } from './retry-after.ts';

export interface ReadInstant {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly note?: string;
}

/** A number, also where it came as text (Azure v1, PayPal: F13). Trailing text (`3600s`) makes it none. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  return typeof value === 'string' && /^[+-]?\d{1,20}(?:\.\d{1,9})?$/.test(value.trim()) ? Number(value) : undefined;
}

/** A number that can only be an epoch: as a lifetime in seconds it would be more than 31 years (F15). Milliseconds, else `undefined`. */
export function epochMs(value: number): number | undefined {
  if (value >= 1e9 && value <= 4e9) return value * 1_000;
  return value >= 1e12 && value <= 4e12 ? value : undefined;
}

/**
 * @param format `iso`, `epoch`, `epoch_ms`, `rfc1123` or a Luxon format; absent: whatever it looks like
 * @param zone of a text that names none. Default UTC, and then noted
 */
export function readInstant(value: unknown, format?: string, zone?: string): ReadInstant | undefined {
  const number = numberOf(value);
  if (format === 'epoch' || format === 'epoch_ms') {
    return number === undefined ? undefined : { at: format === 'epoch' ? number * 1_000 : number };
  }
  if (typeof value === 'string' && format !== undefined && format !== 'iso' && format !== 'rfc1123') {
    return fromLuxon(DateTime.fromFormat(value.trim(), format, { zone: zone ?? 'utc', locale: 'en-US' }));
  }
  if (number !== undefined) return format === undefined ? fromEpoch(number) : undefined;
  return typeof value === 'string' ? readText(value.trim(), format, zone) : undefined;
}

function fromEpoch(number: number): ReadInstant | undefined {
  const at = epochMs(number);
  return at === undefined ? undefined : { at };
}

function readText(text: string, format: string | undefined, zone: string | undefined): ReadInstant | undefined {
  const http = format === 'iso' ? undefined : httpDateMs(text);
  if (http !== undefined) return { at: http };
  if (format === 'rfc1123') return undefined;
  const options = { zone: zone ?? 'utc' };
  const read = fromLuxon(
    [DateTime.fromISO(text, options), DateTime.fromSQL(text, options)].find((date) => date.isValid),
  );
  const zoned = zone !== undefined || /(?:z|[+-]\d{2}(?::?\d{2})?)$/i.test(text.replace(/^\d{4}-\d{2}-\d{2}/, ''));
  return read === undefined || zoned ? read : { ...read, note: 'it names no time zone and was read as UTC' };
}

function fromLuxon(date: DateTime | undefined): ReadInstant | undefined {
  return date?.isValid === true ? { at: date.toMillis() } : undefined;
}

/** The next time that a clock in that zone shows `time` (`HH:mm`), daylight saving included. `undefined` for a time or zone that does not exist. */
export function nextTimeOfDay(time: string, zone: string, after: number): number | undefined {
  const [, hour, minute] = /^(\d{2}):(\d{2})$/.exec(time) ?? [];
  const local = DateTime.fromMillis(after, { zone });
  if (hour === undefined || minute === undefined || !local.isValid) return undefined;
  const clock = { hour: Number(hour), minute: Number(minute), second: 0, millisecond: 0 };
  const today = local.set(clock);
  return (today.toMillis() > after ? today : local.plus({ days: 1 }).set(clock)).toMillis();
}
