/** What the adapter makes of a server that fails in the middle: by failpoints, which a server has one of, so this file has a server of its own. */
import { randomBytes } from 'node:crypto';
import { MongoClient } from 'mongodb';
import type { Db, Document } from 'mongodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openMongoStore } from '../../adapters/stores/mongodb/mongodb-store.ts';
import type { Store } from '../../src/store.ts';
import type { Acquire, Save } from '../../src/token/token-transition.ts';
import { startTcpProxy } from '../fleet/support/tcp-proxy.ts';
import { startStandalone } from '../support/mongodb-server.ts';
import type { MongodbServer } from '../support/mongodb-server.ts';
import { hasMongodb } from '../support/mongodb.ts';
import { sampleFacts, sampleOperations, sampleSource, writeModel } from './contract/model-samples.ts';

const made = { id: 'i:main:x', integration_id: 'i', scheme: 'main', rev: 1, cfg_ver: 1, atId: 'at-1' };
const acquire: Acquire = {
  kind: 'acquire',
  ifId: 'at-1',
  ifRev: 1,
  cfgFp: 'cfg',
  pastFailure: false,
  presents: true,
  offersRefused: false,
  holder: 'worker',
  attempt: 'attempt-1',
  reason: 'empty',
  ttlMs: 30_000,
};
const unavailable = expect.objectContaining({ code: 'store_unavailable', retryable: true, hint: expect.any(String) });

