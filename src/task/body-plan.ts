/** The media types that an operation's body may have, each with its encoder, and which of them a task uses. */
import type { Json } from '../kernel/json.ts';
import type { MediaType, RequestBody } from '../openapi/operation.ts';
import { bytesOf, isBytes, isFileValue } from './file-value.ts';
import { formWriters, writeForm } from './form-body.ts';
import { headerText } from './header-field.ts';
import { located, Unwritable } from './input-fault.ts';
import {
  charsetOf,
  covers,
  essenceOf,
  isBinaryType,
  isJsonType,
  isLinesType,
  isRange,
  isTextType,
} from './media-type.ts';
import { encodeMultipart, multipartPlan, type SchemaLookup } from './multipart-body.ts';
import { jsonText, scalarText } from './parameter-style.ts';

export interface EncodedBody {
  readonly body: string | Uint8Array;
  /** As sent. */
  readonly contentType: string;
}

export type BodyKind = 'json' | 'form' | 'multipart' | 'text' | 'bytes' | 'any';

/** One entry of a Request Body Object's `content`. */
export interface MediaTypePlan {
  /** The key of `content` as written; may be a range. */
  readonly declared: string;
  readonly essence: string;
  readonly kind: BodyKind;
  /** Throws `Unwritable`. @param contentType what the header is to say */
  readonly encode: (body: unknown, contentType: string) => EncodedBody;
}

export interface BodyPlan {
  readonly required: boolean;
  /** In the document's order; never empty. */
  readonly mediaTypes: readonly [MediaTypePlan, ...MediaTypePlan[]];
  /** JSON where there is JSON, else the first. */
  readonly preferred: MediaTypePlan;
}

export interface ChosenMediaType {
  readonly plan: MediaTypePlan;
  readonly contentType: string;
  /** False where the document does not have it. */
  readonly isDeclared: boolean;
}

const JSON_TYPE = 'application/json';
const OCTETS = 'application/octet-stream';

/** `undefined` where the operation takes no body. A body without media types is taken for JSON. */
export function compileBody(body: RequestBody | undefined, schemaOf: SchemaLookup): BodyPlan | undefined {
  if (body === undefined) return undefined;
  const [first = mediaTypePlan(JSON_TYPE), ...others] = Object.entries(body.content).map(([declared, mediaType]) =>
    mediaTypePlan(declared, mediaType, schemaOf),
  );
  const mediaTypes = [first, ...others] as const;
  return {
    required: body.required,
    mediaTypes: [...mediaTypes],
    preferred: mediaTypes.find(({ kind }) => kind === 'json') ?? first,
  };
}

/**
 * The media type of a task's body: the one it names, else JSON, else the document's first; bytes go to the first that takes bytes. One that the document
 * does not have is encoded all the same, and marked.
 */
export function chooseMediaType(
  plan: BodyPlan | undefined,
  body: unknown,
  contentType: string | undefined,
): ChosenMediaType {
  const essence = contentType === undefined ? undefined : essenceOf(contentType);
  if (contentType !== undefined && essence !== undefined && !isRange(essence))
    return namedType(plan, contentType, essence);
  const chosen = plan?.mediaTypes.find((candidate) => candidate.essence === essence) ?? defaultType(plan, body);
  if (chosen !== undefined && !isRange(chosen.essence)) {
    return { plan: chosen, contentType: chosen.declared, isDeclared: true };
  }
  const guessed = guessType(body, chosen?.essence);
  return { plan: mediaTypePlan(guessed), contentType: guessed, isDeclared: chosen !== undefined };
}

function namedType(plan: BodyPlan | undefined, contentType: string, essence: string): ChosenMediaType {
  const declared =
    plan?.mediaTypes.find((candidate) => candidate.essence === essence) ??
    plan?.mediaTypes.find((candidate) => covers(candidate.essence, essence));
  if (declared !== undefined && declared.kind !== 'any') return { plan: declared, contentType, isDeclared: true };
  return { plan: mediaTypePlan(contentType), contentType, isDeclared: declared !== undefined };
}

function defaultType(plan: BodyPlan | undefined, body: unknown): MediaTypePlan | undefined {
  const takesBytes = isBytes(body) && plan?.mediaTypes.find(({ kind }) => kind === 'bytes' || kind === 'any');
  return takesBytes || plan?.preferred;
}

/** @param schemaOf follows references; only multipart bodies look into their schema */
export function mediaTypePlan(
  declared: string,
  mediaType: MediaType = {},
  schemaOf: SchemaLookup = (schema: Json | undefined) => schema,
): MediaTypePlan {
  const essence = essenceOf(declared);
  const kind = kindOf(essence);
  return { declared, essence, kind, encode: encoderOf(kind, declared, mediaType, schemaOf) };
}

function kindOf(essence: string): BodyKind {
  if (isJsonType(essence)) return 'json';
  if (essence === 'application/x-www-form-urlencoded') return 'form';
  if (essence.startsWith('multipart/')) return 'multipart';
  if (essence === '*/*' || essence === '*' || essence === 'application/*') return 'any';
  return isTextType(essence) ? 'text' : 'bytes';
}

function encoderOf(
  kind: BodyKind,
  declared: string,
  mediaType: MediaType,
  schemaOf: SchemaLookup,
): MediaTypePlan['encode'] {
  switch (kind) {
    case 'json':
      return (body, contentType) => ({ body: jsonText(body), contentType });
    case 'form': {
      const writers = formWriters(mediaType.encoding);
      return (body, contentType) => ({ body: writeForm(body, writers), contentType });
    }
    case 'multipart': {
      const plan = multipartPlan(declared, mediaType, schemaOf);
      return (body, contentType) => {
        const { body: bytes, boundary } = encodeMultipart(body, plan);
        return { body: bytes, contentType: `${essenceOf(contentType)}; boundary=${boundary}` };
      };
    }
    case 'text':
      return encodeText;
    case 'bytes':
    case 'any':
      return encodeBytes;
  }
}

function encodeText(body: unknown, contentType: string): EncodedBody {
  if (isBytes(body)) return { body: bytesOf(body), contentType };
  const charset = charsetOf(contentType);
  if (charset !== undefined && !/^(?:utf-?8|us-ascii)$/.test(charset)) {
    throw new Unwritable(
      'must be given as {"base64": …}: text is sent as UTF-8, and contentType names another charset',
    );
  }
  if (Array.isArray(body) && isLinesType(essenceOf(contentType))) {
    return { body: body.map((line) => `${jsonText(line)}\n`).join(''), contentType };
  }
  if (typeof body === 'object')
    throw new Unwritable(`must be text or {"base64": …}: ${essenceOf(contentType)} is not made from JSON`);
  return { body: scalarText(body), contentType };
}

function encodeBytes(body: unknown, contentType: string): EncodedBody {
  if (isBytes(body)) return { body: bytesOf(body), contentType };
  if (typeof body === 'string') return { body, contentType };
  if (!isBinaryType(essenceOf(contentType))) return { body: jsonText(body), contentType };
  throw new Unwritable(`must be text or {"base64": …}: ${essenceOf(contentType)} is not made from JSON`);
}

/** For a range, or where nothing is said. */
function guessType(body: unknown, range: string | undefined): string {
  if (isFileValue(body) && body.contentType !== undefined) return headerSafe(body.contentType);
  if (isBytes(body)) return OCTETS;
  if (typeof body === 'string') return range === undefined ? JSON_TYPE : 'text/plain';
  return JSON_TYPE;
}

function headerSafe(contentType: string): string {
  return located('/body/contentType', () => headerText(contentType));
}
