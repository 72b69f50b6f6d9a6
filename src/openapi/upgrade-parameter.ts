/** OpenAPI 2.0 parameters → 3.x: `type`, `items`, … become a schema, `collectionFormat` becomes a style (2.0 "Parameter Object"). */
import { own } from '../kernel/json.ts';
import { foreignRecord, objectField, textField, type ForeignObject } from './document-fields.ts';

/** Fields of a 2.0 parameter that are keywords of its schema. */
const SCHEMA_FIELDS: ReadonlySet<string> = new Set([
  'type',
  'format',
  'items',
  'default',
  'maximum',
  'exclusiveMaximum',
  'minimum',
  'exclusiveMinimum',
  'maxLength',
  'minLength',
  'pattern',
  'maxItems',
  'minItems',
  'uniqueItems',
  'enum',
  'multipleOf',
]);

/** `csv`, the default, is what 3.x calls the style of the place, not exploded. */
const COLLECTION_STYLES: ReadonlyMap<string, ForeignObject> = new Map([
  ['ssv', { style: 'spaceDelimited', explode: false }],
  ['pipes', { style: 'pipeDelimited', explode: false }],
  ['tsv', { style: 'tabDelimited', explode: false }],
  ['multi', { style: 'form', explode: true }],
]);

/** Not for `in: body` and `in: formData`. */
export function upgradeParameter(parameter: ForeignObject): ForeignObject {
  const kept = Object.entries(parameter).filter(([key]) => !SCHEMA_FIELDS.has(key) && key !== 'collectionFormat');
  return { ...foreignRecord(kept), ...collectionStyle(parameter), schema: parameterSchema(parameter) };
}

/** `type: file` is a string of bytes in 3.0. */
export function parameterSchema(parameter: ForeignObject): ForeignObject {
  const schema = foreignRecord(Object.entries(parameter).filter(([key]) => SCHEMA_FIELDS.has(key)));
  return own(schema, 'type') === 'file' ? { ...schema, type: 'string', format: 'binary' } : schema;
}

/** Style and explode of an array; nothing for other types. */
export function collectionStyle(parameter: ForeignObject): ForeignObject {
  if (own(parameter, 'type') !== 'array') return {};
  const format =
    textField(parameter, 'collectionFormat') ?? textField(objectField(parameter, 'items'), 'collectionFormat');
  return COLLECTION_STYLES.get(format ?? 'csv') ?? { explode: false };
}
