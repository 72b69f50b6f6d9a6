/**
 * A document's schemas → JSON Schema 2020-12 that a task's input is checked with. Dialects are told apart where they differ in meaning; what is only ever
 * meant one way is read that way in each of them (`nullable`, boolean `exclusiveMinimum`). `model/json-schema.ts` makes the schema that people and
 * engines read; this one keeps what checks and must compile, whatever a document holds.
 */
import { isObject, own, type Json } from '../kernel/json.ts';
import { fragmentPointer } from '../model/local-references.ts';
import type { SchemaDialect } from '../openapi/operation.ts';
import { compilePattern } from './pattern.ts';
import { CHECKED_FORMATS, KEYWORDS, SCHEMA_TYPES } from './schema-keywords.ts';

export type JsonSchema = boolean | Readonly<Record<string, unknown>>;

/** What of a schema checks nothing, and why. */
export interface SchemaWarning {
  /** Into the document where it stands in a fragment, else into the operation's part that was asked for. */
  readonly pointer: string;
  readonly message: string;
}

export interface CheckedSchemaOptions {
  readonly dialect: SchemaDialect;
  /** By pointer: the targets of references, and theirs. */
  readonly fragments: ReadonlyMap<string, Json>;
}

const MAX_WARNINGS = 20;
const MAX_HOPS = 8;
const FORMATS: ReadonlySet<unknown> = new Set(CHECKED_FORMATS);
const NO_NAMES: ReadonlySet<string> = new Set();

/** Reads schemas into one set of `$defs`; each fragment is read once, so cycles end. */
export class CheckedSchemaReader {
  readonly #options: CheckedSchemaOptions;
  readonly #names = new Map<string, string>();
  readonly #queue: { readonly pointer: string; readonly name: string; readonly schema: Json }[] = [];
  readonly #defs: Record<string, JsonSchema> = {};
  readonly #warnings: SchemaWarning[] = [];
  #nodes = 0;

  constructor(options: CheckedSchemaOptions) {
    this.#options = options;
  }

  get warnings(): readonly SchemaWarning[] {
    return this.#warnings;
  }

  /** Of all that was read: as `$defs` of each schema. */
  get defs(): Readonly<Record<string, JsonSchema>> {
    return this.#defs;
  }

  /** How many schema objects were read: what compiling will cost. */
  get nodes(): number {
    return this.#nodes;
  }

