/** The body of an API's answer as JSON can carry it. */
import { decodeText } from '../exchange/answer-text.ts';
import { isNestedDeeper } from '../kernel/nesting.ts';
import { charsetOf, essenceOf, isJsonType, isTextType } from './media-type.ts';

/** What neither is JSON nor text. */
export interface BinaryBody {
  readonly base64: string;
  readonly contentType: string;
}

/** Writing JSON is recursive here and in every engine: what is deeper could be read, but never be passed on. */
const MOST_LEVELS = 1_000;

const OCTETS = 'application/octet-stream';

/**
 * JSON parsed, text as a string, anything else as {@link BinaryBody}; an empty body is `null`. The content type decides; JSON that doesn't parse or is nested too deep to be written again is text,
 * and without a content type well-formed UTF-8 is text.
 */
export function readBody(bytes: Uint8Array, contentType: string | undefined): unknown {
  if (bytes.length === 0) return null;
  if (contentType === undefined) return readUnlabelled(bytes);
  const essence = essenceOf(contentType);
  if (isJsonType(essence)) return readJson(decodeText(bytes, contentType).text);
  return isTextType(essence) ? readText(bytes, contentType) : binaryBody(bytes, contentType);
}

function readJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return text.length > 2 * MOST_LEVELS && isNestedDeeper(value, MOST_LEVELS) ? text : value;
  } catch {
    return text.trim() === '' ? null : text;
  }
}

/** Text without a charset that is no UTF-8 is what it was before UTF-8: Latin-1, which loses nothing. */
function readText(bytes: Uint8Array, contentType: string): string {
  const { text, problem } = decodeText(bytes, contentType);
  const isOlder = problem !== undefined && charsetOf(contentType) === undefined;
  return isOlder ? new TextDecoder('windows-1252').decode(bytes) : text;
}

function readUnlabelled(bytes: Uint8Array): unknown {
  const { text, problem } = decodeText(bytes, undefined);
  return problem === undefined && !text.includes('\0') ? text : binaryBody(bytes, OCTETS);
}

function binaryBody(bytes: Uint8Array, contentType: string): BinaryBody {
  return { base64: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64'), contentType };
}
