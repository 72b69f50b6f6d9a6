/** The version of a SQLite file: new, current, behind, ahead, half-way. */
import { existsSync, readdirSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SQLITE_MIGRATIONS, type SqliteMigration } from '../../adapters/stores/sqlite/migrations.ts';
import { openSqliteStore } from '../../adapters/stores/sqlite/sqlite-store.ts';
import type { Store } from '../../src/store.ts';
import { sampleIntegration } from './contract/integration-store-contract.ts';
import { mountSmallDisk } from './support/small-disk.ts';
import { editDatabase, openTemporarySqlite, type SqliteUnderTest } from './support/sqlite-under-test.ts';

const ADD_COLUMN: SqliteMigration = {
  id: '0101-add-note',
  up: (database) => database.exec(`ALTER TABLE integrations ADD COLUMN note TEXT NOT NULL DEFAULT 'none'`),
};
const FILL_COLUMN: SqliteMigration = {
  id: '0102-fill-note',
  up: (database) => database.exec(`UPDATE integrations SET note = 'filled:' || name`),
};
const LATER = [...SQLITE_MIGRATIONS, ADD_COLUMN, FILL_COLUMN];

describe('SQLite: migrations', () => {
  let here: SqliteUnderTest;
  const opened: Store[] = [];
  beforeEach(async () => {
    here = await openTemporarySqlite();
    await here.store.integrations.insert(sampleIntegration('kept'));
  });
  afterEach(async () => {
    for (const each of opened.splice(0)) await each.close();
    await here.dispose();
  });

  async function openWith(migrations: readonly SqliteMigration[], migrateOnOpen = true): Promise<Store> {
    const store = await openSqliteStore(here.path, { migrations, migrateOnOpen });
    opened.push(store);
    return store;
  }

  const backups = (): readonly string[] =>
    readdirSync(dirname(here.path))
      .filter((name) => name.startsWith(`${basename(here.path)}.backup-`))
      .map((name) => join(dirname(here.path), name));
  const notes = (path: string): unknown =>
    editDatabase(path, (database) => database.prepare('SELECT name, note FROM integrations').all());
  const versionOf = (path: string): unknown =>
    editDatabase(path, (database) => database.prepare('PRAGMA user_version').get()?.['user_version']);

  test('the list is the folder, numbered without gaps', () => {
    const folder = join(import.meta.dirname, '../../migrations/sqlite');
    const files = readdirSync(folder)
      .sort()
      .map((name) => name.replace(/\.ts$/, ''));
    expect(SQLITE_MIGRATIONS.map((migration) => migration.id)).toEqual(files);
    files.forEach((name, i) =>
      expect(name).toMatch(new RegExp(`^${String(i + 1).padStart(4, '0')}-[a-z]+(-[a-z]+)+$`)),
    );
  });

  test('a new file is made without a backup copy', () => {
    expect(versionOf(here.path)).toBe(SQLITE_MIGRATIONS.length);
    expect(backups()).toEqual([]);
  });

  test('a file that is behind is copied, then brought up in order', async () => {
    const store = await openWith(LATER);
    expect(await store.migrationStatus()).toEqual({ version: LATER.length, known: LATER.length, pending: [] });
    expect(notes(here.path)).toEqual([{ name: 'kept', note: 'filled:kept' }]);
    expect(await store.integrations.findByName('kept')).toMatchObject({ name: 'kept' });

    const [backup = ''] = backups();
    expect(backups()).toHaveLength(1);
    expect(basename(backup)).toMatch(new RegExp(`\\.backup-${SQLITE_MIGRATIONS.length}-\\d{8}T\\d{9}Z$`));
    expect(statSync(backup).mode & 0o777).toBe(0o600);
    expect(versionOf(backup)).toBe(SQLITE_MIGRATIONS.length);
    const restored = await openSqliteStore(backup);
    expect(await restored.integrations.findByName('kept')).toMatchObject({ name: 'kept' });
    await restored.close();
  });

  test('a file that is current is neither copied nor changed', async () => {
    const store = await openWith(SQLITE_MIGRATIONS);
    expect(await store.migrate()).toEqual([]);
    expect(backups()).toEqual([]);
  });

  test('of several connections at once one migrates', async () => {
    const stores = await Promise.all([openWith(LATER), openWith(LATER), openWith(LATER)]);
    for (const store of stores) expect((await store.migrationStatus()).version).toBe(LATER.length);
    expect(backups()).toHaveLength(1);
  });

  test('without migrateOnOpen it tells what is pending, and migrate does it', async () => {
    const store = await openWith(LATER, false);
    expect(await store.migrationStatus()).toEqual({
      version: SQLITE_MIGRATIONS.length,
      known: LATER.length,
      pending: [ADD_COLUMN.id, FILL_COLUMN.id],
    });
    expect(versionOf(here.path)).toBe(SQLITE_MIGRATIONS.length);
    expect(await store.migrate()).toEqual([ADD_COLUMN.id, FILL_COLUMN.id]);
    expect(await store.migrate()).toEqual([]);
  });

  test('a step that fails leaves the file as it was, those before it included', async () => {
    const broken: SqliteMigration = {
      id: '0102-break',
      up: () => {
        throw new Error('broken step');
      },
    };
    await expect(openWith([...SQLITE_MIGRATIONS, ADD_COLUMN, broken])).rejects.toThrow('broken step');
    expect(versionOf(here.path)).toBe(SQLITE_MIGRATIONS.length);
    expect(() => notes(here.path)).toThrow('no such column: note');
    expect(await here.store.integrations.findByName('kept')).toMatchObject({ name: 'kept' });
  });

  test('where the backup copy finds no space, nothing is migrated and no half of a copy is left', async (context) => {
    const disk = mountSmallDisk(join(dirname(here.path), 'disk'));
    if (disk === undefined) return context.skip();
    try {
      const path = join(disk.path, 'store.db');
      const store = await openSqliteStore(path);
      await store.integrations.insert(sampleIntegration('kept'));
      await store.close();
      writeFileSync(join(disk.path, 'ballast'), Buffer.alloc(statfsSync(disk.path).bavail * 4096 - 64 * 1024));
      await expect(openSqliteStore(path, { migrations: LATER })).rejects.toMatchObject({
        code: 'store_unavailable',
        message: expect.stringContaining('has no space left'),
      });
      expect(readdirSync(disk.path).sort()).toEqual(['ballast', 'store.db']);
      expect(versionOf(path)).toBe(SQLITE_MIGRATIONS.length);
      rmSync(join(disk.path, 'ballast'));
      const again = await openSqliteStore(path, { migrations: LATER });
      expect(await again.integrations.findByName('kept')).toBeDefined();
      await again.close();
    } finally {
      disk.unmount();
    }
  });

  test('a step that leaves broken references is undone', async () => {
    const orphan: SqliteMigration = {
      id: '0101-orphan',
      up: (database) =>
        database.exec(
          `PRAGMA defer_foreign_keys = ON; INSERT INTO fragments (model_id, pointer, value) VALUES ('none', '/a', '1')`,
        ),
    };
    await expect(openWith([...SQLITE_MIGRATIONS, orphan])).rejects.toThrow('broken references');
    expect(versionOf(here.path)).toBe(SQLITE_MIGRATIONS.length);
  });

  test('a file that is newer than the program is refused before anything is written', async () => {
    await openWith(LATER);
    const before = statSync(here.path).mtimeMs;
    await expect(openWith(SQLITE_MIGRATIONS)).rejects.toMatchObject({
      code: 'configuration_missing',
      hint: expect.stringContaining('newer Everbearer'),
      details: { version: LATER.length, known: SQLITE_MIGRATIONS.length },
    });
    expect(statSync(here.path).mtimeMs).toBe(before);
    expect(existsSync(`${here.path}-journal`)).toBe(false);
  });
});
