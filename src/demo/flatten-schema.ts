/** Schemas without their references and combinations: `$ref` followed, `allOf` merged, of `oneOf` and `anyOf` one branch after the other. */
import { isObject } from '../kernel/json.ts';
import type { Json } from '../kernel/json.ts';
import { fragmentPointer } from '../model/local-references.ts';
import type { SchemaDialect } from '../openapi/operation.ts';
import type { PlainSchema } from './plain-schema.ts';

export interface SchemaScope {
  readonly fragments: ReadonlyMap<string, Json>;
  readonly dialect: SchemaDialect;
  /** References being followed: meeting one again is endless recursion. */
  readonly seen: ReadonlySet<string>;
  /** What one sample may still cost; shared by all of it. */
  readonly budget: { left: number };
}

/** One way to satisfy the schema, and the references that were followed for it. */
export interface FlatSchema {
  readonly schema: PlainSchema;
  readonly seen: ReadonlySet<string>;
}

const COMBINATIONS = new Set(['$ref', 'allOf', 'oneOf', 'anyOf', 'not', 'if', 'then', 'else', 'discriminator']);

/** Branches of a choice that are looked at; more only cost time. */
const MAX_BRANCHES = 8;

/** Ways to satisfy the schema, best first; none where it only leads back to itself. A reference to nothing allows anything. */
export function flattenSchema(schema: unknown, scope: SchemaScope): readonly FlatSchema[] {
  scope.budget.left -= 1;
  if (scope.budget.left < 0) return [];
  if (!isObject(schema)) return [{ schema: {}, seen: scope.seen }];
  const target = referenced(schema['$ref'], scope);
  // OAS 3.0.3 §4.7.23: what stands beside a $ref is ignored.
  if (schema['$ref'] !== undefined && scope.dialect !== 'json-schema-2020-12') return target;
  const plain = Object.fromEntries(Object.entries(schema).filter(([key]) => !COMBINATIONS.has(key)));
  const parts = [target, ...all(schema['allOf'], scope), ...choices(schema, scope)];
  return parts.reduce<readonly FlatSchema[]>(join, [{ schema: plain, seen: scope.seen }]);
}

/** Each part is a list of ways; so is what comes out. */
function join(ways: readonly FlatSchema[], part: readonly FlatSchema[]): readonly FlatSchema[] {
  return ways
    .flatMap((way) =>
      part.map((other) => ({
        schema: mergeSchemas(way.schema, other.schema),
        seen: new Set([...way.seen, ...other.seen]),
      })),
    )
    .slice(0, MAX_BRANCHES);
}

function referenced(reference: unknown, scope: SchemaScope): readonly FlatSchema[] {
  const pointer = fragmentPointer(reference);
  const target = pointer === undefined ? undefined : scope.fragments.get(pointer);
  if (pointer === undefined || target === undefined) return [{ schema: {}, seen: scope.seen }];
  if (scope.seen.has(pointer)) return [];
  return flattenSchema(target, { ...scope, seen: new Set(scope.seen).add(pointer) });
}

function all(branches: unknown, scope: SchemaScope): readonly (readonly FlatSchema[])[] {
  return Array.isArray(branches) ? branches.map((branch) => flattenSchema(branch, scope)) : [];
}

function choices(schema: PlainSchema, scope: SchemaScope): readonly (readonly FlatSchema[])[] {
  return [schema['oneOf'], schema['anyOf']].flatMap((branches) => {
    if (!Array.isArray(branches) || branches.length === 0) return [];
    return [branches.slice(0, MAX_BRANCHES).flatMap((branch) => flattenSchema(branch, scope))];
  });
}

/** Both must hold. Exact for what samples need: properties, required names, bounds, enumerations. */
function mergeSchemas(left: PlainSchema, right: PlainSchema): PlainSchema {
  const merged: Record<string, unknown> = { ...left };
  for (const [key, value] of Object.entries(right)) {
    if (!Object.hasOwn(left, key)) Object.defineProperty(merged, key, { value, enumerable: true, configurable: true });
    else if (Object.hasOwn(MERGERS, key)) merged[key] = MERGERS[key]?.(left[key], value);
  }
  return merged;
}

type Merger = (left: unknown, right: unknown) => unknown;

const larger: Merger = (left, right) =>
  typeof left === 'number' && typeof right === 'number' ? Math.max(left, right) : (left ?? right);
const smaller: Merger = (left, right) =>
  typeof left === 'number' && typeof right === 'number' ? Math.min(left, right) : (left ?? right);

const MERGERS: Readonly<Record<string, Merger>> = {
  required: (left, right) => [...new Set([...list(left), ...list(right)])],
  enum: (left, right) => list(left).filter((value) => list(right).includes(value)),
  type: (left, right) => {
    const common = list(left).filter((type) => list(right).includes(type));
    return common.length === 0 ? left : common;
  },
  properties: (left, right) => mergeProperties(left, right),
  minimum: larger,
  minLength: larger,
  minItems: larger,
  minProperties: larger,
  maximum: smaller,
  maxLength: smaller,
  maxItems: smaller,
  maxProperties: smaller,
};

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

function mergeProperties(left: unknown, right: unknown): unknown {
  if (!isObject(left) || !isObject(right)) return left;
  const names = [...new Set([...Object.keys(left), ...Object.keys(right)])];
  return Object.fromEntries(names.map((name) => [name, mergeProperty(left, right, name)]));
}

function mergeProperty(left: PlainSchema, right: PlainSchema, name: string): unknown {
  if (!Object.hasOwn(left, name)) return right[name];
  return Object.hasOwn(right, name) ? { allOf: [left[name], right[name]] } : left[name];
}
