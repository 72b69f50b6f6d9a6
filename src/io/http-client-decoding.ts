/** Content codings of answers (RFC 9110 §8.4.1), decoded with a limit on what may come out. */
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';

export type DecodingOutcome =
  { readonly body: Uint8Array } | { readonly fault: 'too_large' | 'encoding'; readonly detail: string };

interface DecodeOptions {
  readonly maxOutputLength: number;
}
type Decoder = (body: Uint8Array, options: DecodeOptions) => Promise<Uint8Array>;

/** More than anyone sends in earnest; each one more costs an attacker little and us a whole pass. */
const MOST_CODINGS = 4;

const gunzip: Decoder = promisify(zlib.gunzip);
const inflate: Decoder = promisify(zlib.inflate);
const inflateRaw: Decoder = promisify(zlib.inflateRaw);

const DECODERS: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  ['gzip', gunzip],
  ['x-gzip', gunzip],
  // The name means the zlib format, but some servers send the bare stream (RFC 9110 §8.4.1.2).
  ['deflate', (body, options) => (hasZlibHeader(body) ? inflate(body, options) : inflateRaw(body, options))],
  ['br', promisify(zlib.brotliDecompress)],
  ['zstd', promisify(zlib.zstdDecompress)],
]);

/**
 * Undoes every coding of the header, last first. An empty body has nothing to undo.
 *
 * @param maxBytes limit for the outcome of each pass
 */
export async function decodeContent(body: Uint8Array, header: string, maxBytes: number): Promise<DecodingOutcome> {
  const codings = parseCodings(header);
  if (codings.length > MOST_CODINGS) return { fault: 'encoding', detail: `${codings.length} content codings` };
  let decoded = body;
  for (const coding of codings.reverse()) {
    const decoder = DECODERS.get(coding);
    if (decoder === undefined) return { fault: 'encoding', detail: 'a content coding that is not supported' };
    const outcome = await decodeOnce(decoder, decoded, maxBytes);
    if ('fault' in outcome) return outcome;
    decoded = outcome.body;
  }
  return { body: decoded };
}

async function decodeOnce(decoder: Decoder, body: Uint8Array, maxBytes: number): Promise<DecodingOutcome> {
  if (body.byteLength === 0) return { body };
  try {
    // zlib wants at least 1; with a limit of 0 the comparison below refuses.
    const decoded = await decoder(body, { maxOutputLength: Math.max(1, maxBytes) });
    return decoded.byteLength > maxBytes ? tooLarge(maxBytes) : { body: decoded };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge(maxBytes) : { fault: 'encoding', detail: code };
  }
}

function tooLarge(maxBytes: number): DecodingOutcome {
  return { fault: 'too_large', detail: `${maxBytes} bytes after decoding` };
}

function parseCodings(header: string): string[] {
  return header
    .split(',')
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => coding !== '' && coding !== 'identity');
}

/** RFC 1950 §2.2: method 8, and the first two bytes are a multiple of 31. */
function hasZlibHeader(body: Uint8Array): boolean {
  const [first = 0, second = 0] = body;
  return (first & 0x0f) === 8 && ((first << 8) | second) % 31 === 0;
}
