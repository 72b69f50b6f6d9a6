/** Local references: look-ups by JSON Pointer within one document. Nothing outside the document is ever read. */
import { isObject, own } from '../kernel/json.ts';
import { valueAt } from '../kernel/json-pointer.ts';
import { isExternal } from './document-survey.ts';

/** References followed one after the other before giving up; a circle ends here too. */
const MAX_HOPS = 8;

/** Why a `$ref` has no value: it leads out of the document, or nowhere (also: in circles, to an anchor, to the whole document). */
export type BrokenReference = 'external' | 'dangling';

export type Resolved =
  | {
      readonly outcome: 'found';
      /** Never an object with a `$ref`. */
      readonly value: unknown;
      /** Where the value stands in the document. */
      readonly pointer: string;
    }
  | { readonly outcome: BrokenReference; readonly reference: string; readonly pointer: string };

export interface References {
  /** The value itself, or what its `$ref` leads to. */
  resolve(value: unknown, pointer: string): Resolved;
  /** The target of one `$ref`, which may be a reference again. */
  target(reference: string): { readonly value: unknown } | BrokenReference;
}

export function createReferences(document: unknown): References {
  const targets = new Map<string, { readonly value: unknown } | BrokenReference>();
  const target: References['target'] = (reference) => {
    const known = targets.get(reference);
    if (known !== undefined) return known;
    const found = findTarget(document, reference);
    targets.set(reference, found);
    return found;
  };
  return { target, resolve: (value, pointer) => follow(value, pointer, target) };
}

/** The `$ref` of an object, where it is a text. A property that is *named* `$ref` is an object and no reference. */
export function referenceOf(value: unknown): string | undefined {
  const reference = isObject(value) ? own(value, '$ref') : undefined;
  return typeof reference === 'string' ? reference : undefined;
}

function follow(value: unknown, pointer: string, target: References['target']): Resolved {
  let current = { value, pointer };
  for (let hops = 0; ; hops += 1) {
    const reference = referenceOf(current.value);
    if (reference === undefined) return { outcome: 'found', ...current };
    const next = hops === MAX_HOPS ? 'dangling' : target(reference);
    if (typeof next === 'string') return { outcome: next, reference, pointer };
    current = { value: next.value, pointer: decoded(reference.slice(1)) };
  }
}

function findTarget(document: unknown, reference: string): { readonly value: unknown } | BrokenReference {
  if (isExternal(reference)) return 'external';
  if (!reference.startsWith('#/')) return 'dangling';
  const pointer = reference.slice(1);
  const value = valueAt(document, decoded(pointer)) ?? valueAt(document, pointer);
  return value === undefined ? 'dangling' : { value };
}

/** URI fragments are percent-encoded (RFC 6901 §6). */
function decoded(pointer: string): string {
  if (!pointer.includes('%')) return pointer;
  try {
    return decodeURIComponent(pointer);
  } catch {
    return pointer;
  }
}
