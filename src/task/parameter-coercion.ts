/**
 * Text where a parameter's schema wants a number or boolean. On the wire a parameter is text anyway, so this is for checking only: what is sent is what
 * was given, and the digits of a large integer stay as they are.
 */
import type { ErrorObject } from 'ajv';
import { parsePointer } from '../kernel/json-pointer.ts';
import { isObject, own } from '../kernel/json.ts';
import { typesOf } from './validation-fault.ts';

const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/**
 * The data with each text that an error is about turned into the number or boolean that its schema wants.
 * @returns `undefined` where there is nothing to turn
 */
export function coerceFaulty(data: unknown, errors: readonly ErrorObject[]): unknown {
  let coerced = data;
  for (const error of errors) {
    const path = parsePointer(error.instancePath) ?? [];
    const text = path.reduce(own, coerced);
    if (typeof text !== 'string') continue;
    const value = coerce(text, wantedTypes(error));
    if (value !== undefined) coerced = replaced(coerced, path, value);
  }
  return coerced === data ? undefined : coerced;
}

function coerce(text: string, wanted: readonly string[]): number | boolean | undefined {
  if ((wanted.includes('number') || wanted.includes('integer')) && JSON_NUMBER.test(text)) return Number(text);
  if (wanted.includes('boolean') && (text === 'true' || text === 'false')) return text === 'true';
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
