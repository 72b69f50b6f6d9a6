/** What only a replica set shows: a primary that steps down in the middle of writes, and a majority that is not there. */
import { randomBytes } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openMongoStore } from '../../adapters/stores/mongodb/mongodb-store.ts';
import { credentialStoreContract } from '../stores/contract/credential-store-contract.ts';
import { tokenLifecycleContract } from '../stores/contract/token-lifecycle-contract.ts';
import { tokenStoreContract } from '../stores/contract/token-store-contract.ts';
import type { StoreUnderTest } from '../stores/contract/store-under-test.ts';
import type { OpenStoreOptions, Store } from '../../src/store.ts';
import type { TokenRecord } from '../../src/token/token-record.ts';
import type { Acquire, Save } from '../../src/token/token-transition.ts';
import { openMongoUnderTestAt } from '../stores/support/mongodb-under-test.ts';
import { startReplicaSet } from '../support/mongodb-server.ts';
import type { MongodbServer } from '../support/mongodb-server.ts';
import { hasMongodb } from '../support/mongodb.ts';

const TRIES = { timeout: 60_000, interval: 50 };
const sealed = { ct: 'Y3Q=', iv: 'aXY=', kid: 'k1' };
const made = { integration_id: 'i', scheme: 'main', rev: 1, cfg_ver: 1, atId: 'at-0' };

function acquireOf(attempt: string, ifId: string): Acquire {
  return {
    ...{ kind: 'acquire', ifId, ifRev: 1, cfgFp: 'c', pastFailure: false, presents: true, offersRefused: false },
    ...{ holder: 'w', attempt, reason: 'expired', ttlMs: 60_000 },
  };
}

