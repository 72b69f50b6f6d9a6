/** From the bytes of an answer to text: byte order mark, then the charset of its content type, else UTF-8. */

export interface DecodedText {
  readonly text: string;
  /** Why the bytes can't be trusted to be this text. */
  readonly problem?: string;
}

const UTF_8 = new TextDecoder('utf-8', { fatal: true });

/** Never fails: bytes that don't fit are replaced and the problem is told, so that a refusal can still be read. */
export function decodeText(bytes: Uint8Array, contentType: string | undefined): DecodedText {
  const label = markedCharset(bytes) ?? declaredCharset(contentType) ?? 'utf-8';
  try {
    return { text: (label === 'utf-8' ? UTF_8 : new TextDecoder(label, { fatal: true })).decode(bytes) };
  } catch (error) {
    const unknown = error instanceof RangeError;
    const problem = unknown ? 'declares a charset that does not exist' : 'is not in the charset that it declares';
    return { text: new TextDecoder('utf-8').decode(bytes), problem };
  }
}

function markedCharset(bytes: Uint8Array): string | undefined {
  const first = bytes[0];
  const second = bytes[1];
  if (first === 0xef && second === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : undefined;
}

/** `utf-16` without a byte order mark is big-endian (RFC 2781 §4.3); the label alone would be read as little-endian. */
function declaredCharset(contentType: string | undefined): string | undefined {
  const charset = /;\s*charset\s*=\s*"?([^"\s;]+)/i.exec(contentType ?? '')?.[1]?.toLowerCase();
  return charset === 'utf-16' ? 'utf-16be' : charset;
}
