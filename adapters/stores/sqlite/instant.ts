/** Instants are epoch milliseconds in the program and ISO 8601 in UTC in the file. This is the border. */

/** Beyond these a Date cannot say it (ECMA-262, Time Values). */
const DATE_MAX_MS = 8.64e15;
/** Below, a number is seconds (SQLite's `unixepoch()`), above it is milliseconds. */
const SECONDS_MAX = 1e11;
const TEXT =
  /^(?<date>(?:\d{4}|[+-]\d{6})-\d\d-\d\d)(?:[T ](?<time>\d\d:\d\d(?::\d\d(?:\.\d+)?)?))?(?<zone>Z|[+-]\d\d:\d\d)?$/;

/** ISO 8601 in UTC with milliseconds; a number that is no date stays a number. */
export function instantToStored(ms: number): string | number {
  return Math.abs(ms) <= DATE_MAX_MS ? new Date(Math.round(ms)).toISOString() : ms;
}

/**
 * Reads what a person may have written: ISO 8601, SQLite's `datetime()` (without a zone it is UTC, as SQLite says), epoch seconds or milliseconds.
 * What cannot be read is long past: nothing is used, kept waiting or held back because of it. `null` is absent.
 */
export function instantFromStored(value: unknown): number | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'number') return Math.abs(value) < SECONDS_MAX ? value * 1000 : value;
  if (typeof value !== 'string') return 0;
  const { date, time, zone } = TEXT.exec(value)?.groups ?? {};
  if (date === undefined) return /^\d+$/.test(value) ? instantFromStored(Number(value)) : 0;
  const ms = Date.parse(`${date}T${time ?? '00:00'}${zone ?? 'Z'}`);
  return Number.isNaN(ms) ? 0 : ms;
}

/** The text of an instant that this program wrote. */
export function isoFromMs(ms: number): string {
  return new Date(Math.round(ms)).toISOString();
}
