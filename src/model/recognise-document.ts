/** Telling an OpenAPI document from the other files of a directory without parsing any: one pass over the bytes, at memory speed. */
import { Buffer } from 'node:buffer';

const VERSION_FIELDS = ['openapi', 'swagger'] as const;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
/** Enough for blanks, a colon, a quote and the first digit of a version. */
const AFTER_FIELD = 64;
const JSON_VERSION = /^"\s*:\s*"?\s*[1-9]/;
const YAML_VERSION = /^["']?\s*:\s*["']?[1-9]/;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Whether the text has an `openapi` or `swagger` field with a version where a document would have it: anywhere as a key of JSON (keys come in any
 * order, so this may be a nested one), at the start of a line of YAML. A fragment that other documents include has none.
 */
export function looksLikeOpenApi(bytes: Uint8Array): boolean {
  const text = withoutMark(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const isJson = startsLikeJson(text);
  return VERSION_FIELDS.some((field) => (isJson ? hasJsonField(text, field) : hasYamlField(text, field)));
}

function withoutMark(text: Buffer): Buffer {
  return text.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK)
    ? text.subarray(BYTE_ORDER_MARK.length)
    : text;
}

function startsLikeJson(text: Buffer): boolean {
  return /^\s*\{/.test(text.toString('latin1', 0, 1024));
}

function hasJsonField(text: Buffer, field: string): boolean {
  return someHit(text, `"${field}"`, (at) => JSON_VERSION.test(ahead(text, at + field.length + 1)));
}

function hasYamlField(text: Buffer, field: string): boolean {
  return someHit(text, field, (at) => startsLine(text, at) && YAML_VERSION.test(ahead(text, at + field.length)));
}

function startsLine(text: Buffer, at: number): boolean {
  const before = text[at - 1];
  const quoted = before === 0x22 || before === 0x27;
  const start = text[quoted ? at - 2 : at - 1];
  return start === undefined || start === LINE_FEED || start === CARRIAGE_RETURN;
}

function ahead(text: Buffer, from: number): string {
  return text.toString('latin1', from, from + AFTER_FIELD);
}

function someHit(text: Buffer, word: string, isField: (at: number) => boolean): boolean {
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + word.length)) {
    if (isField(at)) return true;
  }
  return false;
}
