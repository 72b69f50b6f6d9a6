/** Bytes in a JSON-only input: `{base64, contentType?, filename?}`. Callers of the library may also give a Uint8Array. */
import { isObject } from '../kernel/json.ts';
import { Unwritable } from './input-fault.ts';

export interface FileValue {
  readonly base64: string;
  readonly contentType?: string;
  readonly filename?: string;
}

const FILE_KEYS: ReadonlySet<string> = new Set(['base64', 'contentType', 'filename']);

/** True for an object of these keys only, all text: anything else is data that happens to have a `base64`. */
export function isFileValue(value: unknown): value is FileValue {
  if (!isObject(value) || !Object.hasOwn(value, 'base64')) return false;
  return Object.entries(value).every(([key, item]) => FILE_KEYS.has(key) && typeof item === 'string');
}

export function isBytes(value: unknown): value is FileValue | Uint8Array {
  return value instanceof Uint8Array || isFileValue(value);
}

/** @throws Unwritable where the text is not base64 (either alphabet, with or without padding) */
export function bytesOf(value: FileValue | Uint8Array): Uint8Array {
  if (value instanceof Uint8Array) return value;
  const text = value.base64.replace(/={1,2}$/, '');
  const bytes = Buffer.from(text, 'base64');
  // Buffer skips what it cannot read, which makes the result shorter than the text promises.
  if (text.length % 4 === 1 || bytes.length !== Math.floor((text.length * 3) / 4)) {
    throw new Unwritable('must hold base64 text under "base64"');
  }
  return bytes;
}
