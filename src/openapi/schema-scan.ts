/**
 * A cheap look at a schema: which `$ref`s it has, and whether it obviously cannot be compiled. Nothing is compiled at import: that costs more than
 * everything else together, and most schemas are never used.
 */
import { isObject } from '../kernel/json.ts';
import { formatPointer } from '../kernel/json-pointer.ts';
import { quoted } from './finding.ts';
import type { SchemaDialect } from './operation.ts';
import { referenceOf } from './references.ts';

export interface SchemaProblem {
  /** What is wrong, as a clause: `"type" is "any", which is no JSON type`. */
  readonly why: string;
  /** From the scanned schema to the place. */
  readonly pointer: string;
}

export interface SchemaScan {
  /** Every `$ref` in a place where a schema stands, with the first place of each. */
  readonly references: ReadonlyMap<string, string>;
  /** The first problem. */
  readonly problem?: SchemaProblem;
}

const SCHEMA_KEYWORDS: ReadonlySet<string> = new Set([
  'items',
  'additionalItems',
  'additionalProperties',
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
const SCHEMA_LISTS: ReadonlySet<string> = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems']);
const SCHEMA_MAPS: ReadonlySet<string> = new Set([
  'properties',
  'patternProperties',
  'dependentSchemas',
  '$defs',
  'definitions',
]);

/** With 2.0's `file`, which is left over in documents of later versions and means bytes. */
const TYPES: ReadonlySet<unknown> = new Set([
  'object',
  'array',
  'string',
  'number',
  'integer',
  'boolean',
  'null',
  'file',
]);
const SIZE_KEYWORDS = ['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties'];
const NUMBER_KEYWORDS = ['minimum', 'maximum', 'multipleOf'];

interface Scanning {
  readonly references: Map<string, string>;
  readonly dialect: SchemaDialect;
  /** Where the walk is, from the scanned schema. */
  readonly path: (string | number)[];
  problem?: SchemaProblem;
}

export function scanSchema(schema: unknown, dialect: SchemaDialect): SchemaScan {
  const scanning: Scanning = { references: new Map(), dialect, path: [] };
  visit(schema, scanning);
  return scanning;
}

function visit(schema: unknown, scanning: Scanning): void {
  if (typeof schema === 'boolean') return;
  if (!isObject(schema)) {
    note('a schema is neither an object nor a boolean', scanning);
    return;
  }
  const reference = referenceOf(schema);
  if (reference !== undefined) {
    if (!scanning.references.has(reference)) scanning.references.set(reference, formatPointer(scanning.path));
    // Beside a $ref, 2.0 and 3.0 ignore everything.
    if (scanning.dialect !== 'json-schema-2020-12') return;
  }
  for (const keyword of Object.keys(schema)) {
    at(keyword, scanning, () => {
      visitKeyword(keyword, schema[keyword], scanning);
    });
  }
}

function at(segment: string | number, scanning: Scanning, inner: () => void): void {
  scanning.path.push(segment);
  inner();
  scanning.path.pop();
}

function note(why: string, scanning: Scanning): void {
  scanning.problem ??= { why, pointer: formatPointer(scanning.path) };
}

function visitKeyword(keyword: string, value: unknown, scanning: Scanning): void {
  if (SCHEMA_MAPS.has(keyword)) visitMap(keyword, value, scanning);
  else if (SCHEMA_LISTS.has(keyword) || (keyword === 'items' && Array.isArray(value)))
    visitList(keyword, value, scanning);
  else if (SCHEMA_KEYWORDS.has(keyword)) visit(value, scanning);
  else {
    const why = keywordProblem(keyword, value);
    if (why !== undefined) note(why, scanning);
  }
}

function visitMap(keyword: string, value: unknown, scanning: Scanning): void {
  if (!isObject(value)) {
    note(`"${keyword}" is not an object`, scanning);
    return;
  }
  for (const name of Object.keys(value)) {
    at(name, scanning, () => {
      visit(value[name], scanning);
    });
  }
}

function visitList(keyword: string, value: unknown, scanning: Scanning): void {
  if (!Array.isArray(value) || value.length === 0) {
    note(`"${keyword}" is not a list of schemas`, scanning);
    return;
  }
  value.forEach((schema: unknown, index) => {
    at(index, scanning, () => {
      visit(schema, scanning);
    });
  });
}

function keywordProblem(keyword: string, value: unknown): string | undefined {
  switch (keyword) {
    case 'type':
      return typeProblem(value);
    case 'pattern':
      return isPattern(value) ? undefined : '"pattern" is not a regular expression of JavaScript';
    case 'enum':
      return Array.isArray(value) && value.length > 0 ? undefined : '"enum" is not a list of values';
    case 'required':
      return Array.isArray(value) && value.every((name) => typeof name === 'string')
        ? undefined
        : '"required" is not a list of names';
    default:
      return numberProblem(keyword, value);
  }
}

function typeProblem(value: unknown): string | undefined {
  const types: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (types.length > 0 && types.every((type) => TYPES.has(type))) return undefined;
  return `"type" is ${quoted(JSON.stringify(value))}, which is no JSON type`;
}

function numberProblem(keyword: string, value: unknown): string | undefined {
  if (SIZE_KEYWORDS.includes(keyword) && !(Number.isInteger(value) && Number(value) >= 0)) {
    return `"${keyword}" is not a whole number`;
  }
  return NUMBER_KEYWORDS.includes(keyword) && typeof value !== 'number' ? `"${keyword}" is not a number` : undefined;
}

function isPattern(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  return compiles(value, 'u') || compiles(value, '');
}

function compiles(pattern: string, flags: string): boolean {
  try {
    return new RegExp(pattern, flags) instanceof RegExp;
  } catch {
    return false;
  }
}
