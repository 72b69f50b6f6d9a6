/** SHA-256 of a text, for the import: digests tell whether an operation changed. */
import { createHash } from 'node:crypto';

/** Of the text's UTF-8 bytes, hex. */
export function textDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
