/** Which header fields a task's input may set, and what may stand in one (RFC 9110 §5). */
import { Unwritable } from './input-fault.ts';

/** The HTTP client's own: they frame the message or belong to one connection. */
const CONNECTION_FIELDS: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Header parameters of these names are ignored by OpenAPI (Parameter Object, `name`): media types and security say the same. Here their definition is:
 * none is ever demanded or checked. A value that is given all the same is used: `Accept` in place of ours, `Content-Type` as `contentType`, and
 * `Authorization` only where the operation declares it, for documents that describe their credentials in no other way.
 */
const DESCRIBED_ELSEWHERE: ReadonlySet<string> = new Set(['accept', 'content-type', 'authorization']);

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const HIGHEST_BYTE = 0xff;
const DELETE = 0x7f;
const FIRST_PRINTABLE = 0x20;
const TAB = 0x09;

/** Whether the HTTP client alone sets this field. @param name lower case */
export function isConnectionField(name: string): boolean {
  return CONNECTION_FIELDS.has(name);
}

/** Whether OpenAPI ignores the definition of a header parameter of this name. @param name lower case */
export function isDescribedElsewhere(name: string): boolean {
  return DESCRIBED_ELSEWHERE.has(name);
}

/** Whether it can be the name of a header field or cookie, or a method: a token of RFC 9110 §5.6.2. */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** The text itself, as the value of a header field. @throws Unwritable for line breaks, other control characters and what is not Latin-1 */
export function headerText(text: string): string {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code >= FIRST_PRINTABLE && code < DELETE) continue;
    if (code > HIGHEST_BYTE) throw new Unwritable('must hold Latin-1 characters only: it is sent in a header');
    if (code === DELETE || (code < FIRST_PRINTABLE && code !== TAB)) {
      throw new Unwritable('must not hold line breaks or other control characters');
    }
  }
  return text;
}

/** The text itself, as a cookie value that is not encoded (OpenAPI 3.2 style `cookie`). @throws Unwritable as {@link headerText}, and for `;` */
export function cookieText(text: string): string {
  if (text.includes(';')) throw new Unwritable('must not hold a semicolon: it would end the cookie');
  return headerText(text);
}
