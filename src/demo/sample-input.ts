/** An input with which a task can be run: what the operation requires, and nothing else. */
import type { Json } from '../kernel/json.ts';
import type { Operation, Parameter, RequestBody, SchemaDialect } from '../openapi/operation.ts';
import { effectiveParameters } from '../task/effective-parameters.ts';
import { essenceOf, isJsonType, isTextType } from '../task/media-type.ts';
import { sampleSchema } from './sample-schema.ts';

type Fragments = ReadonlyMap<string, Json>;
type Sampler = (schema: Json | undefined) => Json | undefined;

/** A part of the input by its name (`path`, `query`, …, `body`); `undefined`: the part cannot be made. */
type Part = readonly [name: string, value: Json | undefined];

const GROUPS = ['path', 'query', 'header', 'cookie'] as const;

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
  const parameters = effectiveParameters(operation);
  const parts: readonly Part[] = [
    ...GROUPS.flatMap((group) => groupPart(group, parameters, sample)),
    ...querystringPart(parameters, sample),
    ...bodyParts(operation.requestBody, sample),
  ];
  if (parts.some(([, value]) => value === undefined)) return undefined;
  return Object.fromEntries(parts.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])));
}

function groupPart(group: (typeof GROUPS)[number], parameters: readonly Parameter[], sample: Sampler): readonly Part[] {
  const needed = parameters.filter((parameter) => parameter.in === group && parameter.required);
  if (needed.length === 0) return [];
  const values = needed.map((parameter) => [parameter.name, parameterValue(parameter, sample)] as const);
  if (values.some(([, value]) => value === undefined)) return [[group, undefined]];
  return [[group, Object.fromEntries(values) as Json]];
}

/** The parameter's own examples stand beside its schema; they are taken as the schema's, also as the text that they are on the wire. */
function parameterValue({ schema = {}, example, in: location }: Parameter, sample: Sampler): Json | undefined {
  const texts = typeof example === 'number' || typeof example === 'boolean' ? [String(example)] : [];
  const examples = example === undefined ? [] : [{ examples: [example, ...texts] }];
  // An empty path segment makes another path of it.
  const bounds = location === 'path' ? [{ minLength: 1 }] : [];
  return sample({ allOf: [...examples, ...bounds, schema] });
}

/** OpenAPI 3.2: one value is the whole query. */
function querystringPart(parameters: readonly Parameter[], sample: Sampler): readonly Part[] {
  const whole = parameters.find((parameter) => parameter.in === 'querystring' && parameter.required);
  return whole === undefined ? [] : [['query', sample(whole.schema)]];
}

function bodyParts(body: RequestBody | undefined, sample: Sampler): readonly Part[] {
  if (body?.required !== true) return [];
  const entries = Object.entries(body.content);
  const chosen = entries.find(([type]) => isJsonType(essenceOf(type))) ?? entries[0];
  if (chosen === undefined) return [['body', {}]];
  const [contentType, { schema, example }] = chosen;
  const value =
    sample(schema ?? (isTextType(essenceOf(contentType)) ? { type: 'string' } : undefined)) ??
    (example === null ? undefined : example);
  return entries.length === 1
    ? [['body', value]]
    : [
        ['body', value],
        ['contentType', contentType],
      ];
}
