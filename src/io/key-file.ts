/**
 * The key file: `{active, keys: {<id>: <base64 of 32 bytes>}}`, readable by its owner alone. It is never written in place: a reader meets the whole old
 * file or the whole new one. What a message may say of it is its path and what is wrong, never what stands in it.
 */
import { createSecretKey, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { constants } from 'node:fs';
import { link, open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { EverbearerError } from '../errors.ts';
import { isObject } from '../kernel/json.ts';
import type { EncryptionKeys } from './cipher.ts';

const KEY_BYTES = 32;
const MAX_FILE_BYTES = 64 * 1024;
const OWNER_ONLY = 0o600;
const OTHERS = 0o077;
const KEY_ID = /^[A-Za-z0-9_.-]{1,64}$/;

/**
 * Reads and checks a key file. Nothing is written.
 * @throws EverbearerError `configuration_missing` where it is missing, broken, half-written or readable by others
 */
export async function readKeyFile(path: string): Promise<EncryptionKeys> {
  const keys = await findKeyFile(path);
  if (keys !== undefined) return keys;
  throw refuse(path, 'does not exist', 'Name the key file of this store with --key-file or EVERBEARER_KEY_FILE.');
}

/**
 * As {@link readKeyFile}, but a file that does not exist is `undefined`.
 * @throws EverbearerError `configuration_missing` where it is broken, half-written or readable by others
 */
export async function findKeyFile(path: string): Promise<EncryptionKeys | undefined> {
  const text = await readOwnedText(path);
  return text === undefined ? undefined : parseKeyFile(text, path);
}

/**
 * Makes a key file with one random key, unless there is one by now: of two processes that make it at once both use the first one's.
 * @throws EverbearerError `configuration_missing` where the folder is missing or may not be written
 */
export async function createKeyFile(path: string): Promise<EncryptionKeys> {
  const id = newKeyId();
  const staged = await stage(path, { active: id, keys: new Map([[id, newKey()]]) });
  try {
    await link(staged, path);
    await syncFolder(path);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw unwritable(path, error);
  } finally {
    await rm(staged, { force: true });
  }
  return await readKeyFile(path);
}

/**
 * Adds a random key. The old ones stay, because what they sealed must still open.
 * @param activate whether it seals from now on. In a fleet: add it, bring the file to every machine, then {@link activateKey}
 * @returns the new key's id
 * @throws EverbearerError `configuration_missing` as {@link readKeyFile}
 */
export async function addKey(path: string, activate: boolean): Promise<string> {
  const { active, keys } = await readKeyFile(path);
  const id = newKeyId();
  await replaceKeyFile(path, { active: activate ? id : active, keys: new Map([...keys, [id, newKey()]]) });
  return id;
}

/**
 * Makes a key of the file the one that seals.
 * @throws EverbearerError `not_found` without such a key; `configuration_missing` as {@link readKeyFile}
 */
export async function activateKey(path: string, id: string): Promise<void> {
  const { keys } = await readKeyFile(path);
  if (!keys.has(id)) throw new EverbearerError('not_found', `The key file has no key "${id}".`);
  await replaceKeyFile(path, { active: id, keys });
}

/** @throws EverbearerError `configuration_missing` for anything but a whole key file */
function parseKeyFile(text: string, path: string): EncryptionKeys {
  const value = parseJson(text);
  if (!isObject(value) || typeof value['active'] !== 'string' || !isObject(value['keys'])) {
    throw refuse(path, 'is not a key file: {"active", "keys"} is missing or the file is cut short', RESTORE);
  }
  const keys = new Map(Object.entries(value['keys']).map(([id, key]) => [id, parseKey(id, key, path)]));
  if (!keys.has(value['active'])) throw refuse(path, 'names an active key that it does not hold', RESTORE);
  return { active: value['active'], keys };
}

function parseKey(id: string, value: unknown, path: string): KeyObject {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'base64') : Buffer.alloc(0);
  if (!KEY_ID.test(id) || bytes.length !== KEY_BYTES || bytes.toString('base64') !== value) {
    throw refuse(path, 'holds a key that is not 32 bytes in base64 under a plain id', RESTORE);
  }
  return createSecretKey(bytes);
}

/** Without the parser's own error: it quotes the text. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Mode and text come from one open file, so that what was checked is what is read. */
async function readOwnedText(path: string): Promise<string | undefined> {
  const handle = await openExisting(path);
  if (handle === undefined) return undefined;
  await using file = handle;
  const { mode, size } = await file.stat();
  if ((mode & constants.S_IFMT) === constants.S_IFDIR) throw refuse(path, 'is a folder', 'Name the file itself.');
  if (process.platform !== 'win32' && (mode & OTHERS) !== 0) {
    throw refuse(path, 'is open to other users of this machine', `Close it: chmod 600 ${path}`);
  }
  if (size > MAX_FILE_BYTES) throw refuse(path, 'is too large for a key file', RESTORE);
  return await file.readFile('utf8');
}

async function openExisting(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw unreadable(path, error);
  }
}

async function replaceKeyFile(path: string, keys: EncryptionKeys): Promise<void> {
  const staged = await stage(path, keys);
  try {
    await rename(staged, path);
    await syncFolder(path);
  } catch (error) {
    await rm(staged, { force: true });
    throw unwritable(path, error);
  }
}

/** A complete file beside the target, on disk before it gets the name. */
async function stage(path: string, { active, keys }: EncryptionKeys): Promise<string> {
  const staged = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}`);
  const encoded = Object.fromEntries([...keys].map(([id, key]) => [id, key.export().toString('base64')]));
  try {
    await using file = await open(staged, 'wx', OWNER_ONLY);
    await file.writeFile(`${JSON.stringify({ active, keys: encoded }, null, 2)}\n`);
    await file.sync();
    return staged;
  } catch (error) {
    await rm(staged, { force: true });
    throw unwritable(path, error);
  }
}

/** Without it a power cut could take the name back, after secrets were sealed with the key. Windows can't open a folder. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  await using folder = await open(dirname(path), 'r');
  await folder.sync();
}

function newKey(): KeyObject {
  return createSecretKey(randomBytes(KEY_BYTES));
}

function newKeyId(): string {
  return `k${randomBytes(6).toString('hex')}`;
}

const RESTORE = 'Restore the key file of this store from a backup; without it the stored secrets cannot be opened.';

function refuse(path: string, what: string, hint: string): EverbearerError {
  return new EverbearerError('configuration_missing', `The key file ${path} ${what}.`, { hint });
}

function unreadable(path: string, error: unknown): EverbearerError {
  return refuse(
    path,
    `cannot be read (${errorCode(error)})`,
    'Give this process the right to read it, and nobody else.',
  );
}

function unwritable(path: string, error: unknown): EverbearerError {
  const hint = 'Make its folder, writable by this process, or name another place with --key-file.';
  return refuse(path, `cannot be written (${errorCode(error)})`, hint);
}

function errorCode(error: unknown): string {
  return isObject(error) && typeof error['code'] === 'string' ? error['code'] : 'unknown error';
}
