/**
 * A value for a schema: the first that will do, always the same. Structure, references, cycles and limits are ours; plain values (formats, bounds)
 * are openapi-sampler's, which on its own follows wide recursive schemas for ever.
 */
import { sample } from 'openapi-sampler';
import { isObject, own } from '../kernel/json.ts';
import type { Json } from '../kernel/json.ts';
import type { SchemaDialect } from '../openapi/operation.ts';
import { flattenSchema } from './flatten-schema.ts';
import type { SchemaScope } from './flatten-schema.ts';
import { fitsPlainSchema, typeOf } from './plain-schema.ts';
import type { PlainSchema } from './plain-schema.ts';
import { isBinary, sampleString } from './sample-string.ts';

export interface SampleOptions {
  /** Targets of the schema's references by pointer, as stored. */
  readonly fragments: ReadonlyMap<string, Json>;
  readonly dialect: SchemaDialect;
  /** `input`: what a caller must send, and no more; `output`: what an API could answer. */
  readonly direction: 'input' | 'output';
}

/** Levels below which nothing optional is added. */
const OPTIONAL_DEPTH = 4;
const MAX_DEPTH = 24;
/** Schemas looked at for one sample; beyond it what is optional is left out, and what is required fails. */
const BUDGET = 2_000;
const MAX_ITEMS = 50;

interface Walk extends SchemaScope {
  readonly direction: 'input' | 'output';
  readonly depth: number;
}

/** @returns `undefined` where no value can be made: endless recursion, a pattern that is too hard, nothing that fits */
export function sampleSchema(schema: Json | undefined, options: SampleOptions): Json | undefined {
  return sampleAt(schema ?? {}, { ...options, seen: new Set(), depth: 0, budget: { left: BUDGET } });
}

function sampleAt(schema: unknown, walk: Walk): Json | undefined {
  if (walk.depth > MAX_DEPTH || schema === false) return undefined;
  for (const { schema: flat, seen } of flattenSchema(schema, walk)) {
    const inner = { ...walk, seen, depth: walk.depth + 1 };
    const value = isMadeFirst(flat, walk) ? (made(flat, inner) ?? given(flat)) : (given(flat) ?? made(flat, inner));
    if (value !== undefined) return value;
  }
  return undefined;
}

/**
 * Examples of whole objects often break their own schema further down than is looked at here: for input their parts are put together instead.
 * Binary input has a form of its own.
 */
function isMadeFirst(schema: PlainSchema, { direction }: Walk): boolean {
  return direction === 'input' && (isBinary(schema) || ['object', 'array'].includes(typeOf(schema)));
}

/** What the document itself gives, where it keeps to its own schema. */
function given(schema: PlainSchema): Json | undefined {
  const candidates = [
    own(schema, 'const'),
    own(schema, 'example'),
    ...listOf(schema['examples']),
    own(schema, 'default'),
    ...listOf(schema['enum']),
  ];
  return candidates.find((value) => value !== undefined && value !== null && fitsPlainSchema(value, schema)) as
    Json | undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function made(schema: PlainSchema, walk: Walk): Json | undefined {
  switch (typeOf(schema)) {
    case 'object':
      return sampleObject(schema, walk);
    case 'array':
      return sampleArray(schema, walk);
    case 'null':
      return null;
    case 'string':
      return sampleString(schema, walk.direction);
    default:
      return samplePlain(schema);
  }
}

/** `integer`, `number`, `boolean`. What the document gives was looked at before: here only bounds count. */
function samplePlain(schema: PlainSchema): Json | undefined {
  const bounds = Object.fromEntries(
    BOUNDS.filter((name) => Object.hasOwn(schema, name)).map((name) => [name, schema[name]]),
  );
  const plain = { ...bounds, type: typeOf(schema) };
  const value: unknown = sample(plain, { quiet: true });
  const step = typeof schema['multipleOf'] === 'number' ? schema['multipleOf'] : 1;
  const candidates = typeof value === 'number' ? [value, Math.ceil(value), Math.ceil(value / step) * step] : [value];
  return candidates.find((each) => fitsPlainSchema(each, { ...schema, ...plain })) as Json | undefined;
}

const BOUNDS = ['format', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'] as const;

function sampleArray(schema: PlainSchema, walk: Walk): Json | undefined {
  const least = typeof schema['minItems'] === 'number' ? schema['minItems'] : 0;
  const most = typeof schema['maxItems'] === 'number' ? schema['maxItems'] : Infinity;
  if (least > MAX_ITEMS) return undefined;
  const fixed = listOf(schema['prefixItems']);
  const items = Array.from({ length: Math.min(most, Math.max(least, fixed.length, 1)) }, (_, index) =>
    sampleAt(fixed[index] ?? schema['items'] ?? {}, walk),
  );
  const complete = items.filter((item) => item !== undefined);
  if (complete.length < items.length) return least === 0 ? [] : undefined;
  return fitsPlainSchema(complete, schema) ? complete : undefined;
}

function sampleObject(schema: PlainSchema, walk: Walk): Json | undefined {
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  const required = requiredNames(schema, properties, walk);
  const entries: [string, Json][] = [];
  for (const name of required) {
    const value = sampleAt(own(properties, name) ?? {}, walk);
    if (value !== undefined) entries.push([name, value]);
    else if (walk.direction === 'input') return undefined;
  }
  for (const name of optionalNames(schema, properties, required, walk)) {
    const value = sampleAt(own(properties, name), walk);
    if (value !== undefined) entries.push([name, value]);
  }
  return Object.fromEntries([...entries, ...additional(schema, entries.length, walk)]);
}

function requiredNames(schema: PlainSchema, properties: object, { direction }: Walk): readonly string[] {
  return [...new Set(listOf(schema['required']))].filter(
    (name): name is string => typeof name === 'string' && !isHidden(own(properties, name), direction),
  );
}

/** Answers show what there is; inputs only make up `minProperties`. */
function optionalNames(
  schema: PlainSchema,
  properties: object,
  required: readonly string[],
  { direction, depth, budget }: Walk,
): readonly string[] {
  const names = Object.keys(properties).filter(
    (name) => !required.includes(name) && !isHidden(own(properties, name), direction),
  );
  const least = typeof schema['minProperties'] === 'number' ? schema['minProperties'] - required.length : 0;
  const all = direction === 'output' && depth <= OPTIONAL_DEPTH && budget.left > BUDGET / 2;
  return all ? names : names.slice(0, Math.max(0, least));
}

/** A map must have as many entries as it says; others need none. */
function additional(schema: PlainSchema, present: number, walk: Walk): readonly [string, Json][] {
  const least = typeof schema['minProperties'] === 'number' ? schema['minProperties'] : 0;
  const wanted = Math.min(MAX_ITEMS, Math.max(0, least - present));
  if (wanted === 0 || schema['additionalProperties'] === false) return [];
  return Array.from(
    { length: wanted },
    (_, index) => [`property${index + 1}`, schema['additionalProperties']] as const,
  ).flatMap(([name, inner]): [string, Json][] => {
    const value = sampleAt(isObject(inner) ? inner : {}, walk);
    return value === undefined ? [] : [[name, value]];
  });
}

/** OAS 3.0.3 §4.7.24.1: `readOnly` is not sent, `writeOnly` not answered. */
function isHidden(schema: unknown, direction: 'input' | 'output'): boolean {
  return own(schema, direction === 'input' ? 'readOnly' : 'writeOnly') === true;
}
