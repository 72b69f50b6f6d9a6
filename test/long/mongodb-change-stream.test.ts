/** The change stream of a replica set: what it tells, how it is lost, and what the bounded check makes of that. */
import { randomBytes } from 'node:crypto';
import { MongoClient, type Collection, type Document } from 'mongodb';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { StoredDocument } from '../../adapters/stores/mongodb/insert-once.ts';
import { openMongoStore } from '../../adapters/stores/mongodb/mongodb-store.ts';
import { tokenDocument } from '../../adapters/stores/mongodb/token-document.ts';
import type { Everbearer } from '../../src/api.ts';
import type { TokenRecord } from '../../src/token/token-record.ts';
import { INTEGRATION, startProduct } from '../product/product-under-test.ts';
import { editRaw } from '../product/raw-edit.ts';
import { stalenessOf } from '../product/staleness.ts';
import { startReplicaSet, startStandalone, type MongodbServer } from '../support/mongodb-server.ts';
import { hasMongodb } from '../support/mongodb.ts';

const PATIENCE = { timeout: 30_000 };
const OF_IT = { integration: INTEGRATION };
/** So long that the server tells a save as the change that it is, not as a replacement of the whole record. */
const LONG = { ct: 'x'.repeat(2_000), iv: '', kid: 'k' };
const RECORD: TokenRecord = {
  ...{ id: 'i:main:x', integration_id: 'i', scheme: 'main', ver: 1, epoch: 1, rev: 1, cfg_ver: 1 },
  at: { id: 'at-1', sealed: LONG, expires_at: Date.parse('2030-01-01T12:00:00.000Z') },
  rt: { sealed: LONG, fp: 'rt-1', gen: 0, by: 'a', epoch: 1 },
  lw: 'ours.0:acquire',
  ...{ created_at: 0, updated_at: 0 },
};

test.skipIf(!hasMongodb)('a standalone server has no stream', async () => {
  const server = await startStandalone();
  const store = await openMongoStore(server.uri);
  const watcher = { ownAttempts: 'ours', onChanged: () => undefined, onLost: () => undefined };
  expect(await store.tokens.watch?.(watcher)).toBeUndefined();
  await store.close();
  await server.stop();
});