  read(schema: Json | undefined, pointer: string): JsonSchema {
    const read = schema === undefined ? true : this.#read(schema, pointer, NO_NAMES);
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      this.#defs[next.name] = this.#read(next.schema, next.pointer, NO_NAMES);
    }
    return read;
  }

  /** @param readOnly names that an enclosing `allOf` says are read-only */
  #read(schema: Json, pointer: string, readOnly: ReadonlySet<string>): JsonSchema {
    if (typeof schema === 'boolean') return schema;
    if (!isObject(schema)) return this.#warn(pointer, 'is no schema and checks nothing');
    this.#nodes++;
    const reference = own(schema, '$ref');
    const target = typeof reference === 'string' ? this.#readReference(reference, pointer) : undefined;
    const keepsSiblings = target === undefined || this.#options.dialect === 'json-schema-2020-12';
    const read = { ...(keepsSiblings ? this.#readKeywords(schema, pointer, readOnly) : undefined), ...target };
    return isNullable(schema) ? orNull(read) : read;
  }

  #readReference(reference: string, pointer: string): Readonly<Record<string, unknown>> {
    const found = this.#find(reference);
    if (found === undefined) {
      this.#warn(pointer, 'refers to a schema that is missing or too large, and checks nothing');
      return {};
    }
    let name = this.#names.get(found.pointer);
    if (name === undefined) {
      name = `s${this.#names.size}`;
      this.#names.set(found.pointer, name);
      this.#queue.push({ ...found, name });
    }
    return { $ref: `#/$defs/${name}` };
  }

  #find(reference: string): { readonly pointer: string; readonly schema: Json } | undefined {
    const pointer = fragmentPointer(reference);
    const schema = pointer === undefined ? undefined : this.#options.fragments.get(pointer);
    return pointer === undefined || schema === undefined ? undefined : { pointer, schema };
  }

  #readKeywords(
    schema: Readonly<Record<string, unknown>>,
    pointer: string,
    inherited: ReadonlySet<string>,
  ): Readonly<Record<string, unknown>> {
    const read: Record<string, unknown> = {};
    const readOnly = this.#readOnlyNames(schema, inherited);
    for (const [keyword, value] of Object.entries(withNumericBounds(schema))) {
      const at = `${pointer}/${keyword}`;
      if (keyword === 'type') Object.assign(read, this.#readType(value, at));
      else if (keyword === 'format') Object.assign(read, FORMATS.has(value) ? { format: value } : undefined);
      else if (keyword === 'required') Object.assign(read, this.#readRequired(value, at, readOnly));
      else if (keyword === 'dependentRequired') Object.assign(read, this.#readDependentRequired(value, at));
      else if (keyword === 'items' && Array.isArray(value))
        read['prefixItems'] = this.#readList(value as Json[], at, NO_NAMES);
      else if (Object.hasOwn(KEYWORDS, keyword)) this.#readKeyword(read, keyword, value as Json, at, readOnly);
    }
    return read;
  }

  #readKeyword(
    read: Record<string, unknown>,
    keyword: string,
    value: Json,
    at: string,
    readOnly: ReadonlySet<string>,
  ): void {
    const rule = KEYWORDS[keyword];
    switch (rule?.shape) {
      case 'schema':
        if (typeof value === 'boolean' || isObject(value)) read[keyword] = this.#read(value, at, NO_NAMES);
        else this.#warn(at, 'is no schema and checks nothing');
        break;
      case 'schemas':
        if (isList(value) && value.length > 0) {
          addList(read, keyword, this.#readList(value, at, keyword === 'allOf' ? readOnly : NO_NAMES));
        } else this.#warn(at, 'is no list of schemas and checks nothing');
        break;
      case 'schemaMap':
        if (isObject(value)) read[keyword] = this.#readMap(keyword, value, at);
        else this.#warn(at, 'is no map of schemas and checks nothing');
        break;
      case 'plain':
      case undefined:
        if (rule?.isMeaningful?.(value) === true) read[keyword] = value;
        else this.#warn(at, 'has a value that means nothing and checks nothing');
    }
  }

  #readList(schemas: readonly Json[], at: string, readOnly: ReadonlySet<string>): readonly JsonSchema[] {
    return schemas.map((schema, index) => this.#read(schema, `${at}/${index}`, readOnly));
  }

  #readMap(keyword: string, schemas: Readonly<Record<string, Json>>, at: string): Readonly<Record<string, JsonSchema>> {
    const entries = Object.entries(schemas).filter(([name]) => {
      const isUsable = keyword !== 'patternProperties' || compilePattern(name) !== undefined;
      if (!isUsable) this.#warn(at, 'has a pattern that cannot be run, and checks nothing');
      return isUsable;
    });
    return Object.fromEntries(
      entries.map(([name, schema]) => [name, this.#read(schema, `${at}/${escaped(name)}`, NO_NAMES)]),
    );
  }

  #readType(value: unknown, at: string): { readonly type: unknown } | undefined {
    const given: readonly unknown[] = Array.isArray(value) ? value : [value];
    const types = given.filter((type) => SCHEMA_TYPES.has(type));
    if (types.length < given.length && !given.includes('file')) this.#warn(at, 'names a type that JSON does not have');
    if (types.length < given.length || types.length === 0) return undefined;
    return { type: types.length === 1 ? types[0] : [...new Set(types)] };
  }

  #readRequired(
    value: unknown,
    at: string,
    readOnly: ReadonlySet<string>,
  ): { readonly required: readonly string[] } | undefined {
    if (!Array.isArray(value)) {
      this.#warn(at, 'is no list of names and checks nothing');
      return undefined;
    }
    const names = value.filter((name) => typeof name === 'string' && !readOnly.has(name)) as string[];
    return { required: [...new Set(names)] };
  }

  #readDependentRequired(value: unknown, at: string): Readonly<Record<string, unknown>> | undefined {
    const isMeaningful = isObject(value) && Object.values(value).every((names) => Array.isArray(names));
    if (isMeaningful) return { dependentRequired: value };
    this.#warn(at, 'is no map of names and checks nothing');
    return undefined;
  }

  /** A request need not hold what only answers hold (OpenAPI `readOnly`), even where it is `required`. */
  #readOnlyNames(schema: unknown, inherited: ReadonlySet<string>, hops = 0): ReadonlySet<string> {
    const properties = own(schema, 'properties');
    const names = new Set(inherited);
    if (isObject(properties)) {
      for (const [name, property] of Object.entries(properties)) {
        if (own(property, 'readOnly') === true || own(this.#follow(property), 'readOnly') === true) names.add(name);
      }
    }
    const parts = own(schema, 'allOf');
    if (Array.isArray(parts) && hops < MAX_HOPS) {
      for (const part of parts)
        for (const name of this.#readOnlyNames(this.#follow(part), NO_NAMES, hops + 1)) names.add(name);
    }
    return names;
  }

  #follow(schema: unknown): unknown {
    let found = schema;
    for (let hop = 0; hop < MAX_HOPS; hop++) {
      const reference = own(found, '$ref');
      if (typeof reference !== 'string') return found;
      found = this.#find(reference)?.schema;
    }
    return undefined;
  }

  /** @returns `true`, the schema that checks nothing */
  #warn(pointer: string, message: string): true {
    if (this.#warnings.length < MAX_WARNINGS) this.#warnings.push({ pointer, message });
    return true;
  }
}

/** `nullable` is OpenAPI 3.0's, `x-nullable` what writers of 2.0 agreed on. Both are left over in documents of later versions. */
function isNullable(schema: Readonly<Record<string, unknown>>): boolean {
  return own(schema, 'nullable') === true || own(schema, 'x-nullable') === true;
}

/** `null` passes, whatever else is said: documents forget to list it in their enum. */
function orNull(schema: Readonly<Record<string, unknown>>): JsonSchema {
  return Object.keys(schema).length === 0 ? schema : { if: { type: 'null' }, else: schema };
}

/** Draft-04's boolean `exclusiveMinimum` and `exclusiveMaximum` → numbers. */
function withNumericBounds(schema: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (typeof schema['exclusiveMinimum'] !== 'boolean' && typeof schema['exclusiveMaximum'] !== 'boolean') return schema;
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, ...rest } = schema;
  return { ...rest, ...bound('minimum', minimum, exclusiveMinimum), ...bound('maximum', maximum, exclusiveMaximum) };
}

function bound(name: 'minimum' | 'maximum', limit: unknown, exclusive: unknown): Readonly<Record<string, unknown>> {
  const exclusiveName = name === 'minimum' ? 'exclusiveMinimum' : 'exclusiveMaximum';
  if (exclusive === true) return limit === undefined ? {} : { [exclusiveName]: limit };
  return {
    ...(limit === undefined ? {} : { [name]: limit }),
    ...(typeof exclusive === 'number' ? { [exclusiveName]: exclusive } : {}),
  };
}

/**
 * `oneOf` is checked as `anyOf`: alternatives of real documents overlap, and a value that fits two of them is no fault of the input; the request is the
 * same.
 */
function addList(read: Record<string, unknown>, keyword: string, list: readonly JsonSchema[]): void {
  if (keyword !== 'oneOf' && keyword !== 'allOf') read[keyword] = list;
  else
    read['allOf'] = [
      ...((read['allOf'] as readonly JsonSchema[] | undefined) ?? []),
      ...(keyword === 'oneOf' ? [{ anyOf: list }] : list),
    ];
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
