/** Parameters, as OpenAPI 3.2 writes them (§4.12), with every default filled in. */
import { own } from '../kernel/json.ts';
import { flagField, present, textField } from './document-fields.ts';
import { quoted } from './finding.ts';
import type { Issue, UsedSchema } from './issue.ts';
import type { LocatedObject } from './located.ts';
import type { Parameter, ParameterLocation, ParameterStyle } from './operation.ts';
import { readContent, readExample, schemaField, styleField } from './read-media-type.ts';
import type { References } from './references.ts';

const DEFAULT_STYLES: Readonly<Record<ParameterLocation, ParameterStyle>> = {
  path: 'simple',
  query: 'form',
  header: 'simple',
  cookie: 'form',
  querystring: 'form',
};

/** Headers that the body, the responses and the security schemes decide (OpenAPI 3.2 §4.12.1). */
const IGNORED_HEADERS: ReadonlySet<string> = new Set(['accept', 'content-type', 'authorization']);

export interface ReadParameter {
  /** Absent for one that cannot be used. */
  readonly parameter?: Parameter;
  readonly schemas: readonly UsedSchema[];
  readonly issues: readonly Issue[];
}

export interface ReadParameterOptions {
  /** Whether the three headers are ignored: since 3.0. */
  readonly ignoreHeaders: boolean;
}

export function readParameter(
  located: LocatedObject,
  references: References,
  { ignoreHeaders }: ReadParameterOptions,
): ReadParameter {
  const { value, pointer } = located;
  const name = textField(value, 'name');
  const location = own(value, 'in');
  if (name === undefined) return unusableParameter('It has no name.', pointer);
  if (!isLocation(location)) {
    const place = textField(value, 'in') ?? 'no place';
    return unusableParameter(`${quoted(name)} is in ${quoted(place)}; path, query, header and cookie exist.`, pointer);
  }
  if (ignoreHeaders && location === 'header' && IGNORED_HEADERS.has(name.toLowerCase())) {
    const message = `The header parameter ${quoted(name)} is ignored, as OpenAPI 3 says.`;
    return { schemas: [], issues: [{ code: 'parameter_ignored', message, pointer }] };
  }
  return describeParameter(name, location, located, references);
}

/** A parameter that nobody could fill in. */
export function unusableParameter(why: string, pointer: string): ReadParameter {
  return {
    schemas: [],
    issues: [{ code: 'parameter_unusable', message: `A parameter was left out. ${why}`, pointer }],
  };
}

function isLocation(location: unknown): location is ParameterLocation {
  return typeof location === 'string' && Object.hasOwn(DEFAULT_STYLES, location);
}

function describeParameter(
  name: string,
  location: ParameterLocation,
  located: LocatedObject,
  references: References,
): ReadParameter {
  const { value, pointer, schemaPointer } = located;
  const style = styleField(value) ?? DEFAULT_STYLES[location];
  const { content, schemas, issues } = readContent(located, references);
  const [contentType] = Object.keys(content);
  const media = contentType === undefined ? undefined : content[contentType];
  const schema = media === undefined ? schemaField(value) : media.schema;
  const parameter: Parameter = {
    name,
    in: location,
    required: location === 'path' || (flagField(value, 'required') ?? false),
    style,
    explode: flagField(value, 'explode') ?? (style === 'form' || style === 'cookie'),
    allowReserved: flagField(value, 'allowReserved') ?? false,
    ...present('schema', schema),
    ...present('contentType', contentType),
    ...present('description', textField(value, 'description')),
    ...present('deprecated', flagField(value, 'deprecated')),
    ...present('example', readExample(value, references) ?? media?.example),
  };
  const used =
    media === undefined && schema !== undefined ? [{ schema, pointer: schemaPointer ?? `${pointer}/schema` }] : schemas;
  return { parameter, schemas: used, issues };
}
