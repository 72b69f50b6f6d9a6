/**
 * OpenAPI's schema dialects as JSON Schema 2020-12, for people and programs that know only that: OpenAPI 2.0 and 3.0 have a dialect of their own
 * (OAS 3.0.3 §4.7.24), 3.1 and 3.2 are JSON Schema already. References become `#/$defs/<name>`.
 */
import { isObject } from '../kernel/json.ts';
import type { Json } from '../kernel/json.ts';
import type { SchemaDialect } from '../openapi/operation.ts';
import { fragmentPointer } from './local-references.ts';

export interface SchemaReading {
  readonly dialect: SchemaDialect;
  /** Name under `$defs` of a fragment; `undefined` for one that is not there. */
  readonly nameOf: (pointer: string) => string | undefined;
}

type JsonRecord = Record<string, Json>;

const TYPES = new Set(['string', 'number', 'integer', 'boolean', 'array', 'object', 'null']);

/** Keywords of OpenAPI that say nothing to a JSON Schema reader. `readOnly` properties are left out of input altogether. */
const OPENAPI_ONLY = new Set([
  'nullable',
  'x-nullable',
  'example',
  'xml',
  'externalDocs',
  'discriminator',
  'collectionFormat',
  'readOnly',
]);

const SCHEMA_KEYWORDS = new Set([
  'items',
  'additionalProperties',
  'additionalItems',
  'not',
  'if',
  'then',
  'else',
  'contains',
  'propertyNames',
  'unevaluatedItems',
  'unevaluatedProperties',
  'contentSchema',
]);
const SCHEMA_LISTS = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems']);
const SCHEMA_MAPS = new Set(['properties', 'patternProperties', 'dependentSchemas', '$defs', 'definitions']);

/** How binary content is given in a task's input (product: binary bodies). */
const BINARY_INPUT: Json = {
  type: 'object',
  description: 'Binary content.',
  properties: { base64: { type: 'string', contentEncoding: 'base64' } },
  required: ['base64'],
};

/** Converts a schema of a request. What is no schema allows anything. */
export function toInputSchema(schema: unknown, reading: SchemaReading): Json {
  if (typeof schema === 'boolean') return schema;
  if (!isObject(schema)) return {};
  if (Object.hasOwn(schema, '$ref')) return referring(schema, reading);
  if (isBinary(schema)) return BINARY_INPUT;
  return withNull(schema, converted(schema, reading), reading.dialect);
}

/** Binary content: `format: binary` (3.0), `type: file` (2.0), or raw bytes by `contentMediaType` (3.1). */
function isBinary(schema: Readonly<Record<string, unknown>>): boolean {
  if (schema['type'] === 'file') return true;
  if (schema['type'] !== undefined && schema['type'] !== 'string') return false;
  return (
    schema['format'] === 'binary' ||
    (schema['contentMediaType'] === 'application/octet-stream' && schema['contentEncoding'] === undefined)
  );
}

function referring(schema: Readonly<Record<string, unknown>>, reading: SchemaReading): Json {
  const pointer = fragmentPointer(schema['$ref']);
  const name = pointer === undefined ? undefined : reading.nameOf(pointer);
  const target: JsonRecord =
    name === undefined
      ? { $comment: `${String(schema['$ref'])} is not included` }
      : { $ref: `#/$defs/${escapeSegment(name)}` };
  if (reading.dialect !== 'json-schema-2020-12') return target;
  const { $ref: _, ...beside } = schema;
  return { ...converted(beside, reading), ...target };
}

/** A name within a `$ref`: JSON Pointer, then URI fragment. */
function escapeSegment(name: string): string {
  return encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'));
}

