/** An input for every parameter of an operation and each of its bodies, with awkward characters where the schema leaves room. The same every time. */
import { sample } from 'openapi-sampler';
import { isObject, own, type Json } from '../../src/kernel/json.ts';
import type { Operation, Parameter } from '../../src/openapi/operation.ts';

export interface SampledInput {
  readonly path: Record<string, unknown>;
  readonly query: Record<string, unknown>;
  readonly header: Record<string, unknown>;
  readonly cookie: Record<string, unknown>;
  readonly body?: unknown;
  readonly contentType?: string;
}

export type Flavour = 'plain' | 'awkward';

const TEXTS: Readonly<Record<Flavour, readonly string[]>> = {
  plain: ['alpha', 'beta-2', 'gamma_3'],
  awkward: ['a b/c?d&e=f', 'g#h+i%j', "k,l|m;n:o@p!q'r(s)t*u~v", 'é€😀', '50%25'],
};
const MAX_HOPS = 8;

/** One input for each media type of the body, or one without body. */
export function sampledInputs(
  operation: Operation,
  fragments: ReadonlyMap<string, Json>,
  raw: unknown,
  flavour: Flavour,
): readonly SampledInput[] {
  const groups = { path: {}, query: {}, header: {}, cookie: {} } as Record<
    'path' | 'query' | 'header' | 'cookie',
    Record<string, unknown>
  >;
  operation.parameters.forEach((parameter, index) => {
    if (parameter.in === 'querystring') return;
    groups[parameter.in][parameter.name] = sampleParameter(parameter, fragments, flavour, index);
  });
  const contents = Object.entries(operation.requestBody?.content ?? {});
  if (contents.length === 0) return [groups];
  return contents.map(([contentType, { schema }]) => ({ ...groups, contentType, body: sampleBody(schema, raw) }));
}

function sampleParameter(
  parameter: Parameter,
  fragments: ReadonlyMap<string, Json>,
  flavour: Flavour,
  index: number,
): unknown {
  // A header carries no more than Latin-1.
  const texts = TEXTS[parameter.in === 'header' ? 'plain' : flavour];
  return sampleSchema(parameter.schema, fragments, texts, index, 0);
}

function sampleSchema(
  written: Json | undefined,
  fragments: ReadonlyMap<string, Json>,
  texts: readonly string[],
  index: number,
  depth: number,
): unknown {
  const schema = resolved(written, fragments);
  const text = texts[index % texts.length] ?? '';
  const alternatives = own(schema, 'allOf') ?? own(schema, 'anyOf') ?? own(schema, 'oneOf');
  const type = own(schema, 'type');
  const values = own(schema, 'enum');
  if (Array.isArray(values) && values.length > 0) return values[index % values.length] ?? text;
  if (Array.isArray(alternatives) && type === undefined && depth < MAX_HOPS) {
    return sampleSchema(alternatives[0] as Json, fragments, texts, index, depth + 1);
  }
  switch (Array.isArray(type) ? type.find((one) => one !== 'null') : type) {
    case 'integer':
      return 7 + index;
    case 'number':
      return 1.5;
    case 'boolean':
      return index % 2 === 0;
    case 'array':
      return depth >= MAX_HOPS
        ? [text]
        : [0, 1].map((offset) =>
            sampleSchema(own(schema, 'items') as Json | undefined, fragments, texts, index + offset, depth + 1),
          );
    case 'object':
      return sampleObject(schema, fragments, texts, index, depth);
    default:
      return text;
  }
}

function sampleObject(
  schema: Json | undefined,
  fragments: ReadonlyMap<string, Json>,
  texts: readonly string[],
  index: number,
  depth: number,
): unknown {
  const properties = own(schema, 'properties');
  const entries = isObject(properties) ? Object.entries(properties).slice(0, 3) : [];
  if (entries.length === 0 || depth >= MAX_HOPS) return { key: texts[0], other: 2 };
  return Object.fromEntries(
    entries.map(([name, property], offset) => [
      name,
      sampleSchema(property as Json, fragments, texts, index + offset, depth + 1),
    ]),
  );
}

function resolved(written: Json | undefined, fragments: ReadonlyMap<string, Json>): Json | undefined {
  let schema = written;
  for (let hop = 0; hop < MAX_HOPS; hop++) {
    const reference = own(schema, '$ref');
    if (typeof reference !== 'string') return schema;
    schema = fragments.get(reference.slice(1));
  }
  return undefined;
}

function sampleBody(schema: Json | undefined, raw: unknown): unknown {
  try {
    return (
      sample((schema ?? {}) as object, { skipReadOnly: true, quiet: true, maxSampleDepth: 5 }, raw as object) ?? {}
    );
  } catch {
    // The sampler gives up on some real schemas (dangling references); any body serves for comparing encodings.
    return { sampled: 'nothing' };
  }
}
