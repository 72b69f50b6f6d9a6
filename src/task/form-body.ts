/** `application/x-www-form-urlencoded`, of bodies and of 3.2 `querystring` parameters (OpenAPI Encoding Object). */
import { isObject } from '../kernel/json.ts';
import { formatPointer } from '../kernel/json-pointer.ts';
import type { PropertyEncoding } from '../openapi/operation.ts';
import { located, Unwritable } from './input-fault.ts';
import { essenceOf, isJsonType } from './media-type.ts';
import { jsonText, styleWriter, type StyleWriter } from './parameter-style.ts';
import { encodeReserved, encodeUnreserved } from './percent-encoding.ts';

const FORM = styleWriter({ style: 'form', explode: true, encode: encodeUnreserved });

/** The writers of the properties that have an encoding of their own. */
export function formWriters(
  encodings: Readonly<Record<string, PropertyEncoding>> = {},
): ReadonlyMap<string, StyleWriter> {
  return new Map(Object.entries(encodings).map(([name, encoding]) => [name, propertyWriter(encoding)]));
}

/**
 * An object's properties as `name=value&…`; text passes as it is. Lists repeat their name and objects become JSON text unless the property's encoding
 * says otherwise.
 * @param at where the body stands in the input
 * @throws EverbearerError `input_invalid` at the property; Unwritable for what is no object
 */
export function writeForm(
  body: unknown,
  writers: ReadonlyMap<string, StyleWriter>,
  at: readonly string[] = ['body'],
): string {
  if (typeof body === 'string') return body;
  if (!isObject(body)) throw new Unwritable('must be an object: its properties are the form fields');
  const fields: string[] = [];
  for (const [name, value] of Object.entries(body)) {
    const write = writers.get(name) ?? writeProperty;
    const field = located(formatPointer([...at, name]), () => write(encodeUnreserved(name), value));
    if (field !== undefined) fields.push(field);
  }
  return fields.join('&');
}

function writeProperty(name: string, value: unknown): string | undefined {
  return isObject(value) ? `${name}=${encodeUnreserved(jsonText(value))}` : FORM(name, value);
}

/** Where `style`, `explode` or `allowReserved` is given, `contentType` is ignored (OpenAPI 3.1.1 §4.8.15.1). */
function propertyWriter({ style, explode, allowReserved, contentType }: PropertyEncoding): StyleWriter {
  if (style === undefined && explode === undefined && allowReserved === undefined) {
    return contentType !== undefined && isJsonType(essenceOf(contentType)) ? writeJson : writeProperty;
  }
  const chosen = style ?? 'form';
  return styleWriter({
    style: chosen,
    explode: explode ?? chosen === 'form',
    encode: allowReserved === true ? encodeReserved : encodeUnreserved,
  });
}

function writeJson(name: string, value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : `${name}=${encodeUnreserved(jsonText(value))}`;
}