function converted(schema: Readonly<Record<string, unknown>>, reading: SchemaReading): JsonRecord {
  // Object.fromEntries, not assignment: a foreign key may be `__proto__`.
  const result: JsonRecord = Object.fromEntries(
    Object.entries(schema).flatMap(([key, value]) => {
      const kept = isOpenApiOnly(key) ? undefined : convertKeyword(key, value, schema, reading);
      return kept === undefined ? [] : [[key, kept] as const];
    }),
  );
  const example = Object.hasOwn(result, 'examples') ? undefined : schema['example'];
  return { ...result, ...(example === undefined ? {} : { examples: [example as Json] }), ...exclusiveBounds(schema) };
}

function isOpenApiOnly(key: string): boolean {
  return OPENAPI_ONLY.has(key) || key.startsWith('x-');
}

function convertKeyword(
  key: string,
  value: unknown,
  schema: Readonly<Record<string, unknown>>,
  reading: SchemaReading,
): Json | undefined {
  if (SCHEMA_KEYWORDS.has(key)) return toInputSchemas(value, reading);
  if (SCHEMA_LISTS.has(key))
    return Array.isArray(value) && value.length > 0 ? toInputSchemas(value, reading) : undefined;
  if (SCHEMA_MAPS.has(key)) return key === 'properties' ? properties(value, reading) : schemaMap(value, reading);
  switch (key) {
    case 'type':
      return validType(value);
    case 'required':
      return Array.isArray(value) ? writable(value, schema['properties']) : undefined;
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      return typeof value === 'number' ? value : undefined;
    case 'examples':
      return Array.isArray(value) ? (value as Json[]) : undefined;
    default:
      return value as Json;
  }
}

/** 2.0 and draft-04 `items` may be a list. */
function toInputSchemas(value: unknown, reading: SchemaReading): Json {
  return Array.isArray(value) ? value.map((item) => toInputSchema(item, reading)) : toInputSchema(value, reading);
}

function schemaMap(value: unknown, reading: SchemaReading): Json {
  if (!isObject(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([name, schema]) => [name, toInputSchema(schema, reading)]));
}

/** What a request must not send is left out (`readOnly`, OAS 3.0.3 §4.7.24.1). */
function properties(value: unknown, reading: SchemaReading): Json {
  if (!isObject(value)) return {};
  return schemaMap(Object.fromEntries(Object.entries(value).filter(([, schema]) => !isReadOnly(schema))), reading);
}

function writable(required: readonly unknown[], described: unknown): Json {
  const names = required.filter((name): name is string => typeof name === 'string');
  return [...new Set(names)].filter((name) => !(isObject(described) && isReadOnly(described[name])));
}

function isReadOnly(schema: unknown): boolean {
  return isObject(schema) && schema['readOnly'] === true;
}

function validType(type: unknown): Json | undefined {
  if (typeof type === 'string') return TYPES.has(type) ? type : undefined;
  if (!Array.isArray(type)) return undefined;
  const known = [...new Set(type)].filter((name): name is string => typeof name === 'string' && TYPES.has(name));
  return known.length === 0 ? undefined : known;
}

/** 3.0's boolean `exclusiveMinimum` says that `minimum` itself is excluded. */
function exclusiveBounds(schema: Readonly<Record<string, unknown>>): JsonRecord {
  const bounds: JsonRecord = {};
  for (const [flag, bound] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const) {
    const value = schema[bound];
    if (schema[flag] === true && typeof value === 'number') bounds[flag] = value;
  }
  return bounds;
}

/** 3.0's `nullable` (and 2.0's common `x-nullable`) as a type of its own. */
function withNull(source: Readonly<Record<string, unknown>>, schema: JsonRecord, dialect: SchemaDialect): Json {
  if (dialect === 'json-schema-2020-12') return schema;
  if (source['nullable'] !== true && source['x-nullable'] !== true) return schema;
  const { type } = schema;
  if (typeof type !== 'string') return { anyOf: [schema, { type: 'null' }] };
  const values = schema['enum'];
  return {
    ...schema,
    type: [type, 'null'],
    ...(Array.isArray(values) && !values.includes(null) ? { enum: [...(values as Json[]), null] } : {}),
  };
}
