/** Where swagger-client and we don't agree, why, and why ours is right. A difference that none of these explains fails the test. */
import { isObject } from '../../src/kernel/json.ts';
import type { Operation, Parameter } from '../../src/openapi/operation.ts';
import { isConnectionField } from '../../src/task/header-field.ts';
import type { Difference } from './request-difference.ts';
import type { SampledInput } from './sampled-input.ts';

export interface Compared {
  readonly operation: Operation;
  readonly input: SampledInput;
  /** Of the document. */
  readonly isOld: boolean;
}

export interface Reason {
  readonly why: string;
  readonly explains: (difference: Difference, compared: Compared) => boolean;
  /** Seen in the whole corpus only. */
  readonly isRare?: true;
}

const valueOf = ({ input }: Compared, { name }: Difference): unknown =>
  isObject(input.body) ? input.body[decodeURIComponent(name)] : undefined;

const isField = ({ what }: Difference): boolean => what === 'body' || what === 'part';

const queryParameter = ({ operation }: Compared, { what, name }: Difference): Parameter | undefined =>
  what === 'query'
    ? operation.parameters.find((one) => one.in === 'query' && name.split('%5B', 1)[0] === encodeURIComponent(one.name))
    : undefined;

const isNested = (value: unknown): boolean =>
  isObject(value) && Object.values(value).some((item) => typeof item === 'object' && item !== null);

export const REASONS: Readonly<Record<string, Reason>> = {
  accept: {
    why: 'We ask for what the document says the answers are; swagger-client asks for nothing unless told, and in 2.0 for errors too.',
    explains: ({ what, name }) => what === 'header' && name === 'accept',
  },
  'json parameter': {
    why: 'A text in a parameter whose content is JSON is a JSON string, with its quotes (OpenAPI 3.1.1 §4.8.12.2); swagger-client sends it bare.',
    explains: (difference, compared) =>
      queryParameter(compared, difference)?.contentType !== undefined &&
      difference.ours === `${difference.name}=%22${(difference.theirs ?? '').slice(difference.name.length + 1)}%22`,
  },
  list: {
    why: 'A list in a form or multipart body repeats its name, an item each (OpenAPI 3.0.4 §4.7.15); swagger-client joins it with commas, makes JSON of it (its issue 1527), or writes an empty text for an empty one.',
    explains: (difference, compared) => isField(difference) && Array.isArray(valueOf(compared, difference)),
  },
  'binary part': {
    why: 'Text for a property that the document calls bytes is sent as a file, which servers tell from a field; swagger-client sends a field.',
    explains: ({ what, ours, theirs }) =>
      what === 'part' &&
      /^\[(?!application\/json)[^\]]+\] /.test(ours ?? '') &&
      ours?.replace(/^\[[^\]]+\] /, '') === theirs,
  },
  'null field': {
    why: 'null writes nothing; swagger-client writes the word "null".',
    explains: (difference, compared) =>
      isField(difference) && valueOf(compared, difference) === null && difference.ours === undefined,
    isRare: true,
  },
  'json part': {
    why: 'A JSON part is not a file: it has a Content-Type and no file name; swagger-client makes a file of it, which the platform reads back with a type.',
    explains: ({ what, ours, theirs }) => {
      const text = /^\[application\/json[^\]]*\] /.test(theirs ?? '') ? theirs?.replace(/^\[[^\]]*\] /, '') : undefined;
      return what === 'part' && text !== undefined && (ours === text || ours === JSON.stringify(text));
    },
    isRare: true,
  },
  'json text': {
    why: 'A text as JSON body is a JSON string; swagger-client sends it bare, which no JSON parser reads.',
    explains: ({ what, ours, theirs }, { input }) =>
      what === 'body' && typeof input.body === 'string' && ours === JSON.stringify(theirs),
    isRare: true,
  },
  'text that looks like JSON': {
    why: 'A text stays as it is; swagger-client parses and writes it anew: 15.00 becomes 15 (its issue 4136).',
    explains: (difference, compared) =>
      isField(difference) &&
      /^[\d[{"]/.test(String(valueOf(compared, difference))) &&
      typeof valueOf(compared, difference) === 'string',
    isRare: true,
  },
  'undeclared path parameter': {
    why: 'A {name} of the path that no parameter describes is filled in all the same; swagger-client sends the braces.',
    explains: ({ what, theirs }) => (what === 'path' || what === 'query') && /%7B[^/]*%7D/.test(theirs ?? ''),
    isRare: true,
  },
  'query in the path': {
    why: 'A query within a path template stands as it is, and may have parameters; swagger-client writes it anew, or encodes the braces.',
    explains: ({ what }, { operation }) => what === 'query' && operation.path.includes('?'),
    isRare: true,
  },
  'fragment in the path': {
    why: 'A fragment only tells operations of one path apart, and is never sent.',
    explains: ({ what, ours, theirs }, { operation }) =>
      what === 'path' && operation.path.includes('#') && theirs?.startsWith(`${ours ?? ''}#`) === true,
    isRare: true,
  },
  'encoded already': {
    why: 'A value is data: its percent sign is encoded. swagger-client leaves alone what looks encoded (2.0 paths), or encodes no percent sign (cookies).',
    explains: ({ what, ours, theirs }) =>
      (what === 'path' && ours?.replaceAll('%2525', '%25') === theirs) ||
      (what === 'header' && ours?.replaceAll('%25', '%') === theirs),
    isRare: true,
  },
  'reserved delimiters': {
    why: 'With allowReserved, & and # within a value would end it; we encode these two, swagger-client lets them cut the query.',
    explains: ({ what }, { operation }) =>
      what === 'query' && operation.parameters.some(({ allowReserved }) => allowReserved),
    isRare: true,
  },
  'deep object': {
    why: 'deepObject goes on below its first level, in queries and forms; swagger-client writes JSON there, or the list without brackets.',
    explains: (difference, compared) => {
      const parameter = queryParameter(compared, difference);
      const value = parameter === undefined ? undefined : compared.input.query[parameter.name];
      const isForm = difference.what === 'body' && /^[^=]*%5B/.test(difference.ours ?? '');
      return isForm || (parameter?.style === 'deepObject' && (isNested(value) || Array.isArray(value)));
    },
    isRare: true,
  },
  'exploded object': {
    why: 'The properties of an exploded object are parameters of their own, and a name may come twice; swagger-client keeps the last.',
    explains: ({ what, ours, theirs }) =>
      what === 'query' && theirs !== undefined && (ours ?? '').split('&').includes(theirs),
    isRare: true,
  },
  'object in 2.0': {
    why: 'OpenAPI 2.0 has no objects in a query; read as 3.x they are exploded. swagger-client writes the name with nothing.',
    explains: ({ what }, { isOld, input }) => isOld && what === 'query' && Object.values(input.query).some(isObject),
    isRare: true,
  },
  'any media type': {
    why: 'A range is no Content-Type: we send what the body is; swagger-client sends the range.',
    explains: ({ what, name, theirs }) => what === 'header' && name === 'content-type' && /\*/.test(theirs ?? ''),
    isRare: true,
  },
  'list of media types': {
    why: 'Of several media types for a part its first is said; swagger-client says the whole list.',
    explains: ({ what, ours, theirs }) =>
      what === 'part' && /^\[[^\],]+, /.test(theirs ?? '') && ours === theirs?.replace(/, [^\]]*\]/, ']'),
    isRare: true,
  },
  'connection header': {
    why: "Content-Length, Connection and the like are the HTTP client's alone; swagger-client sends what it is given.",
    explains: ({ what, name, ours }) => what === 'header' && isConnectionField(name) && ours === undefined,
    isRare: true,
  },
  'falsy body': {
    why: '0, false and an empty text are JSON bodies; swagger-client sends none.',
    explains: ({ what, theirs }, { input }) => what === 'body' && theirs === undefined && !input.body,
    isRare: true,
  },
  'multipart in 2.0': {
    why: 'An operation that consumes multipart gets multipart; swagger-client sends it only where a parameter is a file.',
    explains: (difference, { isOld, input }) =>
      isOld && difference.what === 'body' && input.contentType === 'multipart/form-data',
    isRare: true,
  },
};

