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

/** Bytes looked through in one go: some milliseconds. */
const WINDOW_BYTES = 2 * 1024 * 1024;

/** Text that says `openapi` more often without being a document was made to waste time: the parser, which has a time limit, shall judge it. */
const MAX_HITS = 10_000;

/**
 * Whether the text has an `openapi` or `swagger` field with a version where a document would have it: anywhere as a key of JSON (keys come in any
 * order, so this may be a nested one), at the start of a line of YAML. A fragment that other documents include has none.
 * @param pause lets other work pass; awaited every 2 MiB
 */
export async function looksLikeOpenApi(bytes: Uint8Array, pause: () => Promise<void>): Promise<boolean> {
  const text = withoutMark(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const search = startsLikeJson(text) ? JSON_FIELDS : YAML_FIELDS;
  let hits = 0;
  for (let start = 0; start < text.length; start += WINDOW_BYTES) {
    for (const { word, isField } of search) {
      for (const at of occurrences(text, word, start)) {
        hits += 1;
        if (hits > MAX_HITS || isField(text, at)) return true;
      }
    }
    await pause();
  }
  return false;
}

interface FieldSearch {
  readonly word: string;
  readonly isField: (text: Buffer, at: number) => boolean;
}

const JSON_FIELDS: readonly FieldSearch[] = VERSION_FIELDS.map((field) => ({
  word: `"${field}"`,
  isField: (text, at) => JSON_VERSION.test(ahead(text, at + field.length + 1)),
}));

const YAML_FIELDS: readonly FieldSearch[] = VERSION_FIELDS.map((field) => ({
  word: field,
  isField: (text, at) => startsLine(text, at) && YAML_VERSION.test(ahead(text, at + field.length)),
}));

/** Where a word begins within a window; it may end after it. */
function* occurrences(text: Buffer, word: string, start: number): Generator<number> {
  const window = text.subarray(start, start + WINDOW_BYTES + word.length - 1);
  for (let at = window.indexOf(word); at !== -1; at = window.indexOf(word, at + 1)) yield start + at;
}

function withoutMark(text: Buffer): Buffer {
  return text.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK)
    ? text.subarray(BYTE_ORDER_MARK.length)
    : text;
}

function startsLikeJson(text: Buffer): boolean {
  return /^\s*\{/.test(text.toString('latin1', 0, 1024));
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
