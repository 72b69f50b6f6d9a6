/** The JSON Schema of a task's input (2020-12), in the groups that a task takes: `path`, `query`, `header`, `cookie`, `body`. */
import type { Json, JsonObject } from '../kernel/json.ts';
import { parsePointer } from '../kernel/json-pointer.ts';
import type { MediaType, Operation, Parameter, RequestBody, SchemaDialect } from '../openapi/operation.ts';
import { toInputSchema } from './json-schema.ts';
import type { SchemaReading } from './json-schema.ts';

const GROUPS = ['path', 'query', 'header', 'cookie'] as const;

/** The schemas of an operation's input as they stand in the document: what {@link inputSchema} needs the fragments of. */
export function inputSchemas(operation: Operation): readonly Json[] {
  const bodies = Object.values(operation.requestBody?.content ?? {});
  return [...operation.parameters, ...bodies].flatMap(({ schema }) => (schema === undefined ? [] : [schema]));
}

/**
 * @param fragments what the schemas refer to, by pointer (`loadClosure`); a reference to any other becomes a schema that allows anything
 */
export function inputSchema(operation: Operation, dialect: SchemaDialect, fragments: ReadonlyMap<string, Json>): Json {
  const names = definitionNames(fragments.keys());
  const reading: SchemaReading = { dialect, nameOf: (pointer) => names.get(pointer) };
  const groups = [...parameterGroups(operation.parameters, reading), ...bodyGroup(operation.requestBody, reading)];
  const required = groups.filter((group) => group.required).map((group) => group.name);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: Object.fromEntries(groups.map((group) => [group.name, group.schema])),
    ...(required.length === 0 ? {} : { required }),
    ...definitions(fragments, names, reading),
  };
}

interface Group {
  readonly name: string;
  readonly schema: Json;
  readonly required: boolean;
}

function parameterGroups(parameters: readonly Parameter[], reading: SchemaReading): readonly Group[] {
  return GROUPS.flatMap((name) => {
    const members = parameters.filter((parameter) => parameter.in === name);
    if (members.length === 0) return name === 'query' ? querystringGroup(parameters, reading) : [];
    const required = members.filter((member) => member.required).map((member) => member.name);
    const schema = {
      type: 'object',
      properties: Object.fromEntries(members.map((member) => [member.name, parameterSchema(member, reading)])),
      ...(required.length === 0 ? {} : { required }),
      additionalProperties: false,
    };
    return [{ name, schema, required: required.length > 0 }];
  });
}

/** OpenAPI 3.2 `in: querystring`: one value is the whole query. */
function querystringGroup(parameters: readonly Parameter[], reading: SchemaReading): readonly Group[] {
  const whole = parameters.find((parameter) => parameter.in === 'querystring');
  return whole === undefined
    ? []
    : [{ name: 'query', schema: parameterSchema(whole, reading), required: whole.required }];
}

function parameterSchema(parameter: Parameter, reading: SchemaReading): Json {
  const { description, deprecated, example } = parameter;
  const schema = toInputSchema(parameter.schema, reading);
  return {
    ...(isPlain(schema) ? schema : {}),
    ...(description === undefined ? {} : { description }),
    ...(deprecated === true ? { deprecated } : {}),
    ...(example === undefined ? {} : { examples: [example] }),
  };
}

function isPlain(schema: Json): schema is JsonObject {
  return typeof schema === 'object' && schema !== null && !Array.isArray(schema);
}

function bodyGroup(body: RequestBody | undefined, reading: SchemaReading): readonly Group[] {
  if (body === undefined) return [];
  const types = Object.keys(body.content);
  const group = { name: 'body', schema: bodySchema(body, reading), required: body.required };
  if (types.length < 2) return [group];
  const contentType = { enum: types, description: `Media type of the body. Default ${types[0]}.` };
  return [group, { name: 'contentType', schema: contentType, required: false }];
}

/** One schema where every media type has the same; else a choice. */
function bodySchema(body: RequestBody, reading: SchemaReading): Json {
  const schemas = Object.entries(body.content).map(([type, media]) => mediaSchema(type, media, reading));
  const distinct = [...new Map(schemas.map((schema) => [JSON.stringify(schema), schema])).values()];
  const [only, ...others] = distinct;
  if (only === undefined) return {};
  return others.length === 0 ? only : { anyOf: distinct };
}

function mediaSchema(mediaType: string, media: MediaType, reading: SchemaReading): Json {
  const { schema } = media;
  if (schema !== undefined) return toInputSchema(schema, reading);
  return /^(?:image|audio|video|font)\/|octet-stream|\/(?:zip|pdf|gzip)\b/.test(mediaType)
    ? toInputSchema({ type: 'string', format: 'binary' }, reading)
    : {};
}

function definitions(
  fragments: ReadonlyMap<string, Json>,
  names: ReadonlyMap<string, string>,
  reading: SchemaReading,
): JsonObject {
  if (fragments.size === 0) return {};
  const entries = [...fragments].map(([pointer, schema]) => [
    names.get(pointer) ?? pointer,
    toInputSchema(schema, reading),
  ]);
  return { $defs: Object.fromEntries(entries) as JsonObject };
}

/** The last segment of the pointer where it is unique, else with a number. */
function definitionNames(pointers: Iterable<string>): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const pointer of pointers) {
    const base = lastSegment(pointer);
    let name = base;
    for (let count = 2; taken.has(name); count += 1) name = `${base}_${count}`;
    taken.add(name);
    names.set(pointer, name);
  }
  return names;
}

/** Percent-decoded: the pointer is written as in the `$ref`. */
function lastSegment(pointer: string): string {
  const segment = parsePointer(pointer)?.at(-1) ?? pointer;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
