/**
 * Joins a key file to its store. The store keeps a check value: the fingerprint key, sealed by an encryption key. That it opens shows that the key file
 * belongs to the store; that it is kept there, apart from the encryption keys, is why fingerprints outlive a key rotation.
 */
import { createSecretKey, randomBytes } from 'node:crypto';
import { EverbearerError } from '../errors.ts';
import type { Cipher, Sealed } from '../kernel/cipher.ts';
import { isObject } from '../kernel/json.ts';
import type { KeyCheckStore } from '../store.ts';
import { createCipher, open, seal } from './cipher.ts';
import type { EncryptionKeys } from './cipher.ts';
import { createKeyFile, findKeyFile, readKeyFile } from './key-file.ts';

const FINGERPRINT_KEY_BYTES = 32;
const BINDING = ['key-check', 'fingerprint-key'];

export interface OpenKeyringOptions {
  /** Path of the key file. */
  readonly path: string;
  /** Whether a missing file may be made while the store holds no secret: true for a `sqlite:` store, false for MongoDB. */
  readonly mayCreate: boolean;
  readonly keyCheck: KeyCheckStore;
}

/**
 * Opens the keys of a store, before anything else is written there. The first process of a store puts its check value down.
 * @throws EverbearerError `configuration_missing` where the key file is missing, broken, open to others, or of another store; `store_unavailable`
 */
export async function openKeyring(options: OpenKeyringOptions): Promise<Cipher> {
  const stored = await options.keyCheck.readKeyCheck();
  const mayCreate = options.mayCreate && stored === undefined;
  const keys = mayCreate ? await findOrCreate(options.path) : await readKeyFile(options.path);
  const check = stored ?? (await options.keyCheck.insertKeyCheck(newKeyCheck(keys)));
  return createCipher(keys, createSecretKey(openKeyCheck(keys, check, options.path)));
}

async function findOrCreate(path: string): Promise<EncryptionKeys> {
  return (await findKeyFile(path)) ?? (await createKeyFile(path));
}

function newKeyCheck(keys: EncryptionKeys): string {
  const fingerprintKey = randomBytes(FINGERPRINT_KEY_BYTES).toString('base64');
  return JSON.stringify({ version: 1, fingerprint_key: seal(keys, fingerprintKey, BINDING) });
}

/** @throws EverbearerError `configuration_missing` where it does not open: whatever these keys would seal here, others could not read */
function openKeyCheck(keys: EncryptionKeys, check: string, path: string): Buffer {
  const sealed = parseKeyCheck(check);
  try {
    const key = Buffer.from(open(keys, sealed, BINDING), 'base64');
    if (key.length === FINGERPRINT_KEY_BYTES) return key;
  } catch (error) {
    if (!(error instanceof EverbearerError)) throw error;
  }
  throw new EverbearerError(
    'configuration_missing',
    `${path} is the key file of another store: this one was written with the key "${sealed.kid}", which it does not hold.`,
    { hint: 'Name the key file that this store was written with (--key-file or EVERBEARER_KEY_FILE).' },
  );
}

function parseKeyCheck(text: string): Sealed {
  try {
    const value: unknown = JSON.parse(text);
    const sealed = isObject(value) && value['version'] === 1 ? value['fingerprint_key'] : undefined;
    if (isObject(sealed)) {
      const { ct, iv, kid } = sealed;
      if (typeof ct === 'string' && typeof iv === 'string' && typeof kid === 'string') return { ct, iv, kid };
    }
  } catch {
    // Not JSON: refused below like every other text that is no check value.
  }
  throw new EverbearerError('configuration_missing', "The store's check value of its keys cannot be read.", {
    hint: 'Restore the store from a backup, or use the version of Everbearer that wrote it.',
  });
}