/** Documents of test suites that are broken on purpose, so that the two read other things: by what their path ends in. */
export const BROKEN_ON_PURPOSE: readonly string[] = [
  '3.0/fail/incorrectSecType.json',
  '3.0/fail/invalidSchema.json',
  '3.0/fail/invalidSchemaName.json',
  '3.0/fail/openapi-vue/edit1.json',
  '3.0/malicious/rapid7-js.json',
  'microdocs-server-default-1.7.0.json',
  'swaggo+swag/testdata/state/admin_expected.json',
  'swaggo+swag/testdata/state/user_expected.json',
  'test_specs/petstorev2-complete-modified.yaml',
];

export interface Refusal {
  readonly why: string;
  readonly explains: (message: string, compared: Compared) => boolean;
  readonly isRare?: true;
}

/** Where one of the two refuses. */
export const REFUSALS: Readonly<Record<string, Refusal>> = {
  'no text for it': {
    why: 'An object cannot become XML or bytes by itself; swagger-client sends JSON under the wrong type.',
    explains: (message, { input }) => /is not made from JSON/.test(message) && typeof input.body !== 'string',
    isRare: true,
  },
  'no fields in it': {
    why: 'A form or multipart body is made of properties; swagger-client numbers the items of a list, or the letters of a text.',
    explains: (message, { input }) =>
      /must be an object: its properties are the/.test(message) && !isObject(input.body),
    isRare: true,
  },
  'ignored header': {
    why: 'swagger-client demands header parameters that OpenAPI 3 says are ignored.',
    explains: (message) => /^Required parameter (?:Accept|Content-Type|Authorization) is not provided$/i.test(message),
  },
  'a fault of its own': {
    why: 'swagger-client throws for null in a multipart body, and for a text where 2.0 says list or object.',
    explains: (message) =>
      /^(?:Cannot convert undefined or null to object|Could not parse parameter value)/.test(message),
    isRare: true,
  },
  'two headers of one name': {
    why: 'Names of headers are told apart by letters, not by case: one of the two must go.',
    explains: (message) => /\/header\/.* is given twice/.test(message),
    isRare: true,
  },
  'empty segment': {
    why: 'An empty value would make another path; swagger-client builds it.',
    explains: (message) => /must not be empty: it is part of the path/.test(message),
    isRare: true,
  },
};
