/** A plan and an input → the request. The hot path of every task: no schema, no document, no regular expression beyond the encoders'. */
import { formatPointer } from '../kernel/json-pointer.ts';
import { headerText } from './header-field.ts';
import { inputInvalid, located } from './input-fault.ts';
import type { OperationInput, UndeclaredParameter } from './operation-input.ts';
import { scalarText, styleWriter } from './parameter-style.ts';
import type { ValueWriter } from './parameter-writer.ts';
import { writePieces, type ParameterGroup } from './path-plan.ts';
import { encodeCookieValue, encodeUnreserved } from './percent-encoding.ts';
import type { RequestPlan } from './request-plan.ts';
import { isUnder, type ServerBase } from './server-base.ts';

export interface BuiltRequest {
  readonly method: string;
  /** Absolute; under the server's origin and base path. */
  readonly url: string;
  /** Names in lower case, each once; values without control characters. A plain object of the caller's own, who may add credentials. */
  readonly headers: Record<string, string>;
  readonly body?: string | Uint8Array;
  /** Whether the body can be sent again as it is. Always, since bodies are made whole; a body that streams would say false. */
  readonly replayable: boolean;
}

/** @throws EverbearerError `input_invalid` with pointers, for what is missing from the path or cannot be written */
export function buildRequest(plan: RequestPlan, server: ServerBase, input: OperationInput): BuiltRequest {
  const query = writeQuery(plan, input);
  const url = server.url + writePieces(plan.path.pieces, input.path) + (query === '' ? '' : `?${query}`);
  if (!isUnder(server, url))
    throw inputInvalid([{ pointer: '/path', message: 'must stay under the base path of the server' }]);
  const headers = writeHeaders(plan, input);
  const { body, mediaType } = input;
  if (body === undefined || mediaType === undefined) return { method: plan.method, url, headers, replayable: true };
  const encoded = located('/body', () => mediaType.plan.encode(body, mediaType.contentType));
  headers['content-type'] = located('/contentType', () => headerText(encoded.contentType));
  return { method: plan.method, url, headers, body: encoded.body, replayable: true };
}

function writeQuery(plan: RequestPlan, input: OperationInput): string {
  const declared = joined(writePairs(plan, input), writeGroup(plan.query, input.query, '&'), '&');
  return input.undeclared.length === 0
    ? declared
    : joined(declared, writeUndeclared(input.undeclared, 'query', '&'), '&');
}

function writePairs({ path }: RequestPlan, input: OperationInput): string {
  let text = '';
  for (const { pieces, replacedBy } of path.pairs) {
    if (replacedBy === undefined || input.query[replacedBy] === undefined) {
      text = joined(text, writePieces(pieces, input.path), '&');
    }
  }
  return text;
}

function writeHeaders(plan: RequestPlan, input: OperationInput): Record<string, string> {
  const { accept, undeclared } = input;
  const headers: Record<string, string> = {
    accept: accept === undefined ? plan.accept : located('/header/accept', () => headerText(scalarText(accept))),
  };
  for (const writer of plan.headers) {
    const text = writeValue(writer, input.header[writer.name]);
    if (text !== undefined) headers[writer.field] = text;
  }
  for (const { group, name, value } of undeclared) {
    if (group === 'header')
      headers[name.toLowerCase()] = located(formatPointer(['header', name]), () => headerText(scalarText(value)));
  }
  const cookies = joined(
    writeGroup(plan.cookies, input.cookie, '; '),
    writeUndeclared(undeclared, 'cookie', '; '),
    '; ',
  );
  if (cookies !== '') headers['cookie'] = joined(headers['cookie'] ?? '', cookies, '; ');
  return headers;
}

function writeGroup(writers: readonly ValueWriter[], group: ParameterGroup, separator: string): string {
  let text = '';
  for (const writer of writers) text = joined(text, writeValue(writer, group[writer.name]) ?? '', separator);
  return text;
}

function writeValue(writer: ValueWriter, value: unknown): string | undefined {
  return value === undefined ? undefined : located(writer.pointer, () => writer.write(value));
}

const UNDECLARED = {
  query: styleWriter({ style: 'form', explode: true, encode: encodeUnreserved }),
  cookie: styleWriter({ style: 'cookie', explode: true, encode: encodeCookieValue }),
};

/** As the defaults of OpenAPI would have it. */
function writeUndeclared(
  undeclared: readonly UndeclaredParameter[],
  group: 'query' | 'cookie',
  separator: string,
): string {
  let text = '';
  for (const { group: place, name, value } of undeclared) {
    if (place !== group) continue;
    const written = located(formatPointer([group, name]), () => UNDECLARED[group](encodeUnreserved(name), value));
    text = joined(text, written ?? '', separator);
  }
  return text;
}

function joined(left: string, right: string, separator: string): string {
  if (left === '') return right;
  return right === '' ? left : left + separator + right;
}
