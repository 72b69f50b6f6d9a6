/** Findings point to what is really in the document, also where a part was upgraded from 2.0 or a `$ref` is written with percent signs. */
import { formatPointer, parsePointer, valueAt } from '../kernel/json-pointer.ts';

/** The pointer, or that of the nearest thing around it. */
export function nearestPointer(document: unknown, pointer: string): string {
  if (valueAt(document, pointer) !== undefined) return pointer;
  const segments = parsePointer(pointer) ?? [];
  for (let length = segments.length - 1; length > 0; length -= 1) {
    const shorter = formatPointer(segments.slice(0, length));
    if (valueAt(document, shorter) !== undefined) return shorter;
  }
  return '';
}
