/** Media types of bodies and responses (OpenAPI 3.2 §4.14), and the examples of anything. */
import { isObject, own, type Json } from '../kernel/json.ts';
import { formatPointer } from '../kernel/json-pointer.ts';
import { flagField, foreignRecord, objectField, present, textField } from './document-fields.ts';
import { brokenReferenceIssue, type Issue, type UsedSchema } from './issue.ts';
import type { Located } from './located.ts';
import type { MediaType, ParameterStyle, PropertyEncoding } from './operation.ts';
import type { References } from './references.ts';

const PARAMETER_STYLES: ReadonlySet<string> = new Set<ParameterStyle>([
  'matrix',
  'label',
  'simple',
  'form',
  'spaceDelimited',
  'pipeDelimited',
  'deepObject',
  'cookie',
  'tabDelimited',
]);

export interface ReadContent {
  readonly content: Readonly<Record<string, MediaType>>;
  readonly schemas: readonly UsedSchema[];
  readonly issues: readonly Issue[];
}

/** By media type, in the document's order. */
export function readContent({ value, pointer, schemaPointer }: Located, references: References): ReadContent {
  const issues: Issue[] = [];
  const schemas: UsedSchema[] = [];
  const entries = Object.entries(objectField(value, 'content')).map(([type, media]) => {
    const resolved = references.resolve(media, `${pointer}/content${formatPointer([type])}`);
    if (resolved.outcome !== 'found') {
      issues.push(brokenReferenceIssue(`The content for ${type}`, resolved));
      return [type, {}] as const;
    }
    const read = readMediaType(resolved.value, references);
    if (read.schema !== undefined)
      schemas.push({ schema: read.schema, pointer: schemaPointer ?? `${resolved.pointer}/schema` });
    return [type, read] as const;
  });
  return { content: foreignRecord(entries), schemas, issues };
}

function readMediaType(value: unknown, references: References): MediaType {
  const encoding = Object.entries(objectField(value, 'encoding')).map(
    ([property, written]) => [property, readEncoding(written)] as const,
  );
  return {
    ...present('schema', schemaField(value)),
    ...(encoding.length === 0 ? {} : { encoding: foreignRecord(encoding) }),
    ...present('example', readExample(value, references)),
  };
}

function readEncoding(value: unknown): PropertyEncoding {
  return {
    ...present('contentType', textField(value, 'contentType')),
    ...present('style', styleField(value)),
    ...present('explode', flagField(value, 'explode')),
    ...present('allowReserved', flagField(value, 'allowReserved')),
  };
}

export function styleField(value: unknown): ParameterStyle | undefined {
  const style = own(value, 'style');
  return typeof style === 'string' && PARAMETER_STYLES.has(style) ? (style as ParameterStyle) : undefined;
}

/** As written: a Schema Object, or `true` or `false`. */
export function schemaField(value: unknown): Json | undefined {
  const schema = own(value, 'schema');
  return isObject(schema) || typeof schema === 'boolean' ? (schema as Json) : undefined;
}

/** `example`, else the first of `examples` that has a value here. */
export function readExample(value: unknown, references: References): Json | undefined {
  const example = own(value, 'example');
  if (example !== undefined) return example as Json;
  for (const written of Object.values(objectField(value, 'examples'))) {
    const resolved = references.resolve(written, '');
    const found = resolved.outcome === 'found' ? exampleValue(resolved.value) : undefined;
    if (found !== undefined) return found as Json;
  }
  return undefined;
}

/** 3.2 has `dataValue` for what 3.0 and 3.1 call `value`. */
function exampleValue(example: unknown): unknown {
  return own(example, 'value') ?? own(example, 'dataValue');
}
