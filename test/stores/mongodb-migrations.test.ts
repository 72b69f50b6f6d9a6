import { MongoClient } from 'mongodb';
import type { Db, Document } from 'mongodb';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MIGRATIONS } from '../../adapters/stores/mongodb/migrator.ts';
import type { MongoMigration } from '../../adapters/stores/mongodb/migrator.ts';
import { openMongoStore } from '../../adapters/stores/mongodb/mongodb-store.ts';
import type { OpenMongoStoreOptions } from '../../adapters/stores/mongodb/mongodb-store.ts';
import type { Store } from '../../src/store.ts';
import { freshMongodbUri, hasMongodb } from '../support/mongodb.ts';

describe.skipIf(!hasMongodb)('MongoDB migrations', () => {
  let uri: string;
  let client: MongoClient;
  let stores: Store[];
  let ran: string[];
  beforeEach(async () => {
    uri = freshMongodbUri();
    client = await MongoClient.connect(uri);
    stores = [];
    ran = [];
  });
  afterEach(async () => {
    await Promise.all(stores.map(async (store) => await store.close()));
    await client.db().dropDatabase();
    await client.close();
  });

  async function open(options?: OpenMongoStoreOptions): Promise<Store> {
    const store = await openMongoStore(uri, options);
    stores.push(store);
    return store;
  }

  function step(id: string, up: (db: Db) => Promise<unknown> = async () => undefined): MongoMigration {
    return {
      id,
      up: async (db) => {
        await up(db);
        ran.push(id);
      },
    };
  }

  const meta = () => client.db().collection<Document & { _id: string }>('meta');

  test('an empty database is migrated by whoever opens it first, once', async () => {
    const migrations = [step('0001-a'), step('0002-b')];
    await Promise.all(Array.from({ length: 5 }, async () => await open({ migrations })));
    expect(ran).toEqual(['0001-a', '0002-b']);
    expect(await stores[0]?.migrationStatus()).toEqual({ version: 2, known: 2, pending: [] });
    expect(await meta().findOne({ _id: 'schema' })).toMatchObject({ version: 2, applied: ['0001-a', '0002-b'] });
  });

  test('the ids of the migrations number themselves', () => {
    for (const [index, { id }] of MIGRATIONS.entries()) {
      expect(id).toMatch(new RegExp(`^${String(index + 1).padStart(4, '0')}-[a-z]+(-[a-z]+)+$`));
    }
  });

  test('a store with pending migrations is refused, naming the command, and nothing of it is changed', async () => {
    await open({ migrations: [step('0001-a')] });
    const migrations = [step('0001-a'), step('0002-b')];
    await expect(open({ migrations })).rejects.toMatchObject({
      code: 'configuration_missing',
      message: expect.stringContaining('0002-b'),
      hint: expect.stringContaining('everbearer migrate'),
    });
    expect(ran).toEqual(['0001-a']);
  });

  test('the migrate command sees what is pending, runs it, and only it', async () => {
    await open({ migrations: [step('0001-a')] });
    const migrations = [step('0001-a'), step('0002-b'), step('0003-c')];
    const store = await open({ migrations, pendingMigrations: 'allow' });
    expect(await store.migrationStatus()).toEqual({ version: 1, known: 3, pending: ['0002-b', '0003-c'] });
    expect(await store.migrate()).toEqual(['0002-b', '0003-c']);
    expect(ran).toEqual(['0001-a', '0002-b', '0003-c']);
    expect(await store.migrate()).toEqual([]);
    await open({ migrations });
  });

  test('looking at an empty database does not migrate it', async () => {
    const store = await open({ migrations: [step('0001-a')], pendingMigrations: 'allow' });
    expect(await store.migrationStatus()).toEqual({ version: 0, known: 1, pending: ['0001-a'] });
    expect(await client.db().listCollections().toArray()).toEqual([]);
  });

  test.each(['refuse', 'allow'] as const)('a store newer than the program is refused (%s)', async (pending) => {
    await open({ migrations: [step('0001-a'), step('0002-b')] });
    await expect(open({ migrations: [step('0001-a')], pendingMigrations: pending })).rejects.toMatchObject({
      code: 'configuration_missing',
      message: expect.stringContaining('newer'),
    });
  });

  test('a step that fails is tried again by the next run; those before it are not', async () => {
    let broken = true;
    const migrations = [
      step('0001-a'),
      step('0002-b', async (db) => {
        if (broken) await db.command({ noSuchCommand: 1 });
      }),
    ];
    await expect(open({ migrations })).rejects.toMatchObject({ code: 'store_unavailable' });
    broken = false;
    const store = await open({ migrations, pendingMigrations: 'allow' });
    expect(await store.migrate()).toEqual(['0002-b']);
    expect(ran).toEqual(['0001-a', '0002-b']);
  });

  test('the lock of a crashed process is waited for until it has run out', async () => {
    await meta().insertOne({ _id: 'migration-lock', holder: 'crashed', until: new Date(Date.now() + 600) });
    const started = performance.now();
    await open({ migrations: [step('0001-a')] });
    expect(performance.now() - started).toBeGreaterThan(400);
    expect(ran).toEqual(['0001-a']);
    expect((await meta().findOne({ _id: 'migration-lock' }))?.['until']).toEqual(new Date(0));
  });

  test('the real ones leave every index that the store relies on', async () => {
    await open();
    const names = ['tokens', 'integrations', 'models', 'model_operations', 'events'];
    const indexes = await Promise.all(names.map(async (name) => await client.db().collection(name).indexes()));
    const described = indexes.map((list) =>
      list.map(({ key, unique }) => `${Object.keys(key).join()}${unique ? '!' : ''}`),
    );
    expect(Object.fromEntries(names.map((name, i) => [name, described[i]]))).toEqual({
      tokens: ['_id', 'integration_id', 'edited_at,_id'],
      integrations: ['_id', 'name!', 'model,name', 'updated_at,_id'],
      models: ['_id', 'model_id!'],
      model_operations: ['_id', 'model_id,position', 'model_id,duplicate_of'],
      events: ['_id', 'integration,_id', 'at'],
    });
    expect(indexes[4]?.find(({ name }) => name === 'expiry')).toMatchObject({ expireAfterSeconds: 90 * 86_400 });
  });
});
