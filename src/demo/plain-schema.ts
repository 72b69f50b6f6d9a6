/** Schemas without references and combinations: their type, and whether a value fits what they say about themselves. */
import { isObject } from '../kernel/json.ts';
import { compilePattern } from '../task/pattern.ts';
import { hasTextFormat } from './text-format.ts';

export type PlainSchema = Readonly<Record<string, unknown>>;

export type PlainType = 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean' | 'null';

/** A pattern of a document may take for ever; on short texts that is short. */
const LONGEST_MATCHED = 1_000;

const TYPES: ReadonlySet<unknown> = new Set(['object', 'array', 'string', 'number', 'integer', 'boolean', 'null']);

const TYPE_HINTS: readonly (readonly [PlainType, readonly string[]])[] = [
  ['object', ['properties', 'required', 'additionalProperties', 'minProperties', 'patternProperties']],
  ['array', ['items', 'prefixItems', 'minItems', 'maxItems']],
  ['number', ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf']],
];

/** The stated type, of several the first that isn't null; without one what the other keywords are about; else `string`. */
export function typeOf(schema: PlainSchema): PlainType {
  const { type } = schema;
  const stated = (Array.isArray(type) ? (type as unknown[]) : [type]).filter((name) => TYPES.has(name)) as PlainType[];
  const [first] = stated.toSorted((a, b) => Number(a === 'null') - Number(b === 'null'));
  if (first !== undefined) return first;
  return TYPE_HINTS.find(([, keywords]) => keywords.some((keyword) => Object.hasOwn(schema, keyword)))?.[0] ?? 'string';
}

/** Looks at the value itself, not into objects: enough to tell an example that was meant for something else. */
export function fitsPlainSchema(value: unknown, schema: PlainSchema): boolean {
  if (schema['type'] !== undefined && !hasType(value, typeOf(schema))) return false;
  if (schema['const'] !== undefined && !isSame(value, schema['const'])) return false;
  if (Array.isArray(schema['enum']) && !schema['enum'].some((allowed) => isSame(value, allowed))) return false;
  if (typeof value === 'string') return fitsText(value, schema);
  if (typeof value === 'number') return fitsNumber(value, schema);
  if (Array.isArray(value)) return fitsList(value, schema);
  return !isObject(value) || hasRequired(value, schema);
}

function hasType(value: unknown, type: PlainType): boolean {
  switch (type) {
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isObject(value);
    case 'integer':
      return Number.isInteger(value);
    case 'null':
      return value === null;
    default:
      return typeof value === type;
  }
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function fitsText(value: string, schema: PlainSchema): boolean {
  const { length } = Array.from(value);
  if (length < bound(schema['minLength'], 0) || length > bound(schema['maxLength'], Infinity)) return false;
  if (!hasTextFormat(value, schema['format'])) return false;
  const { pattern: source } = schema;
  const pattern = typeof source === 'string' ? compilePattern(source) : undefined;
  return pattern === undefined || (length <= LONGEST_MATCHED && pattern.test(value));
}

function fitsNumber(value: number, schema: PlainSchema): boolean {
  const { exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const least = bound(schema['minimum'], -Infinity);
  const most = bound(schema['maximum'], Infinity);
  if (value < least || value > most) return false;
  if (value <= (exclusiveMinimum === true ? least : bound(exclusiveMinimum, -Infinity))) return false;
  if (value >= (exclusiveMaximum === true ? most : bound(exclusiveMaximum, Infinity))) return false;
  return typeof multipleOf !== 'number' || multipleOf <= 0 || Number.isInteger(value / multipleOf);
}

function fitsList(value: readonly unknown[], schema: PlainSchema): boolean {
  if (value.length < bound(schema['minItems'], 0) || value.length > bound(schema['maxItems'], Infinity)) return false;
  return schema['uniqueItems'] !== true || new Set(value.map((item) => JSON.stringify(item))).size === value.length;
}

function hasRequired(value: Readonly<Record<string, unknown>>, schema: PlainSchema): boolean {
  const { required } = schema;
  return !Array.isArray(required) || required.every((name) => Object.hasOwn(value, String(name)));
}

function bound(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}
