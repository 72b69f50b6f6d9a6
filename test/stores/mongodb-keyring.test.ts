/** A key file and a real store, as a process opens them. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createKeyFile } from '../../src/io/key-file.ts';
import { openKeyring } from '../../src/io/keyring.ts';
import { hasMongodb } from '../support/mongodb.ts';
import type { StoreUnderTest } from './contract/store-under-test.ts';
import { openMongoUnderTest } from './support/mongodb-under-test.ts';

describe.skipIf(!hasMongodb)('keys of a MongoDB store', () => {
  let folder: string;
  let opened: StoreUnderTest;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'everbearer-keyring-'));
    opened = await openMongoUnderTest();
  });
  afterEach(async () => {
    await opened.dispose();
    await rm(folder, { recursive: true });
  });

  test('workers with copies of one key file read what the others sealed; another key file is refused', async () => {
    const [path, foreign] = [join(folder, 'keys.json'), join(folder, 'foreign.json')];
    await createKeyFile(path);
    await createKeyFile(foreign);
    const stores = [opened.store, await opened.another(), await opened.another()];
    const ciphers = await Promise.all(
      stores.map(async ({ keys }) => await openKeyring({ path, mayCreate: false, keyCheck: keys })),
    );
    expect(new Set(ciphers.map((cipher) => cipher.fingerprint(['x']))).size).toBe(1);
    expect(ciphers[2]?.open(ciphers[0]!.seal('secret', ['x']), ['x'])).toBe('secret');
    await expect(openKeyring({ path: foreign, mayCreate: false, keyCheck: opened.store.keys })).rejects.toMatchObject({
      code: 'configuration_missing',
      message: expect.stringContaining('another store'),
    });
  });

  test('a missing key file is not made', async () => {
    const path = join(folder, 'keys.json');
    await expect(openKeyring({ path, mayCreate: false, keyCheck: opened.store.keys })).rejects.toMatchObject({
      code: 'configuration_missing',
    });
    expect(await readdir(folder)).toEqual([]);
    expect(await opened.store.keys.readKeyCheck()).toBeUndefined();
  });
});
