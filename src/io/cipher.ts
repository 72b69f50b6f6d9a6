/** The {@link Cipher} of Node's OpenSSL: AES-256-GCM for secrets at rest, HMAC-SHA-256 for fingerprints. Imports kernel ports only. */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { EverbearerError } from '../errors.ts';
import type { Cipher, Sealed } from '../kernel/cipher.ts';

const ALGORITHM = 'aes-256-gcm';
/** NIST SP 800-38D §8.2: the one length that isn't hashed first. Random, so one key seals at most 2^32 values. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const FINGERPRINT_BYTES = 16;

/** The encryption keys of a process. Key objects, because a buffer shows its bytes wherever it is printed. */
export interface EncryptionKeys {
  /** Id of the key that seals. */
  readonly active: string;
  /** By id: every key that opens, the active one among them. 32 bytes each. */
  readonly keys: ReadonlyMap<string, KeyObject>;
}

/**
 * Makes the cipher that the core uses.
 * @param fingerprintKey 32 random bytes, the same for every process of a store whatever key is active
 */
export function createCipher(keys: EncryptionKeys, fingerprintKey: KeyObject): Cipher {
  return {
    seal: (plaintext, binding) => seal(keys, plaintext, binding),
    open: (sealed, binding) => open(keys, sealed, binding),
    fingerprint: (parts) => fingerprint(fingerprintKey, parts),
  };
}

/**
 * Encrypts under the active key.
 * @throws EverbearerError `bad_request` for half a surrogate pair, which UTF-8 would silently replace; `key_unknown` without the active key
 */
export function seal(keys: EncryptionKeys, plaintext: string, binding: readonly string[]): Sealed {
  if (!plaintext.isWellFormed()) {
    throw new EverbearerError('bad_request', 'A secret holds half of a Unicode surrogate pair.', {
      hint: 'Give the secret as valid Unicode text.',
    });
  }
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, keyOf(keys, keys.active), nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(encodeParts(binding));
  const bytes = [cipher.update(plaintext, 'utf8'), cipher.final(), cipher.getAuthTag()];
  return { ct: Buffer.concat(bytes).toString('base64'), iv: nonce.toString('base64'), kid: keys.active };
}

/**
 * Decrypts.
 * @throws EverbearerError `key_unknown` where the key id is not in the key file; `configuration_missing` where the tag does not fit
 */
export function open(keys: EncryptionKeys, sealed: Sealed, binding: readonly string[]): string {
  const key = keyOf(keys, sealed.kid);
  try {
    const nonce = decodeBase64(sealed.iv);
    const bytes = decodeBase64(sealed.ct);
    if (nonce.length !== NONCE_BYTES || bytes.length < TAG_BYTES) throw new RangeError('not a sealed value');
    const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(encodeParts(binding));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()]).toString('utf8');
  } catch (cause) {
    throw new EverbearerError('configuration_missing', `A stored secret does not open with the key "${sealed.kid}".`, {
      hint: 'It was changed in the store, copied from another record, or sealed with another key of that id: set it again.',
      cause,
    });
  }
}

function fingerprint(key: KeyObject, parts: readonly string[]): string {
  const digest = createHmac('sha256', key).update(encodeParts(parts)).digest();
  return digest.subarray(0, FINGERPRINT_BYTES).toString('base64url');
}

function keyOf({ keys }: EncryptionKeys, kid: string): KeyObject {
  const key = keys.get(kid);
  if (key !== undefined) return key;
  throw new EverbearerError('key_unknown', `The key "${kid}" is not in the key file.`, {
    hint: 'Copy the current key file to this machine; every process of a store needs every key.',
    details: { kid },
  });
}

/** Each part behind its length, so that no two lists give the same bytes. UTF-16, in which every string has bytes of its own. */
function encodeParts(parts: readonly string[]): Buffer {
  return Buffer.concat(
    parts.flatMap((part) => {
      const bytes = Buffer.from(part, 'utf16le');
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return [length, bytes];
    }),
  );
}

/** Strict: Node's decoder skips what it does not know, which would let two texts mean one value. */
function decodeBase64(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw new RangeError('not base64');
  return bytes;
}
