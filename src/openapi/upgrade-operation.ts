/** OpenAPI 2.0 operations → 3.x: body and form parameters become a request body, `consumes` and `produces` its and the responses' content. */
import { own } from '../kernel/json.ts';
import {
  flagField,
  foreignRecord,
  listField,
  objectField,
  textField,
  textList,
  type ForeignObject,
} from './document-fields.ts';
import type { LocatedObject } from './located.ts';
import { collectionStyle, parameterSchema, upgradeParameter } from './upgrade-parameter.ts';

const FORM_TYPES = ['application/x-www-form-urlencoded', 'multipart/form-data'];

export interface UpgradedInput {
  readonly parameters: readonly LocatedObject[];
  readonly requestBody?: LocatedObject;
  /** A document has either a body or form fields; where it has both, the fields are dropped. */
  readonly contradictory: boolean;
}

/** Media types of an operation: its own list, even an empty one, replaces the document's. */
export function mediaTypes(key: 'consumes' | 'produces', operation: unknown, document: unknown): readonly string[] {
  const declaring = Array.isArray(own(operation, key)) ? operation : document;
  return [...new Set(textList(listField(declaring, key)))];
}

/** @param parameters resolved and merged, those of the operation over those of its path */
export function upgradeInput(parameters: readonly LocatedObject[], consumes: readonly string[]): UpgradedInput {
  const body = parameters.find(({ value }) => own(value, 'in') === 'body');
  const fields = parameters.filter(({ value }) => own(value, 'in') === 'formData');
  const others = parameters.filter(({ value }) => own(value, 'in') !== 'body' && own(value, 'in') !== 'formData');
  const requestBody = body === undefined ? formBody(fields, consumes) : plainBody(body, consumes);
  return {
    parameters: others.map(({ value, pointer }) => ({
      value: upgradeParameter(value),
      pointer,
      schemaPointer: pointer,
    })),
    ...(requestBody === undefined ? {} : { requestBody }),
    contradictory: body !== undefined && fields.length > 0,
  };
}

function plainBody({ value, pointer }: LocatedObject, consumes: readonly string[]): LocatedObject {
  const types = consumes.length === 0 ? ['application/json'] : consumes;
  const media = own(value, 'schema') === undefined ? {} : { schema: own(value, 'schema') };
  const content = foreignRecord(types.map((type) => [type, media] as const));
  return {
    value: { required: flagField(value, 'required') ?? false, content },
    pointer,
    schemaPointer: `${pointer}/schema`,
  };
}

function formBody(fields: readonly LocatedObject[], consumes: readonly string[]): LocatedObject | undefined {
  const [first] = fields;
  if (first === undefined) return undefined;
  const media = { schema: formSchema(fields), encoding: formEncoding(fields) };
  const content = foreignRecord(formTypes(fields, consumes).map((type) => [type, media] as const));
  const { pointer } = first;
  return { value: { required: fields.some(isRequired), content }, pointer, schemaPointer: pointer };
}

/** Files travel in multipart only. */
function formTypes(fields: readonly LocatedObject[], consumes: readonly string[]): readonly string[] {
  const hasFile = fields.some(({ value }) => own(value, 'type') === 'file');
  const declared = consumes.filter((type) => FORM_TYPES.includes(type) && (!hasFile || type === 'multipart/form-data'));
  if (declared.length > 0) return declared;
  return [hasFile ? 'multipart/form-data' : 'application/x-www-form-urlencoded'];
}

function formSchema(fields: readonly LocatedObject[]): ForeignObject {
  const required = fields.filter(isRequired).map(fieldName);
  const properties = foreignRecord(fields.map((field) => [fieldName(field), fieldSchema(field)] as const));
  return { type: 'object', properties, ...(required.length === 0 ? {} : { required }) };
}

function fieldSchema({ value }: LocatedObject): ForeignObject {
  const description = textField(value, 'description');
  return { ...parameterSchema(value), ...(description === undefined ? {} : { description }) };
}

function formEncoding(fields: readonly LocatedObject[]): ForeignObject {
  const arrays = fields.filter(({ value }) => own(value, 'type') === 'array');
  return foreignRecord(
    arrays.map((field) => [fieldName(field), { style: 'form', ...collectionStyle(field.value) }] as const),
  );
}

function fieldName({ value }: LocatedObject): string {
  return textField(value, 'name') ?? '';
}

function isRequired({ value }: LocatedObject): boolean {
  return flagField(value, 'required') ?? false;
}

/** 2.0 has one schema a response, and examples by media type. */
export function upgradeResponse(
  { value: response, pointer }: LocatedObject,
  produces: readonly string[],
): LocatedObject {
  const examples = objectField(response, 'examples');
  const schema = own(response, 'schema');
  if (schema === undefined && Object.keys(examples).length === 0) return { value: response, pointer };
  const types = [
    ...new Set([
      ...(produces.length === 0 && schema !== undefined ? ['application/json'] : produces),
      ...Object.keys(examples),
    ]),
  ];
  const content = types.map((type) => {
    const example = own(examples, type);
    return [
      type,
      { ...(schema === undefined ? {} : { schema }), ...(example === undefined ? {} : { example }) },
    ] as const;
  });
  return { value: { ...response, content: foreignRecord(content) }, pointer, schemaPointer: `${pointer}/schema` };
}