describe.skipIf(!hasMongodb)('MongoDB store on a failing server', () => {
  let server: MongodbServer;
  let client: MongoClient;
  let db: Db;
  let uri: string;
  let store: Store;
  beforeAll(async () => {
    server = await startStandalone();
    client = await MongoClient.connect(server.uri);
  }, 60_000);
  afterAll(async () => {
    await client.close();
    await server.stop();
  });
  beforeEach(async () => {
    db = client.db(`faults_${randomBytes(4).toString('hex')}`);
    uri = `mongodb://${new URL(server.uri).host}/${db.databaseName}`;
    store = await openMongoStore(`${uri}?serverSelectionTimeoutMS=2000`);
    await store.tokens.insert(made);
  });
  afterEach(async () => {
    await client.db('admin').command({ configureFailPoint: 'failCommand', mode: 'off' });
    await store.close();
    await db.dropDatabase();
  });

  async function failOnce(data: Document, times = 1): Promise<void> {
    await client
      .db('admin')
      .command({ configureFailPoint: 'failCommand', mode: { times }, data: { appName: 'everbearer', ...data } });
  }

  const lease = async (): Promise<unknown> => (await db.collection('tokens').findOne())?.['lease'];

  test('a connection that breaks before the write: reported, nothing written, the next try works', async () => {
    await failOnce({ failCommands: ['findAndModify'], closeConnection: true }, 2);
    await expect(store.tokens.apply(made.id, acquire)).rejects.toEqual(unavailable);
    expect(await lease()).toBeUndefined();
    await client.db('admin').command({ configureFailPoint: 'failCommand', mode: 'off' });
    expect((await store.tokens.apply(made.id, acquire)).applied).toBe(true);
  });

  test('a connection that breaks under a write: reported as an outage, whoever notices it', async () => {
    const proxy = await startTcpProxy(new URL(server.uri).host);
    const proxied = await openMongoStore(`mongodb://${proxy.host}/${db.databaseName}?serverSelectionTimeoutMS=300`);
    try {
      await proxied.tokens.read([made.id]);
      proxy.refuse();
      // At once: the driver has not heard of it, and writes into the broken connection.
      await expect(proxied.tokens.apply(made.id, acquire)).rejects.toEqual(unavailable);
      await expect(proxied.tokens.apply(made.id, acquire)).rejects.toEqual(unavailable);
    } finally {
      await proxied.close();
      await proxy.close();
    }
  });

  test('a write without its confirmation: reported although it stands, and the same command again shows it', async () => {
    const writeConcernError = { code: 64, codeName: 'WriteConcernFailed', errmsg: 'waiting for replication timed out' };
    await failOnce({ failCommands: ['findAndModify'], writeConcernError });
    await expect(store.tokens.apply(made.id, acquire)).rejects.toEqual(unavailable);
    const again = await store.tokens.apply(made.id, acquire);
    expect(again.applied).toBe(false);
    expect(again.record?.lease?.attempt).toBe('attempt-1');
  });

  test('test 15: a save that was applied without its reply is recognised by its attempt, and stands once', async () => {
    await store.tokens.apply(made.id, acquire);
    const writeConcernError = { code: 64, codeName: 'WriteConcernFailed', errmsg: 'waiting for replication timed out' };
    await failOnce({ failCommands: ['findAndModify'], writeConcernError });
    const save: Save = {
      ...{ kind: 'save', attempt: 'attempt-1', cfgFp: 'cfg', ifCfgVer: 1, ifId: 'at-1', ifRtFp: null, epoch: 1 },
      at: { id: 'at-2', sealed: { ct: 'Y3Q=', iv: 'aXY=', kid: 'k1' }, by: 'attempt-1' },
    };
    await expect(store.tokens.apply(made.id, save)).rejects.toEqual(unavailable);
    const again = await store.tokens.apply(made.id, save);
    expect(again).toMatchObject({ applied: false, record: { ver: 1, at: { id: 'at-2', by: 'attempt-1' } } });
  });

  test('an admission without its confirmation is reported although it stands, and shows as its own when asked for again', async () => {
    const admit = { kind: 'admit', attempt: 'attempt-1', ttlMs: 30_000, person: false } as const;
    const writeConcernError = { code: 64, codeName: 'WriteConcernFailed', errmsg: 'waiting for replication timed out' };
    await failOnce({ failCommands: ['insert'], writeConcernError });
    await expect(store.credentials.apply('cred:1', admit)).rejects.toEqual(unavailable);
    const again = await store.credentials.apply('cred:1', admit);
    expect(again).toMatchObject({ applied: false, record: { tries: 1, lease: { attempt: 'attempt-1' } } });
  });

  test('an error of the server is named by its code, never by its text', async () => {
    await failOnce({ failCommands: ['find'], errorCode: 292 });
    const error = (await store.tokens.read([made.id]).catch((thrown: unknown) => thrown)) as Error;
    expect(error).toEqual(unavailable);
    expect(error.message).toMatch(/\((?:QueryExceededMemoryLimitNoDiskUseAllowed|code 292)\)/);
  });

  test('a single broken read is repeated behind the caller', async () => {
    await failOnce({ failCommands: ['find'], closeConnection: true });
    expect((await store.tokens.read([made.id])).records.size).toBe(1);
  });

  test('a server that hangs in one command is reported when the socket time-out has passed', async () => {
    const impatient = await openMongoStore(`${uri}?socketTimeoutMS=300`);
    try {
      await failOnce({ failCommands: ['findAndModify'], blockConnection: true, blockTimeMS: 1_500 }, 2);
      const started = performance.now();
      await expect(impatient.tokens.apply(made.id, acquire)).rejects.toEqual(unavailable);
      expect(performance.now() - started).toBeLessThan(1_400);
    } finally {
      await impatient.close();
    }
  });

  test('an import whose publishing has an unknown outcome is not removed by giving it up', async () => {
    const writer = await writeModel(store.models, { operations: sampleOperations(3) });
    const writeConcernError = { code: 64, codeName: 'WriteConcernFailed', errmsg: 'timed out' };
    await client.db('admin').command({
      configureFailPoint: 'failCommand',
      // Touching the draft and writing the facts come before the write that publishes.
      mode: { skip: 2 },
      data: { appName: 'everbearer', failCommands: ['update'], writeConcernError },
    });
    await expect(writer.publish(sampleFacts('Unsure:1', 3), sampleSource(0))).rejects.toEqual(unavailable);
    await client.db('admin').command({ configureFailPoint: 'failCommand', mode: 'off' });
    await writer.abandon();
    expect((await store.models.find('Unsure:1'))?.id).toBe(writer.id);
    expect((await store.models.listOperations(writer.id)).items).toHaveLength(3);
    await (await store.models.begin()).abandon();
    expect((await store.models.listOperations(writer.id)).items).toHaveLength(3);
  });
});
