/** One answer, read: body by its content type, and where that is wrong (it often is) by how it looks (F25). */
import type { HttpResponse } from '../kernel/http-client.ts';
import { own } from '../kernel/json.ts';
import { isNestedDeeper } from '../kernel/nesting.ts';
import { decodeText } from './answer-text.ts';
import { loadXmlReader } from './foreign-formats.ts';

export interface Answer {
  readonly status: number;
  /** Lower-case names; repeated headers are a list. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly contentType?: string;
  readonly text: string;
  readonly body: AnswerBody;
  /** Why the text can't be trusted: wrong or unknown charset. */
  readonly encodingProblem?: string;
}

/** `data` is what pointers and JSONPath look into. `html` is never a token, whatever it says. */
export type AnswerBody =
  { readonly kind: 'json' | 'xml' | 'form'; readonly data: unknown } | { readonly kind: 'html' | 'text' | 'empty' };

/** No token answer needs more; all that looks into one may go down level by level then. */
const MOST_LEVELS = 100;

export async function readAnswer(response: HttpResponse): Promise<Answer> {
  const contentType = firstHeader(response.headers, 'content-type');
  const { text, problem } = decodeText(response.body, contentType);
  return {
    status: response.status,
    headers: response.headers,
    ...(contentType === undefined ? {} : { contentType }),
    text,
    body: await readBody(text.trim(), (contentType ?? '').toLowerCase()),
    ...(problem === undefined ? {} : { encodingProblem: problem }),
  };
}

/** The first value of a header, trimmed. */
export function firstHeader(headers: HttpResponse['headers'], name: string): string | undefined {
  const value = own(headers, name.toLowerCase());
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === 'string' ? first.trim() : undefined;
}

async function readBody(text: string, contentType: string): Promise<AnswerBody> {
  if (text === '') return { kind: 'empty' };
  if (text.startsWith('<')) return await readMarkup(text, contentType);
  const json = /^[[{"]/.test(text) || /[/+]json\b/.test(contentType) ? parseJson(text) : undefined;
  if (json !== undefined) return json;
  return looksFormEncoded(text) ? { kind: 'form', data: parseForm(text) } : { kind: 'text' };
}

async function readMarkup(text: string, contentType: string): Promise<AnswerBody> {
  if (contentType.includes('html') || /^<(?:!doctype\s+html|html|head|body|script|!--)/i.test(text))
    return { kind: 'html' };
  try {
    return dataBody('xml', (await loadXmlReader())(text));
  } catch {
    return { kind: 'text' };
  }
}

function parseJson(text: string): AnswerBody | undefined {
  try {
    return dataBody('json', JSON.parse(text));
  } catch {
    return undefined;
  }
}

function dataBody(kind: 'json' | 'xml', data: unknown): AnswerBody {
  return isNestedDeeper(data, MOST_LEVELS) ? { kind: 'text' } : { kind, data };
}

/** `access_token=…&scope=…`, as old token endpoints answer under any content type. */
function looksFormEncoded(text: string): boolean {
  return /^[\w.~%+-]+=[^\s<>"]*$/.test(text);
}

/** The first of repeated names stands: RFC 6749 §3.2 allows none. */
function parseForm(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries([...new URLSearchParams(text)].reverse());
}
