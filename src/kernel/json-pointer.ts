/** JSON Pointer, RFC 6901. */
import { own } from './json.ts';

/** `['paths', '/a']` → `/paths/~1a`. The whole document is the empty string. */
export function formatPointer(segments: readonly (string | number)[]): string {
  return segments.map((segment) => `/${String(segment).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** `/paths/~1a` → `['paths', '/a']`; `undefined` for text that is no pointer. */
export function parsePointer(pointer: string): readonly string[] | undefined {
  if (pointer === '') return [];
  if (!pointer.startsWith('/')) return undefined;
  return pointer
    .slice(1)
    .split('/')
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The value at a pointer, by own keys and array indexes only; `undefined` where there is none. */
export function valueAt(document: unknown, pointer: string): unknown {
  const segments = parsePointer(pointer);
  if (segments === undefined) return undefined;
  let value: unknown = document;
  for (const segment of segments) {
    if (Array.isArray(value) && !/^(?:0|[1-9]\d*)$/.test(segment)) return undefined;
    value = own(value, segment);
    if (value === undefined) return undefined;
  }
  return value;
}
