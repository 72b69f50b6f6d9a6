/** One parameter of an operation, compiled: its place in the input and how its value is written. */
import type { Parameter, ParameterLocation, ParameterStyle } from '../openapi/operation.ts';
import { formatPointer } from '../kernel/json-pointer.ts';
import { writeForm } from './form-body.ts';
import { cookieText, headerText } from './header-field.ts';
import { essenceOf, isJsonType } from './media-type.ts';
import { jsonText, scalarText, styleWriter } from './parameter-style.ts';
import {
  encodeCookieValue,
  encodePathValue,
  encodeReserved,
  encodeReservedPathValue,
  encodeUnreserved,
  type TextEncoding,
} from './percent-encoding.ts';

/** Where a parameter stands in the task input. A 3.2 `querystring` parameter is the whole of `query`. */
export type InputGroup = 'path' | 'query' | 'header' | 'cookie';

export interface ValueWriter {
  readonly name: string;
  readonly group: InputGroup;
  /** Into the task input. */
  readonly pointer: string;
  /**
   * path: the text · query: `name=value`, joined by `&` · header: the field's value · cookie: `name=value`, joined by `; `. `undefined`: nothing.
   * Throws `Unwritable`.
   */
  readonly write: (value: unknown) => string | undefined;
}

const STYLES_OF: Readonly<Record<InputGroup, readonly [ParameterStyle, ...ParameterStyle[]]>> = {
  path: ['simple', 'label', 'matrix'],
  query: ['form', 'spaceDelimited', 'pipeDelimited', 'tabDelimited', 'deepObject'],
  header: ['simple'],
  cookie: ['form', 'cookie'],
};

const FORM_TYPE = 'application/x-www-form-urlencoded';
const UNCHANGED: TextEncoding = (text) => text;

export function groupOf(location: ParameterLocation): InputGroup {
  return location === 'querystring' ? 'query' : location;
}

export function parameterWriter(parameter: Parameter): ValueWriter {
  const group = groupOf(parameter.in);
  const pointer = formatPointer(parameter.in === 'querystring' ? [group] : [group, parameter.name]);
  return { name: parameter.name, group, pointer, write: writerOf(parameter, group) };
}

function writerOf(parameter: Parameter, group: InputGroup): ValueWriter['write'] {
  if (parameter.in === 'querystring') return wholeQueryWriter(parameter);
  if (parameter.contentType !== undefined) return contentWriter(parameter, group, parameter.contentType);
  const style = STYLES_OF[group].find((known) => known === parameter.style) ?? STYLES_OF[group][0];
  const encode = encodingOf(parameter, group, style);
  // OpenAPI 3.2, Appendix D: with `&` in between a server would see one cookie, so `form` joins as `cookie` does.
  const write = styleWriter({ style: group === 'cookie' ? 'cookie' : style, explode: parameter.explode, encode });
  const name = group === 'cookie' ? parameter.name : encodeUnreserved(parameter.name);
  if (group !== 'header') return (value) => write(name, value);
  return (value) => {
    const text = write(name, value);
    return text === undefined ? undefined : headerText(text);
  };
}

function encodingOf(parameter: Parameter, group: InputGroup, style: ParameterStyle): TextEncoding {
  switch (group) {
    case 'path':
      return parameter.allowReserved ? encodeReservedPathValue : encodePathValue;
    case 'query':
      return parameter.allowReserved ? encodeReserved : encodeUnreserved;
    case 'cookie':
      return style === 'cookie' ? cookieText : encodeCookieValue;
    case 'header':
      return UNCHANGED;
  }
}

/** `content` in the place of `schema`: the value as that media type, then encoded for its place. */
function contentWriter(
  { name, allowReserved }: Parameter,
  group: InputGroup,
  contentType: string,
): ValueWriter['write'] {
  const text = isJsonType(essenceOf(contentType)) ? jsonText : scalarText;
  switch (group) {
    case 'path':
      return (value) => encodePathValue(text(value));
    case 'query': {
      const encode = allowReserved ? encodeReserved : encodeUnreserved;
      const prefix = `${encodeUnreserved(name)}=`;
      return (value) => prefix + encode(text(value));
    }
    case 'cookie':
      return (value) => `${name}=${encodeCookieValue(text(value))}`;
    case 'header':
      return (value) => headerText(text === jsonText ? asciiJson(text(value)) : text(value));
  }
}

/** OpenAPI 3.2 `in: querystring`: the value is the whole query. */
function wholeQueryWriter({ contentType = FORM_TYPE }: Parameter): ValueWriter['write'] {
  const essence = essenceOf(contentType);
  if (essence === FORM_TYPE) return (value) => writeForm(value, new Map(), ['query']);
  const text = isJsonType(essence) ? jsonText : scalarText;
  return (value) => encodeUnreserved(text(value));
}

/** JSON that a header can hold: what is not ASCII is escaped. */
function asciiJson(json: string): string {
  return json.replaceAll(/[^ -~]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
