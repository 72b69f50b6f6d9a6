/** What a template can do to a value. A new filter is one function and one row. */
import { DateTime, IANAZone } from 'luxon';
import { EverbearerError } from '../errors.ts';
import { parseDurationMs } from './duration.ts';
import { escapeXml } from './redact.ts';

/** Gets the value and the filter's arguments, none of them missing. @throws EverbearerError `configuration_missing` for what it can't take */
export type TemplateFilter = (value: unknown, args: readonly unknown[]) => unknown;
export type FilterTable = Readonly<Record<string, TemplateFilter>>;

/** Filters that need nothing but the value. `default` stands in the renderer: it alone sees missing values. */
export const TEMPLATE_FILTERS: FilterTable = {
  append: (value, [suffix]) => asText(value) + asText(suffix),
  base64: (value) => Buffer.from(asText(value), 'utf8').toString('base64'),
  base64url: (value) => Buffer.from(asText(value), 'utf8').toString('base64url'),
  date: (value, [format, zone]) => formatDate(asInstant(value, 'date'), format, zone),
  epoch: (value) => Math.floor(asInstant(value, 'epoch') / 1_000),
  join: (value, [separator]) =>
    Array.isArray(value) ? value.map(asText).join(separator === undefined ? ' ' : asText(separator)) : asText(value),
  json: (value) => JSON.stringify(value),
  lower: (value) => asText(value).toLowerCase(),
  plus: (value, [duration]) => asInstant(value, 'plus') + asDuration(duration),
  prepend: (value, [prefix]) => asText(prefix) + asText(value),
  trim: (value) => asText(value).trim(),
  upper: (value) => asText(value).toUpperCase(),
  urlencode: (value) => encodeURIComponent(asText(value).toWellFormed()),
  xml: (value) => escapeXml(asText(value)),
};

/** A value as it stands in text. @throws EverbearerError `configuration_missing` for a list or an object */
export function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw unfit('A list or an object stands where text is needed', 'Add "| json" or, for a list, "| join(\' \')".');
}

function asInstant(value: unknown, filter: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw unfit(`The filter "${filter}" got something else than an instant`, 'It takes "now", in epoch milliseconds.');
}

function asDuration(value: unknown): number {
  const ms = typeof value === 'string' ? parseDurationMs(value) : undefined;
  if (ms === undefined)
    throw unfit('The filter "plus" got no duration', "Write it like plus('7d'); units: ms, s, m, h, d.");
  return ms;
}

function formatDate(instant: number, format: unknown, zone: unknown): string {
  const zoneName = zone === undefined ? 'UTC' : asText(zone);
  if (!IANAZone.isValidZone(zoneName)) {
    throw unfit('The filter "date" got an unknown time zone', "Use an IANA name such as 'Europe/Oslo'.");
  }
  const local = DateTime.fromMillis(instant, { zone: zoneName, locale: 'en-US' });
  if (format === undefined || format === 'iso') return local.toISO({ suppressMilliseconds: true }) ?? '';
  return local.toFormat(asText(format));
}

function unfit(what: string, hint: string): EverbearerError {
  return new EverbearerError('configuration_missing', `${what}.`, { hint });
}
