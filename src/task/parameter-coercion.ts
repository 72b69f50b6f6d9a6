/**
 * A parameter is text on the wire, whatever it was in the input: `"5"` fits an integer, and `5` fits a string. This is for checking only: what is sent is
 * what was given, and the digits of a large integer stay as they are.
 */
import type { ErrorObject } from 'ajv';
import { parsePointer } from '../kernel/json-pointer.ts';
import { isObject, own } from '../kernel/json.ts';
import { typesOf } from './validation-fault.ts';

const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/**
 * The data with each scalar that an error is about turned into the type that its schema wants.
 * @param isText whether a parameter is written as text at all; one that is written as JSON keeps its types
 * @returns `undefined` where there is nothing to turn
 */
export function coerceFaulty(
  data: unknown,
  errors: readonly ErrorObject[],
  isText: (path: readonly string[]) => boolean,
): unknown {
  let coerced = data;
  for (const error of errors) {
    const path = parsePointer(error.instancePath) ?? [];
    const value = isText(path) ? coerce(path.reduce(own, data), wantedTypes(error)) : undefined;
    if (value !== undefined) coerced = replaced(coerced, path, value);
  }
  return coerced === data ? undefined : coerced;
}

function coerce(given: unknown, wanted: readonly string[]): string | number | boolean | undefined {
  if (typeof given === 'number' || typeof given === 'boolean')
    return wanted.includes('string') ? String(given) : undefined;
  if (typeof given !== 'string') return undefined;
  if ((wanted.includes('number') || wanted.includes('integer')) && JSON_NUMBER.test(given)) return Number(given);
  if (wanted.includes('boolean') && (given === 'true' || given === 'false')) return given === 'true';
  return undefined;
}

function wantedTypes({ keyword, params }: ErrorObject): readonly string[] {
  const facts = params as Readonly<Record<string, unknown>>;
  if (keyword === 'type') return typesOf(facts);
  if (keyword === 'const') return [typeof facts['allowedValue']];
  const allowed = facts['allowedValues'];
  return keyword === 'enum' && Array.isArray(allowed) ? allowed.map((value) => typeof value) : [];
}

/** A copy along the path; the rest is shared. */
function replaced(data: unknown, path: readonly string[], value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (Array.isArray(data))
    return data.map((item: unknown, index) => (String(index) === key ? replaced(item, rest, value) : item));
  const entries = isObject(data) ? Object.entries(data) : [];
  return Object.fromEntries(entries.map(([name, item]) => [name, name === key ? replaced(item, rest, value) : item]));
}
