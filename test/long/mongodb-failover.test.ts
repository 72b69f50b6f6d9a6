/** What the MongoDB store keeps, and how soon it goes on, when the primary of a replica set steps down. */
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openMongoStore } from '../../adapters/stores/mongodb/mongodb-store.ts';
import type { Store } from '../../src/store.ts';
import type { Acquire } from '../../src/token/token-transition.ts';
import { hasMongodb } from '../support/mongodb.ts';
import { startReplicaSet } from '../support/mongodb-server.ts';
import type { MongodbServer } from '../support/mongodb-server.ts';

const RECOVERY_DEADLINE_MS = 60_000;
const TRIES = { timeout: RECOVERY_DEADLINE_MS, interval: 200 };

const made = { id: 'i:main:x', integration_id: 'i', scheme: 'main', rev: 1, cfg_ver: 1, atId: 'at-1' };

function acquire(attempt: string): Acquire {
  return {
    kind: 'acquire',
    ifId: 'at-1',
    ifRev: 1,
    cfgFp: 'cfg',
    pastFailure: false,
    presents: true,
    offersRefused: false,
    holder: 'worker',
    attempt,
    reason: 'empty',
    ttlMs: 10 * RECOVERY_DEADLINE_MS,
  };
}

describe.skipIf(!hasMongodb)('MongoDB store on a replica set', () => {
  let servers: MongodbServer;
  let client: MongoClient;
  let store: Store;
  beforeAll(async () => {
    servers = await startReplicaSet();
    client = await MongoClient.connect(servers.uri);
    store = await openMongoStore(servers.uri.replace('/?', '/failover?serverSelectionTimeoutMS=2000&'));
  });
  afterAll(async () => {
    await store.close();
    await client.close();
    await servers.stop();
  });

  const primary = async (): Promise<unknown> => (await client.db('admin').command({ hello: 1 }))['primary'];

  test('a confirmed lease outlives its primary: the next one refuses a second holder', async () => {
    await store.tokens.insert(made);
    expect((await store.tokens.apply(made.id, acquire('first'))).applied).toBe(true);
    const before = await primary();

    await client.db('admin').command({ replSetStepDown: 60, secondaryCatchUpPeriodSecs: 10 });
    const second = await vi.waitFor(async () => await store.tokens.apply(made.id, acquire('second')), TRIES);

    expect(second).toMatchObject({ applied: false, record: { lease: { attempt: 'first' } } });
    expect(await vi.waitFor(primary, TRIES)).not.toBe(before);
  });
});
