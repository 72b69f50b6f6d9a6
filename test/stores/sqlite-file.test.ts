/** The SQLite file itself: who may read it, and what is said when it can't be used. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Connection } from '../../adapters/stores/sqlite/connection.ts';
import { createEventStore } from '../../adapters/stores/sqlite/events.ts';
import { openSqliteStore, type SqliteStoreOptions } from '../../adapters/stores/sqlite/sqlite-store.ts';
import type { NewEvent } from '../../src/kernel/event.ts';
import type { Store } from '../../src/store.ts';
import { sampleIntegration } from './contract/integration-store-contract.ts';
import { mountSmallDisk } from './support/small-disk.ts';
import { endStoreProcesses, startStoreProcess } from './support/sqlite-process.ts';
import { editDatabase, temporaryDirectory } from './support/sqlite-under-test.ts';

/** Any user without rights of its own. */
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const EVENT: NewEvent = { type: 'token_retrieved', actor: 'system', reason: 'x'.repeat(20_000), outcome: 'ok' };

describe('SQLite: the file', () => {
  let directory: string;
  const opened: Store[] = [];
  beforeEach(() => {
    directory = temporaryDirectory();
  });
  afterEach(async () => {
    await endStoreProcesses();
    for (const each of opened.splice(0)) await each.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

  async function open(path: string, options: SqliteStoreOptions = {}): Promise<Store> {
    const store = await openSqliteStore(path, options);
    opened.push(store);
    return store;
  }

  async function refusal(path: string, options?: SqliteStoreOptions): Promise<unknown> {
    return await open(path, options).then(
      () => undefined,
      (error: unknown) => error,
    );
  }

  test('file, WAL and shared memory are for their owner only, also under a generous umask; so is a directory made for them', async () => {
    const before = process.umask(0);
    try {
      const path = join(directory, 'a', 'b', 'store.db');
      const store = await open(path);
      await store.events.append(EVENT);
      expect([path, `${path}-wal`, `${path}-shm`].map(modeOf)).toEqual(['600', '600', '600']);
      expect([join(directory, 'a'), join(directory, 'a', 'b')].map(modeOf)).toEqual(['700', '700']);
    } finally {
      process.umask(before);
    }
  });

  test('rights that others have on an existing file are taken away', async () => {
    const path = join(directory, 'store.db');
    await (await openSqliteStore(path)).close();
    chmodSync(path, 0o644);
    await open(path);
    expect(modeOf(path)).toBe('600');
  });

  test('writes are durable: WAL and full synchronisation', async () => {
    const path = join(directory, 'store.db');
    await open(path);
    expect(editDatabase(path, (database) => database.prepare('PRAGMA journal_mode').get())).toEqual({
      journal_mode: 'wal',
    });
    const connection = new Connection(path);
    expect(connection.one({ sql: 'PRAGMA synchronous' })).toEqual({ synchronous: 2 });
    connection.close();
  });

  test('a directory, a text file, a database of another program and a path through a file are told apart', async () => {
    const text = join(directory, 'text.db');
    writeFileSync(text, 'This is a text and no database. '.repeat(40));
    const foreign = join(directory, 'foreign.db');
    editDatabase(foreign, (database) => database.exec('CREATE TABLE theirs (a)'));
    const foreignBytes = readFileSync(foreign);
    mkdirSync(join(directory, 'folder.db'));

    const cases = [
      ['folder.db', 'is a directory'],
      ['text.db', 'is not a SQLite database'],
      ['foreign.db', 'is a database of another program'],
      ['text.db/store.db', 'cannot be opened'],
    ] as const;
    for (const [name, message] of cases) {
      expect(await refusal(join(directory, name))).toMatchObject({
        code: 'store_unavailable',
        retryable: false,
        message: `The store file ${join(directory, name)} ${message}.`,
        hint: expect.stringMatching(/\w{4}/),
      });
    }
    expect(readFileSync(foreign).equals(foreignBytes)).toBe(true);
    expect(readdirSync(directory).sort()).toEqual(['folder.db', 'foreign.db', 'text.db']);
  });

  test.skipIf(process.platform !== 'linux')('a place where no directory can be made is refused at once', async () => {
    await expect(openSqliteStore('/proc/none/store.db')).rejects.toMatchObject({ code: 'store_unavailable' });
  });

  test('a damaged file is called so', async () => {
    const path = join(directory, 'store.db');
    const store = await openSqliteStore(path);
    for (let i = 0; i < 20; i += 1) await store.events.append(EVENT);
    await store.close();
    const file = openSync(path, 'r+');
    for (let page = 2; page < 40; page += 1) writeSync(file, Buffer.alloc(4096, 0xa5), 0, 4096, page * 4096);
    const openAndList = async (): Promise<unknown> => await (await open(path)).events.list();
    await expect(openAndList()).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining('is damaged'),
      hint: expect.stringContaining('backup copy'),
    });
  });

  test.skipIf(process.getuid === undefined)('what this user may not read or write is said to be so', async () => {
    const own = join(directory, 'own');
    const path = join(own, 'store.db');
    const store = await openSqliteStore(path);
    await store.integrations.insert(sampleIntegration('kept'));
    await store.close();
    chmodSync(directory, 0o755);

    const asNobody = async (target: string): Promise<unknown> => {
      if (!isRoot) return { error: await refusal(target) };
      return await (await startStoreProcess({ uid: NOBODY })).tell({ kind: 'open', path: target });
    };
    const unwritable = { code: 'store_unavailable', retryable: false };
    chmodSync(own, 0o000);
    expect(await asNobody(path)).toMatchObject({
      error: { ...unwritable, message: expect.stringMatching(/cannot be opened/) },
    });
    chmodSync(own, 0o555);
    expect(await asNobody(join(own, 'new', 'store.db'))).toMatchObject({
      error: { ...unwritable, message: expect.stringMatching(/cannot be opened/) },
    });
    chmodSync(path, 0o444);
    expect(await asNobody(path)).toMatchObject({
      error: { ...unwritable, message: expect.stringMatching(/cannot be (written|opened)/) },
    });
    chmodSync(own, 0o700);
    const again = await open(path);
    expect(await again.integrations.findByName('kept')).toBeDefined();
  });

  test('a lock that others hold too long is store_unavailable and may pass; one that ends in time is waited for', async () => {
    const path = join(directory, 'store.db');
    const store = await open(path, { lockWaitMs: 250 });
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    await expect(store.events.append(EVENT)).rejects.toMatchObject({
      code: 'store_unavailable',
      retryable: true,
      message: expect.stringContaining('is locked by another process for longer than 0.25 s'),
    });
    expect((await store.events.list()).items).toEqual([]);
    const patient = await open(path);
    const appended = patient.events.append(EVENT);
    await new Promise((resolve) => setTimeout(resolve, 60));
    other.exec('COMMIT');
    await appended;
    other.close();
    expect((await store.events.list()).items).toHaveLength(1);
  });

  test('while a lock is waited for, the event loop runs', async () => {
    const path = join(directory, 'store.db');
    const store = await open(path, { lockWaitMs: 200 });
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    let turns = 0;
    const ticking = setInterval(() => (turns += 1), 5);
    await expect(store.events.append(EVENT)).rejects.toMatchObject({ code: 'store_unavailable' });
    clearInterval(ticking);
    other.close();
    expect(turns).toBeGreaterThan(2);
  });

  const full = { code: 'store_unavailable', retryable: true, message: expect.stringContaining('has no space left') };

  test('a full file refuses writes, keeps what was acknowledged, and works again with space', async () => {
    const path = join(directory, 'store.db');
    await open(path);
    const connection = new Connection(path);
    const events = createEventStore(connection);
    connection.script('PRAGMA max_page_count = 120');
    const stored = await fill(() => events.append(EVENT), full);
    expect(stored).toBeGreaterThan(3);
    await expect(events.append(EVENT)).rejects.toMatchObject(full);
    expect((await events.list({ limit: 1000 })).items).toHaveLength(stored);
    connection.script('PRAGMA max_page_count = 100000');
    await events.append(EVENT);
    expect((await events.list({ limit: 1000 })).items).toHaveLength(stored + 1);
    connection.close();
  });

  test('a full disk refuses writes, keeps what was acknowledged, and works again with space', async (context) => {
    const disk = mountSmallDisk(join(directory, 'disk'));
    if (disk === undefined) return context.skip();
    try {
      writeFileSync(join(disk.path, 'ballast'), Buffer.alloc(1024 * 1024));
      const path = join(disk.path, 'store.db');
      const store = await openSqliteStore(path);
      // Bigger than what the last event left over.
      const late = sampleIntegration('late', { sealed: { ct: 'A'.repeat(64 * 1024), iv: 'aXY=', kid: 'k1' } });
      const stored = await fill(() => store.events.append(EVENT), full);
      await expect(store.integrations.insert(late)).rejects.toMatchObject(full);
      expect((await store.events.list({ limit: 1000 })).items).toHaveLength(stored);
      await expect(openSqliteStore(join(disk.path, 'second', 'store.db'))).rejects.toMatchObject(full);
      rmSync(join(disk.path, 'ballast'));
      expect(await store.integrations.insert(late)).toBe('inserted');
      await store.close();
      const again = await openSqliteStore(path);
      expect((await again.events.list({ limit: 1000 })).items).toHaveLength(stored);
      expect(await again.integrations.findByName('late')).toBeDefined();
      await again.close();
    } finally {
      disk.unmount();
    }
  });

  test('a closed store leaves one file, with everything in it', async () => {
    const path = join(directory, 'store.db');
    const store = await openSqliteStore(path);
    await store.integrations.insert(sampleIntegration('kept'));
    await store.close();
    expect(readdirSync(dirname(path))).toEqual(['store.db']);
    expect(existsSync(`${path}-wal`)).toBe(false);
    expect(await (await open(path)).integrations.findByName('kept')).toBeDefined();
  });
});

/** Writes until it is refused. @returns how many writes were acknowledged */
async function fill(write: () => Promise<void>, refusal: object): Promise<number> {
  for (let stored = 0; ; stored += 1) {
    const error = await write().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error === undefined) continue;
    expect(error).toMatchObject(refusal);
    return stored;
  }
}