describe.skipIf(!hasMongodb)('MongoDB store on a replica set', { timeout: 120_000 }, () => {
  let server: MongodbServer;
  let client: MongoClient;
  beforeAll(async () => {
    server = await startReplicaSet();
    client = await MongoClient.connect(server.uri);
  });
  afterAll(async () => {
    await client.close();
    await server.stop();
  });

  function uriOf(database: string): string {
    const [hosts = '', query] = server.uri.split('?');
    return `${hosts.replace(/\/$/, '')}/${database}${query === undefined ? '' : `?${query}`}`;
  }

  async function stepDown(): Promise<void> {
    // The connection that asks is closed by the server.
    await client
      .db('admin')
      .command({ replSetStepDown: 5, force: true })
      .catch(() => undefined);
  }

  /** Takes the lease and saves a token in it, `count` times in a row. */
  async function renew(store: Store, id: string, count: number): Promise<void> {
    for (let n = 1; n <= count; n += 1) {
      const attempt = `a-${n}`;
      const acquire = acquireOf(attempt, `at-${n - 1}`);
      const save: Save = {
        ...{ kind: 'save', attempt, cfgFp: 'c', ifCfgVer: 1, ifId: `at-${n - 1}`, ifRtFp: null, epoch: n },
        at: { id: `at-${n}`, sealed, by: attempt },
      };
      for (const transition of [acquire, save])
        await vi.waitFor(async () => await settle(store, id, transition), TRIES);
    }
  }

  /** Sends one write, whose outcome may have been unknown before: then it is found in the record. */
  async function settle(store: Store, id: string, transition: Acquire | Save): Promise<void> {
    const { applied, record } = await store.tokens.apply(id, transition);
    const landed = transition.kind === 'acquire' ? record?.lease?.attempt : record?.at.by;
    expect(applied || landed === transition.attempt).toBe(true);
  }

  test('writes go on across a step-down, each exactly once', async () => {
    const store = await openMongoStore(uriOf('step_down'));
    try {
      await store.tokens.insert({ ...made, id: 'stepped' });
      const renewals = renew(store, 'stepped', 150);
      await stepDown();
      await renewals;
      const record = (await store.tokens.read(['stepped'])).records.get('stepped');
      expect(record).toMatchObject({ ver: 150, epoch: 150, at: { id: 'at-150' } });
      expect(record).not.toHaveProperty('lease');
    } finally {
      await store.close();
    }
  });

  test('a single broken connection is hidden by the driver, and the write is made once', async () => {
    const store = await openMongoStore(uriOf('broken'));
    try {
      await store.tokens.insert({ ...made, id: 'broken' });
      const data = { appName: 'everbearer', failCommands: ['findAndModify'], closeConnection: true };
      await client.db('admin').command({ configureFailPoint: 'failCommand', mode: { times: 1 }, data });
      const cleared = await store.tokens.apply('broken', { kind: 'clear', newId: 'at-1' });
      expect(cleared).toMatchObject({ applied: true, record: { ver: 1, at: { id: 'at-1' } } });
    } finally {
      await store.close();
    }
  });

  /** Saves a token while the first `findAndModify` meets the failure that is given. */
  async function saveThrough(database: string, data: object): Promise<TokenRecord | undefined> {
    const store = await openMongoStore(uriOf(database));
    try {
      await store.tokens.insert({ ...made, id: 'saved' });
      const base = { attempt: 'a-1', cfgFp: 'c', ifCfgVer: 1, ifId: 'at-0', ifRtFp: null } as const;
      const acquired = await store.tokens.apply('saved', acquireOf(base.attempt, base.ifId));
      const failing = { appName: 'everbearer', failCommands: ['findAndModify'], ...data };
      await client.db('admin').command({ configureFailPoint: 'failCommand', mode: { times: 1 }, data: failing });
      const at = { id: 'at-1', sealed, by: base.attempt, expires_at: acquired.now + 3_600_000 };
      const saved = await store.tokens.apply('saved', { kind: 'save', ...base, epoch: 1, at });
      expect(saved).toMatchObject({ applied: true, record: { ver: 1, at } });
      expect(saved.record?.updated_at).toBeGreaterThanOrEqual(acquired.now);
      return (await store.tokens.read(['saved'])).records.get('saved');
    } finally {
      await store.close();
    }
  }

  test('test 72: a save that the driver sends again after a step-down has the `expires_at` that it was sent with', async () => {
    const before = Date.now();
    const record = await saveThrough('retried', { errorCode: 10_107, blockConnection: true, blockTimeMS: 1_500 });
    expect((record?.updated_at ?? 0) - before).toBeGreaterThanOrEqual(1_500);
  });

  test('test 15: a save that was applied, and whose reply was an error that the driver retries, is made once', async () => {
    const writeConcernError = { code: 262, codeName: 'ExceededTimeLimit', errmsg: 'operation exceeded time limit' };
    const record = await saveThrough('applied', { writeConcernError });
    expect(record).toMatchObject({ ver: 1, epoch: 1, at: { id: 'at-1' } });
    expect(record).not.toHaveProperty('lease');
  });

  test('without a majority a write is reported, not taken for made', async () => {
    const store = await openMongoStore(uriOf('minority'));
    await switchReplication('alwaysOn');
    try {
      await expect(store.tokens.apply('none-yet', { kind: 'clear', newId: 'x' })).rejects.toMatchObject({
        code: 'store_unavailable',
        message: expect.stringContaining('may have been made'),
      });
    } finally {
      await switchReplication('off');
      await store.close();
    }
  });

  /** `alwaysOn` keeps the secondaries from following, as a partition would. */
  async function switchReplication(mode: 'alwaysOn' | 'off'): Promise<void> {
    const { hosts, primary } = await client.db('admin').command({ hello: 1 });
    for (const host of (hosts as string[]).filter((each) => each !== primary)) {
      await using direct = await MongoClient.connect(`mongodb://${host}/?directConnection=true`);
      await direct.db('admin').command({ configureFailPoint: 'stopReplProducer', mode });
    }
    // A write that finds nothing to do waits for what was written before it: there has to be something.
    await client
      .db('minority')
      .collection('noise')
      .insertOne({}, { writeConcern: { w: 1 } });
  }

  const openHere = async (options?: OpenStoreOptions): Promise<StoreUnderTest> =>
    await openMongoUnderTestAt(uriOf(`contract_${randomBytes(4).toString('hex')}`), options);
  tokenStoreContract('mongodb replica set', openHere, { runs: 100 });
  tokenLifecycleContract('mongodb replica set', openHere);
  credentialStoreContract('mongodb replica set', openHere);
});
