/** What an operation answers when all goes well: the document's example, else a sample of its schema. */
import { isObject, own } from '../kernel/json.ts';
import type { Json } from '../kernel/json.ts';
import type { MediaType, Operation, ResponseDescription, SchemaDialect } from '../openapi/operation.ts';
import { essenceOf, isJsonType } from '../task/media-type.ts';
import { emptyAnswer, jsonAnswer, textAnswer } from './answer.ts';
import type { Answer } from './answer.ts';
import { sampleSchema } from './sample-schema.ts';

interface SampleScope {
  readonly fragments: ReadonlyMap<string, Json>;
  readonly dialect: SchemaDialect;
}

/** @param fragments targets of the operation's references, by pointer */
export function sampleAnswer(
  operation: Operation,
  fragments: ReadonlyMap<string, Json>,
  dialect: SchemaDialect,
): Answer {
  const { status, response } = successOf(operation);
  const media = Object.entries(response?.content ?? {});
  const chosen = media.find(([type]) => isJsonType(essenceOf(type))) ?? media[0];
  if (chosen === undefined || status === 204 || status === 304) return emptyAnswer(status);
  return answerWith(status, chosen, { fragments, dialect });
}

/** The first success that the document names; `2XX` and `default` mean 200. */
function successOf({ responses }: Operation): { readonly status: number; readonly response?: ResponseDescription } {
  const names = Object.keys(responses);
  const exact = names.filter((name) => /^2\d\d$/.test(name)).toSorted()[0];
  const name = exact ?? names.find((each) => /^2xx$/i.test(each)) ?? names.find((each) => each === 'default');
  const response = name === undefined ? undefined : responses[name];
  return { status: exact === undefined ? 200 : Number(exact), ...(response === undefined ? {} : { response }) };
}

function answerWith(status: number, [type, media]: readonly [string, MediaType], scope: SampleScope): Answer {
  const contentType = /[*]/.test(type) ? 'application/json' : type;
  const content = media.example ?? sampleSchema(media.schema, { ...scope, direction: 'output' }) ?? {};
  if (isJsonType(essenceOf(contentType))) return jsonAnswer(status, content, { 'content-type': contentType });
  if (typeof content === 'string') return textAnswer(status, contentType, content);
  if (!/\bxml\b/i.test(contentType)) return textAnswer(status, contentType, JSON.stringify(content));
  return textAnswer(status, contentType, toXml(rootName(media.schema), content));
}

function rootName(schema: unknown): string {
  const name = own(own(schema, 'xml'), 'name');
  return typeof name === 'string' ? name : 'root';
}

/** Enough for a sample: elements, repeated for lists; no attributes. */
function toXml(name: string, content: unknown): string {
  const element = name.replace(/[^\w.-]/g, '_').replace(/^(?=[^A-Za-z_])/, '_');
  if (Array.isArray(content)) return content.map((item) => toXml(name, item)).join('');
  const inner = isObject(content)
    ? Object.entries(content)
        .map(([key, value]) => toXml(key, value))
        .join('')
    : String(content).replace(/[<&>]/g, (char) => `&#${char.charCodeAt(0)};`);
  return `<${element}>${inner}</${element}>`;
}
