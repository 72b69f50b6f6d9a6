/**
 * The JSON Schema keywords that checking a task's input uses, and the shapes in which they mean something. Real documents hold `required: true`,
 * `type: any`, patterns that don't compile: such a keyword is left out with a warning, so that the rest of the schema still checks. Everything that is
 * not listed here (`example`, `xml`, `discriminator`, `x-…`, `$id`) checks nothing.
 */

import { compilePattern } from './pattern.ts';

/** How a keyword's value is read. `schema`, `schemas` and `schemaMap` hold further schemas. */
export type KeywordShape = 'schema' | 'schemas' | 'schemaMap' | 'plain';

export interface KeywordRule {
  readonly shape: KeywordShape;
  /** Whether a value of a plain keyword means something. */
  readonly isMeaningful?: (value: unknown) => boolean;
}

const isNumber = (value: unknown): boolean => typeof value === 'number';
const isCount = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0;
const isAnything = (): boolean => true;

const plain = (isMeaningful: (value: unknown) => boolean): KeywordRule => ({ shape: 'plain', isMeaningful });

export const KEYWORDS: Readonly<Record<string, KeywordRule>> = {
  maximum: plain(isNumber),
  minimum: plain(isNumber),
  exclusiveMaximum: plain(isNumber),
  exclusiveMinimum: plain(isNumber),
  multipleOf: plain((value) => typeof value === 'number' && value > 0),
  maxLength: plain(isCount),
  minLength: plain(isCount),
  maxItems: plain(isCount),
  minItems: plain(isCount),
  maxProperties: plain(isCount),
  minProperties: plain(isCount),
  maxContains: plain(isCount),
  minContains: plain(isCount),
  uniqueItems: plain((value) => typeof value === 'boolean'),
  pattern: plain((value) => typeof value === 'string' && compilePattern(value) !== undefined),
  enum: plain((value) => Array.isArray(value) && value.length > 0),
  const: plain(isAnything),
  items: { shape: 'schema' },
  additionalProperties: { shape: 'schema' },
  propertyNames: { shape: 'schema' },
  contains: { shape: 'schema' },
  not: { shape: 'schema' },
  if: { shape: 'schema' },
  then: { shape: 'schema' },
  else: { shape: 'schema' },
  unevaluatedItems: { shape: 'schema' },
  unevaluatedProperties: { shape: 'schema' },
  allOf: { shape: 'schemas' },
  anyOf: { shape: 'schemas' },
  oneOf: { shape: 'schemas' },
  prefixItems: { shape: 'schemas' },
  properties: { shape: 'schemaMap' },
  patternProperties: { shape: 'schemaMap' },
  dependentSchemas: { shape: 'schemaMap' },
};

export const SCHEMA_TYPES: ReadonlySet<unknown> = new Set([
  'array',
  'boolean',
  'integer',
  'null',
  'number',
  'object',
  'string',
]);

/** Formats that are checked; every other one is a note for people. */
export const CHECKED_FORMATS = [
  'byte',
  'date',
  'date-time',
  'double',
  'duration',
  'email',
  'float',
  'hostname',
  'int32',
  'int64',
  'ipv4',
  'ipv6',
  'json-pointer',
  'regex',
  'time',
  'uri',
  'uri-reference',
  'uri-template',
  'uuid',
] as const;
