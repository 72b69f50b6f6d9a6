/** `multipart/form-data` (RFC 7578) and other multipart types. The whole body is made at once, so that it can be sent again. */
import { isObject, own, type Json } from '../kernel/json.ts';
import { formatPointer } from '../kernel/json-pointer.ts';
import type { MediaType, PropertyEncoding } from '../openapi/operation.ts';
import { bytesOf, isBytes, isFileValue, type FileValue } from './file-value.ts';
import { headerText } from './header-field.ts';
import { located, Unwritable } from './input-fault.ts';
import { essenceOf, isJsonType, isRange, isTextType } from './media-type.ts';
import { jsonText, scalarText, styleWriter } from './parameter-style.ts';
import { encodeUnreserved } from './percent-encoding.ts';

export interface MultipartPlan {
  readonly encoding: ReadonlyMap<string, PropertyEncoding>;
  /** Properties whose schema says bytes: text given for one is sent as a file all the same. */
  readonly binary: ReadonlySet<string>;
  readonly isFormData: boolean;
}

interface Part {
  readonly name?: string;
  readonly filename?: string;
  readonly contentType?: string;
  readonly content: string | Uint8Array;
}

export interface Multipart {
  readonly body: Uint8Array;
  readonly boundary: string;
}

export type SchemaLookup = (schema: Json | undefined) => Json | undefined;

const OCTETS = 'application/octet-stream';

/** @param schemaOf follows a reference; without fragments only what stands in the media type itself is seen */
export function multipartPlan(
  mediaType: string,
  { encoding = {}, schema }: MediaType,
  schemaOf: SchemaLookup,
): MultipartPlan {
  const properties = own(schemaOf(schema), 'properties');
  const binary = isObject(properties)
    ? Object.entries(properties).filter(([, property]) => isBinaryProperty(schemaOf(property as Json), schemaOf))
    : [];
  return {
    encoding: new Map(Object.entries(encoding)),
    binary: new Set(binary.map(([name]) => name)),
    isFormData: essenceOf(mediaType) === 'multipart/form-data',
  };
}

/** @throws EverbearerError `input_invalid` at the property; Unwritable for what has no parts */
export function encodeMultipart(body: unknown, plan: MultipartPlan): Multipart {
  const parts = partsOf(body, plan);
  const boundary = chooseBoundary(parts);
  const chunks = parts.flatMap((part) => [
    Buffer.from(`--${boundary}\r\n${partHeaders(part, plan.isFormData)}\r\n`),
    typeof part.content === 'string' ? Buffer.from(part.content) : part.content,
    CRLF,
  ]);
  return { body: Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)]), boundary };
}

const CRLF = Buffer.from('\r\n');

function partsOf(body: unknown, plan: MultipartPlan): readonly Part[] {
  if (Array.isArray(body) && !plan.isFormData) {
    return body.map((item, index) => located(formatPointer(['body', index]), () => part(item, {}, false)));
  }
  if (!isObject(body) || isBytes(body)) throw new Unwritable('must be an object: its properties are the parts');
  return Object.entries(body).flatMap(([name, value]) =>
    located(formatPointer(['body', name]), () => propertyParts(name, value, plan)),
  );
}

function propertyParts(name: string, value: unknown, plan: MultipartPlan): readonly Part[] {
  if (value === undefined || value === null) return [];
  const encoding = plan.encoding.get(name) ?? {};
  const { style, explode } = encoding;
  if (style !== undefined || explode !== undefined) return styledParts(name, value, style ?? 'form', explode);
  const isWhole = encoding.contentType !== undefined && isJsonType(essenceOf(encoding.contentType));
  const values: readonly unknown[] = Array.isArray(value) && !isWhole ? value : [value];
  return values.map((item) => ({ name, ...part(item, encoding, plan.binary.has(name)) }));
}

/** As a query would say it, but not encoded: OpenAPI 3.1 lets `style` stand in multipart too. Files are never styled. */
function styledParts(
  name: string,
  value: unknown,
  style: NonNullable<PropertyEncoding['style']>,
  explode = style === 'form',
): readonly Part[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (items.some(isBytes) || (explode && Array.isArray(value)))
    return items.map((item) => ({ name, ...part(item, {}, false) }));
  const text = styleWriter({ style, explode, encode: encodeUnreserved })(encodeUnreserved(name), value);
  return (text ?? '')
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [key = '', ...rest] = pair.split('=');
      return { name: decodeURIComponent(key), content: decodeURIComponent(rest.join('=')) };
    });
}

function part(value: unknown, { contentType }: PropertyEncoding, isFile: boolean): Omit<Part, 'name'> {
  if (isBytes(value)) return filePart(value, contentType);
  const type = concrete(contentType) ?? (typeof value === 'object' ? 'application/json' : undefined);
  const isJson = type !== undefined && isJsonType(essenceOf(type));
  if (typeof value === 'string' && !isJson && (isFile || (type !== undefined && !isTextType(essenceOf(type))))) {
    return { filename: 'file', contentType: type ?? OCTETS, content: value };
  }
  if (typeof value === 'object' && !isJson) throw new Unwritable('must be text or {"base64": …}: its part is not JSON');
  const content = isJson ? jsonText(value) : scalarText(value);
  return type === undefined ? { content } : { contentType: type, content };
}

function filePart(value: FileValue | Uint8Array, declared: string | undefined): Omit<Part, 'name'> {
  const given = isFileValue(value) ? value : undefined;
  return {
    filename: given?.filename ?? 'file',
    contentType: given?.contentType ?? concrete(declared) ?? OCTETS,
    content: bytesOf(value),
  };
}

/** The first of a list of media types that is no range. */
function concrete(contentType: string | undefined): string | undefined {
  return contentType
    ?.split(',')
    .map((type) => type.trim())
    .find((type) => type !== '' && !isRange(essenceOf(type)));
}

function partHeaders({ name, filename, contentType }: Part, isFormData: boolean): string {
  const parameters = [
    ...(name === undefined ? [] : [`name="${quoted(name)}"`]),
    ...(filename === undefined ? [] : [`filename="${quoted(filename)}"`]),
  ];
  const disposition =
    isFormData || name !== undefined ? `Content-Disposition: ${['form-data', ...parameters].join('; ')}\r\n` : '';
  return `${disposition}${contentType === undefined ? '' : `Content-Type: ${headerText(contentType)}\r\n`}`;
}

/** As browsers escape names (WHATWG HTML, multipart form data). */
function quoted(text: string): string {
  return text.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** The first boundary that occurs in no part: no chance is needed, and the same input gives the same bytes. */
function chooseBoundary(parts: readonly Part[]): string {
  for (let attempt = 0; ; attempt++) {
    const boundary = `----everbearer-${attempt}`;
    if (!parts.some(({ content }) => includesText(content, boundary))) return boundary;
  }
}

function includesText(content: string | Uint8Array, text: string): boolean {
  if (typeof content === 'string') return content.includes(text);
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength).includes(text);
}

function isBinaryProperty(schema: Json | undefined, schemaOf: SchemaLookup): boolean {
  return isBinary(schema) || isBinary(schemaOf(own(schema, 'items') as Json | undefined));
}

/** `format: binary`, 2.0's `type: file`, and 3.1's `contentMediaType` without `contentEncoding`. */
function isBinary(schema: Json | undefined): boolean {
  if (own(schema, 'format') === 'binary' || own(schema, 'type') === 'file') return true;
  return own(schema, 'contentMediaType') !== undefined && own(schema, 'contentEncoding') === undefined;
}
