import { access, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { addKey, createKeyFile } from '../../src/io/key-file.ts';
import { openKeyring } from '../../src/io/keyring.ts';
import type { KeyCheckStore } from '../../src/store.ts';

/** A store that keeps the check value in memory and counts the tries to write one. */
class MemoryKeyCheck implements KeyCheckStore {
  value: string | undefined;
  writes = 0;
  async readKeyCheck(): Promise<string | undefined> {
    return this.value;
  }
  async insertKeyCheck(value: string): Promise<string> {
    this.writes += 1;
    this.value ??= value;
    return this.value;
  }
}

let folder: string;
let path: string;
let keyCheck: MemoryKeyCheck;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'everbearer-keyring-'));
  path = join(folder, 'keys.json');
  keyCheck = new MemoryKeyCheck();
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

describe('a store without a secret', () => {
  test('of SQLite: a missing key file is made, and the second process gets the same cipher', async () => {
    const first = await openKeyring({ path, mayCreate: true, keyCheck });
    const second = await openKeyring({ path, mayCreate: true, keyCheck });
    expect(second.open(first.seal('secret', ['x']), ['x'])).toBe('secret');
    expect(second.fingerprint(['x'])).toBe(first.fingerprint(['x']));
  });

  test('two first processes at once end with one key and one fingerprint key', async () => {
    const opened = await Promise.all(
      Array.from({ length: 8 }, async () => await openKeyring({ path, mayCreate: true, keyCheck })),
    );
    expect(new Set(opened.map((cipher) => cipher.fingerprint(['x']))).size).toBe(1);
    expect(new Set(opened.map((cipher) => cipher.seal('x', []).kid)).size).toBe(1);
  });

  test('of MongoDB: a missing key file is refused and nothing is made or written', async () => {
    await expect(openKeyring({ path, mayCreate: false, keyCheck })).rejects.toMatchObject({
      code: 'configuration_missing',
      hint: expect.stringContaining('--key-file'),
    });
    expect(await readdir(folder)).toEqual([]);
    expect(keyCheck.writes).toBe(0);
  });

  test('a broken key file is refused and left alone', async () => {
    await writeFile(path, '{"active":', { mode: 0o600 });
    await expect(openKeyring({ path, mayCreate: true, keyCheck })).rejects.toMatchObject({
      code: 'configuration_missing',
    });
    expect(keyCheck.writes).toBe(0);
  });
});

describe('a store that holds a secret', () => {
  beforeEach(async () => {
    await openKeyring({ path, mayCreate: true, keyCheck });
    keyCheck.writes = 0;
  });

  test('a missing key file is not made', async () => {
    await rm(path);
    await expect(openKeyring({ path, mayCreate: true, keyCheck })).rejects.toMatchObject({
      code: 'configuration_missing',
    });
    await expect(access(path)).rejects.toThrow();
  });

  test('the key file of another store is told from its own, before anything is written', async () => {
    await rm(path);
    await createKeyFile(path);
    await expect(openKeyring({ path, mayCreate: true, keyCheck })).rejects.toMatchObject({
      code: 'configuration_missing',
      message: expect.stringContaining('another store'),
    });
    expect(keyCheck.writes).toBe(0);
  });

  test('another key under the same id is told, too', async () => {
    const kid = (JSON.parse(keyCheck.value!) as { fingerprint_key: { kid: string } }).fingerprint_key.kid;
    const foreign = { active: kid, keys: { [kid]: Buffer.alloc(32, 1).toString('base64') } };
    await writeFile(path, JSON.stringify(foreign), { mode: 0o600 });
    await expect(openKeyring({ path, mayCreate: false, keyCheck })).rejects.toMatchObject({
      code: 'configuration_missing',
      message: expect.stringContaining('another store'),
    });
  });

  test('a key rotation leaves fingerprints as they were', async () => {
    const before = await openKeyring({ path, mayCreate: false, keyCheck });
    const kid = await addKey(path, true);
    const after = await openKeyring({ path, mayCreate: false, keyCheck });
    expect(after.fingerprint(['x'])).toBe(before.fingerprint(['x']));
    expect(after.seal('x', []).kid).toBe(kid);
    expect(after.open(before.seal('secret', ['x']), ['x'])).toBe('secret');
  });

  test.each(['', 'null', '{}', '{"version":2,"fingerprint_key":{"ct":"","iv":"","kid":""}}', '{"version":1}'])(
    'the check value %j cannot be read and is refused',
    async (value) => {
      keyCheck.value = value;
      await expect(openKeyring({ path, mayCreate: false, keyCheck })).rejects.toMatchObject({
        code: 'configuration_missing',
      });
    },
  );
});

test('a store whose check value another process wrote first, with other keys, is refused', async () => {
  await createKeyFile(path);
  const other = join(folder, 'other.json');
  await createKeyFile(other);
  const late: KeyCheckStore = {
    readKeyCheck: async () => undefined,
    insertKeyCheck: async (value) => await keyCheck.insertKeyCheck(value),
  };
  await openKeyring({ path, mayCreate: false, keyCheck: late });
  await expect(openKeyring({ path: other, mayCreate: false, keyCheck: late })).rejects.toMatchObject({
    message: expect.stringContaining('another store'),
  });
});
