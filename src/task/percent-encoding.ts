/** Percent-encoding for each place of a request (RFC 3986 §2, RFC 6570 §3.2.1, RFC 6265 §4.1.1). */
import { Unwritable } from './input-fault.ts';

export type TextEncoding = (text: string) => string;

const BEYOND_UNRESERVED = /[^\w.~-]/;
const BEYOND_RESERVED = /[^\w.~\-:/?#[\]@!$&'()*+,;=]|[#&]/;
const KEPT_WITH_RESERVED = /%[0-9A-Fa-f]{2}|[\w.~\-:/?[\]@!$'()*+,;=]+/g;
const KEPT_IN_LITERAL = /%[0-9A-Fa-f]{2}|[\w.~\-:/?[\]@!$&'()*+,;=]+/g;
const BEYOND_COOKIE = /[^\w!#$&'()*+./:<=>?@[\]^`{|}~-]/;
const KEPT_IN_COOKIE = /[\w!#$&'()*+./:<=>?@[\]^`{|}~-]+/g;
const LEFT_BY_ENCODER = /[!'()*]/;
const CONTROL = /[\u0000-\u001f\u007f]/; // eslint-disable-line no-control-regex -- these are what must not pass
const DOT_SEGMENT = /(?:^|[/\\])\.{1,2}(?:[/\\]|$)/;

/** Everything but RFC 3986 unreserved characters is encoded: what OpenAPI does unless `allowReserved` says otherwise. */
export function encodeUnreserved(text: string): string {
  return BEYOND_UNRESERVED.test(text) ? encodeAll(text) : text;
}

/**
 * RFC 6570 reserved expansion (`allowReserved`): reserved characters and percent-encoded triples pass. Two reserved characters don't: `#` would cut the
 * query off and `&` would start a parameter that nobody gave.
 */
export function encodeReserved(text: string): string {
  return BEYOND_RESERVED.test(text) ? encodeBetween(text, KEPT_WITH_RESERVED) : text;
}

/** One value within a path: no control characters, and no `.` or `..` between slashes, which a server might resolve after decoding. */
export function encodePathValue(text: string): string {
  if (!BEYOND_UNRESERVED.test(text)) return text;
  refusePathText(text);
  return encodeAll(text);
}

/** As {@link encodePathValue}, with `allowReserved` (OpenAPI 3.2): `/`, `?` and `#` are encoded all the same, as path templating demands. */
export function encodeReservedPathValue(text: string): string {
  refusePathText(decodedDots(text));
  return encodeReserved(text).replaceAll('/', '%2F').replaceAll('?', '%3F');
}

/** Literal text of a path template: as written, what no URL may hold encoded. */
export function encodePathLiteral(text: string): string {
  return BEYOND_RESERVED.test(text) ? encodeBetween(text, KEPT_IN_LITERAL) : text;
}

/** A cookie value: what RFC 6265 lets stand in one stays as it is, `%` and the rest are encoded. */
export function encodeCookieValue(text: string): string {
  if (!BEYOND_COOKIE.test(text)) return text;
  refuseControl(text);
  return encodeBetween(text, KEPT_IN_COOKIE);
}

/** @throws Unwritable for CR, LF and other control characters */
export function refuseControl(text: string): void {
  if (CONTROL.test(text)) throw new Unwritable('must not hold line breaks or other control characters');
}

/** With the dots and slashes that came encoded as a server might read them. */
function decodedDots(text: string): string {
  return text.replaceAll(/%2e/gi, '.').replaceAll(/%2f/gi, '/').replaceAll(/%5c/gi, '\\');
}

function refusePathText(text: string): void {
  refuseControl(text);
  if (DOT_SEGMENT.test(text)) throw new Unwritable('must not hold the path segments "." or ".."');
}

function encodeAll(text: string): string {
  if (!text.isWellFormed()) throw new Unwritable('is no well-formed Unicode text');
  const encoded = encodeURIComponent(text);
  return LEFT_BY_ENCODER.test(encoded) ? encoded.replaceAll(/[!'()*]/g, encodeByte) : encoded;
}

/** Encodes what stands between the matches of `kept`. */
function encodeBetween(text: string, kept: RegExp): string {
  let encoded = '';
  let end = 0;
  for (const match of text.matchAll(kept)) {
    encoded += encodeAll(text.slice(end, match.index)) + match[0];
    end = match.index + match[0].length;
  }
  return encoded + encodeAll(text.slice(end));
}

function encodeByte(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
