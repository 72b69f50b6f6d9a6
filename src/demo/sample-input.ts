/** An input with which a task can be run: what the operation requires, and nothing else. */
import type { Json } from '../kernel/json.ts';
import type { Operation, Parameter, RequestBody, SchemaDialect } from '../openapi/operation.ts';
import { sampleSchema } from './sample-schema.ts';

type Fragments = ReadonlyMap<string, Json>;
type Sampler = (schema: Json | undefined) => Json | undefined;

/** A part of the input by its name (`path`, `query`, …, `body`); `undefined`: the part cannot be made. */
type Part = readonly [name: string, value: Json | undefined];

const GROUPS = ['path', 'query', 'header', 'cookie'] as const;

/** OAS 3.0.3 §4.7.12.1: not parameters, even where they are declared as such. */
const NOT_PARAMETERS = new Set(['accept', 'content-type', 'authorization']);

/**
 * The same every time. What a schema hides (`not`, `if`, patterns beyond the usual) may still refuse it: validate before use.
 *
 * @param fragments targets of the operation's references, by pointer
 * @returns task input (product: groups `path`, `query`, `header`, `cookie`, `body`, and `contentType`); `undefined` where none can be made
 */
export function sampleInput(
  operation: Operation,
  fragments: Fragments,
  dialect: SchemaDialect,
): Readonly<Record<string, Json>> | undefined {
  const sample: Sampler = (schema) => sampleSchema(schema, { fragments, dialect, direction: 'input' });
  const parts: readonly Part[] = [
    ...GROUPS.flatMap((group) => groupPart(group, operation.parameters, sample)),
    ...querystringPart(operation.parameters, sample),
    ...bodyParts(operation.requestBody, sample),
  ];
  if (parts.some(([, value]) => value === undefined)) return undefined;
  return Object.fromEntries(parts.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])));
}

function groupPart(group: (typeof GROUPS)[number], parameters: readonly Parameter[], sample: Sampler): readonly Part[] {
  const needed = parameters.filter(
    (parameter) => parameter.in === group && parameter.required && !isIgnored(parameter),
  );
  if (needed.length === 0) return [];
  const values = needed.map((parameter) => [parameter.name, parameterValue(parameter, sample)] as const);
  if (values.some(([, value]) => value === undefined)) return [[group, undefined]];
  return [[group, Object.fromEntries(values) as Json]];
}

function isIgnored(parameter: Parameter): boolean {
  return parameter.in === 'header' && NOT_PARAMETERS.has(parameter.name.toLowerCase());
}

/** The parameter's own example stands beside its schema; it is taken as the schema's. */
function parameterValue({ schema, example, in: location }: Parameter, sample: Sampler): Json | undefined {
  const value = sample(example === undefined ? schema : withExample(schema, example));
  // An empty path segment makes another path of it.
  return location === 'path' && value === '' ? undefined : value;
}

function withExample(schema: Json | undefined, example: Json): Json {
  return { allOf: [{ example }, schema ?? {}] };
}

/** OpenAPI 3.2: one value is the whole query. */
function querystringPart(parameters: readonly Parameter[], sample: Sampler): readonly Part[] {
  const whole = parameters.find((parameter) => parameter.in === 'querystring' && parameter.required);
  return whole === undefined ? [] : [['query', sample(whole.schema)]];
}

function bodyParts(body: RequestBody | undefined, sample: Sampler): readonly Part[] {
  if (body?.required !== true) return [];
  const entries = Object.entries(body.content);
  const chosen = entries.find(([type]) => isJson(type)) ?? entries[0];
  if (chosen === undefined) return [['body', {}]];
  const [contentType, { schema, example }] = chosen;
  const value = sample(schema ?? (isText(contentType) ? { type: 'string' } : undefined)) ?? example;
  return entries.length === 1
    ? [['body', value]]
    : [
        ['body', value],
        ['contentType', contentType],
      ];
}

export function isJson(mediaType: string): boolean {
  return /^application\/(?:[^;]*\+)?json\b/i.test(mediaType);
}

function isText(mediaType: string): boolean {
  return mediaType.toLowerCase().startsWith('text/');
}