describe.skipIf(!hasMongodb)('a replica set', () => {
  let server: MongodbServer;
  let client: MongoClient;
  beforeAll(async () => {
    server = await startReplicaSet({ members: 1 });
    client = await MongoClient.connect(server.uri);
  });
  afterAll(async () => {
    await client.close();
    await server.stop();
  });

  const freshDatabase = (): string => `stream_${randomBytes(4).toString('hex')}`;
  const uriOf = (database: string): string => server.uri.replace('/?', `/${database}?`);

  async function failNextGetMore(failure: Document): Promise<void> {
    const data = { failCommands: ['getMore'], appName: 'everbearer', ...failure };
    await client.db('admin').command({ configureFailPoint: 'failCommand', mode: { times: 1 }, data });
  }

  async function killStream(database: string): Promise<void> {
    const cursors = await client
      .db('admin')
      .aggregate<{ readonly cursor: { readonly cursorId: unknown } }>([
        { $currentOp: { idleCursors: true, allUsers: true } },
        { $match: { ns: `${database}.tokens`, 'cursor.tailable': true } },
      ])
      .toArray();
    expect(cursors).not.toHaveLength(0);
    const ids = cursors.map(({ cursor }) => cursor.cursorId);
    await client.db(database).command({ killCursors: 'tokens', cursors: ids });
  }

  const LOSSES: readonly [string, (database: string) => Promise<void>][] = [
    ['the change stream is killed', killStream],
    ['its history is lost', async () => await failNextGetMore({ errorCode: 286 })],
  ];

  describe('by its stream', () => {
    interface Streaming {
      readonly database: string;
      readonly tokens: Collection<StoredDocument>;
      readonly told: string[];
      /** When the server says that it was. */
      readonly instants: (number | undefined)[];
      readonly losses: () => number;
    }

    async function startStream(): Promise<Streaming> {
      const database = freshDatabase();
      const store = await openMongoStore(uriOf(database));
      const tokens = client.db(database).collection<StoredDocument>('tokens');
      await tokens.insertMany([tokenDocument(RECORD), tokenDocument({ ...RECORD, id: 'marker' })]);
      const told: string[] = [];
      const instants: (number | undefined)[] = [];
      let losses = 0;
      const watch = await store.tokens.watch?.({
        ownAttempts: 'ours',
        onChanged: (ids, { at }) => {
          told.push(...ids);
          instants.push(at);
        },
        onLost: () => {
          losses += 1;
        },
      });
      onTestFinished(async () => {
        await watch?.stop();
        await store.close();
      });
      return { database, tokens, told, instants, losses: () => losses };
    }

    const touched: Document = { $inc: { ver: 1 } };
    const mark = async ({ tokens }: Streaming): Promise<unknown> => await tokens.updateOne({ _id: 'marker' }, touched);

    test.each<[string, boolean, Document | 'delete' | 'replace']>([
      ['a save of our own', false, { $set: { 'at.id': 'at-2', lw: 'ours.1:save' } }],
      ['an acquire of others', false, { $set: { epoch: 2, lw: 'theirs.1:acquire' } }],
      ['a failure of others', false, { $set: { fail: [], lw: 'theirs.1:fail' } }],
      ['a save of others', true, { $set: { 'at.id': 'at-2', lw: 'theirs.1:save' } }],
      ['an edit', true, { $set: { edited_at: new Date() } }],
      ['an expiry that a person sets', true, { $set: { 'at.expires_at': new Date() } }],
      ['an access token that a person takes out', true, { $unset: { at: 1 } }],
      ['a token that a person writes', true, { $set: { manual: { access_token: 'x' } } }],
      ['a record that is put in its place', true, 'replace'],
      ['a removal', true, 'delete'],
    ])('%s is told: %s', async (_name, isTold, change) => {
      const stream = await startStream();
      const { tokens, told, instants } = stream;
      const began = Date.now();
      const { _id, ...fields } = tokenDocument(RECORD);
      if (change === 'delete') await tokens.deleteOne({ _id });
      else if (change === 'replace') await tokens.replaceOne({ _id }, { ...fields, ver: 9 });
      else await tokens.updateOne({ _id }, change);
      await mark(stream);
      await expect.poll(() => told.at(-1), PATIENCE).toBe('marker');
      expect(told).toEqual(isTold ? [RECORD.id, 'marker'] : ['marker']);
      for (const at of instants) expect(at).toBeGreaterThanOrEqual(began);
    });

    test.each(LOSSES)('when %s that is said once', async (_name, lose) => {
      const stream = await startStream();
      await lose(stream.database);
      await expect.poll(stream.losses, PATIENCE).toBe(1);
    });

    test('a broken connection is none: the stream goes on where it was', async () => {
      const stream = await startStream();
      await failNextGetMore({ closeConnection: true });
      for (let n = 0; n < 20; n += 1) await mark(stream);
      await expect.poll(() => stream.told.length, PATIENCE).toBe(20);
      expect(stream.losses()).toBe(0);
    });
  });

  describe('with the bounded check', () => {
    async function tokenOf({ tokens }: Everbearer): Promise<string> {
      return (await tokens.get(OF_IT)).access_token;
    }

    async function finds(): Promise<number> {
      const status = await client.db('admin').command({ serverStatus: 1 });
      return Number((status as { metrics: { commands: { find: { total: unknown } } } }).metrics.commands.find.total);
    }

    /** Until its calls are seen to read nothing. */
    async function settle(worker: Everbearer): Promise<void> {
      const findsOfTenCalls = async (): Promise<number> => {
        const before = await finds();
        for (let n = 0; n < 10; n += 1) await tokenOf(worker);
        return (await finds()) - before;
      };
      await expect.poll(findsOfTenCalls, PATIENCE).toBe(0);
    }

    test('a worker ends within 10 s while the server stands still', async () => {
      const product = await startProduct('mongodb', { check: 'bounded', store: uriOf(freshDatabase()) });
      const worker = await product.another();
      await tokenOf(worker);
      await settle(worker);
      const { pid } = await client.db('admin').command({ serverStatus: 1 });
      onTestFinished(async () => {
        process.kill(Number(pid), 'SIGCONT');
        await product.dispose();
      });
      process.kill(Number(pid), 'SIGSTOP');
      const began = performance.now();
      await worker.close();
      expect(performance.now() - began).toBeLessThan(10_000);
    });

    test.each(LOSSES)('test 42: when %s the poll takes over, until the stream is back', async (_name, lose) => {
      const database = freshDatabase();
      const store = uriOf(database);
      const product = await startProduct('mongodb', { check: 'bounded', store });
      onTestFinished(async () => await product.dispose());
      const editor = await product.another({ check: 'every-call' });
      const worker = product.everbearer;
      let edits = 0;
      const look = async (): Promise<string> => await tokenOf(worker);
      const staleOfRaw = async (): Promise<number> => {
        const after = `raw-${(edits += 1)}`;
        const token = { access_token: after };
        return await stalenessOf({ look, after, change: async () => await editRaw(store, { kind: 'manual', token }) });
      };
      await look();
      await settle(worker);
      expect(await staleOfRaw()).toBeLessThan(1_000);

      await settle(worker);
      await lose(database);
      const change = async (): Promise<unknown> => await editor.tokens.set(OF_IT, { access_token: 'by-hand' });
      expect(await stalenessOf({ look, after: 'by-hand', change })).toBeLessThan(2_500);

      await expect.poll(staleOfRaw, PATIENCE).toBeLessThan(1_000);
    });
  });
});
