/** Reading single fields of foreign objects: own keys only, and a value of the wrong type is as good as none. */
import { isObject, own } from '../kernel/json.ts';

export type ForeignObject = Readonly<Record<string, unknown>>;

const NOTHING: ForeignObject = Object.freeze(Object.create(null) as ForeignObject);

/** A text that says something; numbers and booleans as YAML reads them (`version: 1`) count as the text they were. */
export function textField(value: unknown, key: string): string | undefined {
  const field = own(value, key);
  const text = typeof field === 'number' || typeof field === 'boolean' ? String(field) : field;
  return typeof text === 'string' && text.trim() !== '' ? text : undefined;
}

export function flagField(value: unknown, key: string): boolean | undefined {
  const field = own(value, key);
  return typeof field === 'boolean' ? field : undefined;
}

export function listField(value: unknown, key: string): readonly unknown[] {
  const field = own(value, key);
  return Array.isArray(field) ? field : [];
}

/** An object; `[]` (an empty PHP array), `null` and anything else is an empty one. */
export function objectField(value: unknown, key: string): ForeignObject {
  const field = own(value, key);
  return isObject(field) ? field : NOTHING;
}

/** Entries that belong to the standard: without `x-` extensions. */
export function standardEntries(value: ForeignObject): readonly (readonly [string, unknown])[] {
  return Object.entries(value).filter(([key]) => !key.startsWith('x-'));
}

/** The texts of a list; anything else in it is left out. */
export function textList(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** `{[name]: value}`, or nothing to spread where there is no value. */
export function present<Name extends string, T>(name: Name, value: T | undefined): { readonly [N in Name]?: T } {
  return (value === undefined ? {} : { [name]: value }) as { readonly [N in Name]?: T };
}

/** An object that has whatever keys a document may contain, `__proto__` included. */
export function foreignRecord<T>(entries: Iterable<readonly [string, T]>): Readonly<Record<string, T>> {
  const record = Object.create(null) as Record<string, T>;
  for (const [key, value] of entries) record[key] = value;
  return record;
}
