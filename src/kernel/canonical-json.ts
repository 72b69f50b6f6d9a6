/** JSON text that is equal for equal values: keys sorted, no white space. For fingerprints and comparisons. */
import { isObject } from './json.ts';

export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    isObject(inner) ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}
