/** Texts for a string schema. */
import { sample } from 'openapi-sampler';
import type { Json } from '../kernel/json.ts';
import { compilePattern } from '../task/pattern.ts';
import { fitsPlainSchema } from './plain-schema.ts';
import type { PlainSchema } from './plain-schema.ts';

// prettier-ignore
/** Tried against patterns in this order: what identifiers, codes, dates and numbers usually look like. */
const COMMON_TEXTS: readonly string[] = [
  'a', 'A', '1', '0', 'ab', 'AB', 'US', 'USD', 'abc', 'ABC', '12', '123', '1234', '12345', '123456', '1234567890', '1.0', '1.0.0',
  'a1', 'A1', 'test', 'en', 'en-US', 'example.com', 'user@example.com', 'https://example.com', '/a', '#aabbcc', '+15551234567',
  '2019-08-24', '2019-08-24T14:15:22Z', '14:15', '14:15:22', '3fa85f64-5717-4562-b3fc-2c963f66afa6', '192.168.0.1', 'P1D', '001-01',
  '0a1b2c3d4e5f60718293a4b5', '00112233445566778899aabbccddeeff', 'c2FtcGxl', '',
];

/** The sampler's own reading of a pattern takes time and space with its length and counts. */
const LONGEST_PATTERN = 300;

/** A format says the length itself; bounds beside it make the sampler complain on the console. */
const UNBOUNDED_FORMATS = new Set(['date-time', 'date', 'time']);

/** Formats of validators that the sampler does not know. */
const FORMAT_TEXTS: ReadonlyMap<unknown, string> = new Map([
  ['byte', 'c2FtcGxl'],
  ['duration', 'P1D'],
  ['url', 'https://example.com'],
  ['iri', 'https://example.com'],
]);

export function sampleString(schema: PlainSchema, direction: 'input' | 'output'): Json | undefined {
  if (isBinary(schema)) return direction === 'input' ? { base64: 'c2FtcGxl' } : 'sample';
  const candidates = [FORMAT_TEXTS.get(schema['format']), sampled(schema, false)];
  const fitting = candidates.find((text) => text !== undefined && fitsPlainSchema(text, schema)) ?? patterned(schema);
  return fitting ?? (direction === 'output' ? 'string' : undefined);
}

function patterned(schema: PlainSchema): string | undefined {
  const { pattern } = schema;
  if (typeof pattern !== 'string' || pattern.length > LONGEST_PATTERN) return undefined;
  if (compilePattern(pattern) === undefined) return undefined;
  const stretched = COMMON_TEXTS.filter((text) => text.length === 1).map((text) => stretch(text, schema['minLength']));
  const byPattern = /\d{4,}/.test(pattern) ? [] : [sampled(schema, true)];
  return [...byPattern, ...COMMON_TEXTS, ...stretched].find((text) => fitsPlainSchema(text, schema));
}

function stretch(text: string, length: unknown): string {
  return typeof length === 'number' && length <= 4_096 ? text.repeat(length) : text;
}

function sampled(schema: PlainSchema, enablePatterns: boolean): string {
  const { format, pattern, minLength, maxLength } = schema;
  const bounds = UNBOUNDED_FORMATS.has(String(format)) || Number(minLength) > 65_536 ? {} : { minLength, maxLength };
  const plain = { type: 'string', format, ...bounds, ...(enablePatterns ? { pattern } : {}) };
  try {
    return String(sample(plain as Parameters<typeof sample>[0], { quiet: true, enablePatterns }));
  } catch {
    // The sampler throws on patterns that it can't read.
    return 'string';
  }
}

/** Binary content (3.0 `format: binary`, 2.0 `type: file`): given to tasks as `{base64}`. */
export function isBinary({ type, format, contentMediaType, contentEncoding }: PlainSchema): boolean {
  if (type === 'file' || format === 'binary') return true;
  return contentMediaType === 'application/octet-stream' && contentEncoding === undefined;
}
