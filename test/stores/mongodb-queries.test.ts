/** How the server runs our queries: by an index, and looking at no more documents than are asked for. Read from the server's profiler. */
import { MongoClient } from 'mongodb';
import type { Db, Document } from 'mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openMongoStore } from '../../adapters/stores/mongodb/mongodb-store.ts';
import type { Store } from '../../src/store.ts';
import { freshMongodbUri, hasMongodb } from '../support/mongodb.ts';
import { sampleIntegration } from './contract/integration-store-contract.ts';
import { publishModel, sampleOperations } from './contract/model-samples.ts';

const TOKENS = 300;

describe.skipIf(!hasMongodb)('MongoDB queries', { timeout: 60_000 }, () => {
  let client: MongoClient;
  let db: Db;
  let store: Store;
  let modelId: string;
  let integrationId: string;
  let editedFrom = Number.POSITIVE_INFINITY;
  beforeAll(async () => {
    const uri = freshMongodbUri();
    client = await MongoClient.connect(uri);
    db = client.db();
    store = await openMongoStore(uri);
    const token = { scheme: 'main', rev: 1, cfg_ver: 1, atId: 'at-1' };
    for (let i = 0; i < TOKENS; i += 1) {
      await store.tokens.insert({ ...token, id: `t-${i}`, integration_id: `i-${i % 100}` });
    }
    await store.credentials.apply('cred:1', { kind: 'admit', attempt: 'a', ttlMs: 1, person: false });
    for (const id of ['t-1', 't-2', 't-3']) {
      const { now } = await store.tokens.apply(id, { kind: 'clear', newId: 'at-1' });
      editedFrom = Math.min(editedFrom, now);
    }
    for (let i = 0; i < 20; i += 1) {
      const record = sampleIntegration(`name-${i}`, { model: `Model:${i % 10}` });
      integrationId = record.id;
      await store.integrations.insert(record);
      await store.events.append({
        type: 'token_retrieved',
        actor: 'system',
        reason: 'empty',
        outcome: 'ok',
        integration: `name-${i % 5}`,
      });
    }
    const fragments = Array.from({ length: 50 }, (_, i) => ({ pointer: `/f/${i}`, value: '{}' }));
    const operations = sampleOperations(50).map((row) => (row.position < 2 ? { ...row, duplicateOf: 'twice' } : row));
    await publishModel(store.models, { versionId: 'Other:1', operations: sampleOperations(50) });
    modelId = (await publishModel(store.models, { versionId: 'Model:1', operations, fragments })).id;
    await db.setProfilingLevel('all');
  });
  afterAll(async () => {
    await db.setProfilingLevel('off');
    await store.close();
    await db.dropDatabase();
    await client.close();
  });

  let from: Date;
  beforeEach(() => {
    from = new Date();
  });

  /** What the server did since the test began. */
  async function profiled(): Promise<readonly Document[]> {
    const ours = { ns: { $not: /system\.profile$/ }, ts: { $gte: from }, 'command.hello': { $exists: false } };
    return await db.collection('system.profile').find(ours).toArray();
  }

  test.each([1, 64, 150])('a read of %i tokens is one find that examines as many documents', async (count) => {
    const ids = Array.from({ length: count }, (_, i) => `t-${i}`);
    const { records } = await store.tokens.read([...ids, ...ids]);
    expect(records.size).toBe(count);
    const operations = await profiled();
    expect(operations).toHaveLength(1);
    expect(operations[0]).toMatchObject({ op: 'query', docsExamined: count, nreturned: count, cursorExhausted: true });
    expect(operations[0]?.['command']).not.toMatchObject({ $readPreference: { mode: 'secondary' } });
  });

  test('a transition is one findAndModify of one document, confirmed by a majority and the journal', async () => {
    await store.tokens.apply('t-5', { kind: 'clear', newId: 'at-2' });
    const operations = await profiled();
    expect(operations).toHaveLength(1);
    expect(operations[0]).toMatchObject({ docsExamined: 1, nMatched: 1 });
    expect(operations[0]?.['command']).toMatchObject({
      findAndModify: 'tokens',
      writeConcern: { w: 'majority', j: true },
    });
    expect(operations[0]?.['command']).not.toHaveProperty('upsert', true);
  });

  test('a transition that is not applied writes nothing, and reads what stands there by majority', async () => {
    await store.tokens.apply('t-6', { kind: 'release', attempt: 'nobody', unspent: true });
    const operations = await profiled();
    expect(operations.map((each) => each['op'] as string)).toEqual(['command', 'query']);
    expect(operations[0]?.['keysInserted'] ?? 0).toBe(0);
    expect(operations[1]?.['command']).toMatchObject({ readConcern: { level: 'majority' } });
  });

  test.each<[string, () => Promise<unknown>, number]>([
    ['tokens of an integration', async () => await store.tokens.list('i-7'), 3],
    ['tokens edited since an instant', async () => await store.tokens.editedSince(editedFrom, 2), 2],
    ['integrations edited since an instant', async () => await store.integrations.editedSince(0, 3), 3],
    ['an integration by name', async () => await store.integrations.findByName('name-7'), 1],
    ['revisions', async () => await store.integrations.revisions([integrationId, 'none']), 1],
    ['names by model', async () => await store.integrations.namesByModel('Model:3', 10), 2],
    ['a page of integrations', async () => await store.integrations.list({ after: 'name-3', limit: 4 }), 5],
    ['newest events', async () => await store.events.list({ limit: 5 }), 6],
    ['events of an integration', async () => await store.events.list({ integration: 'name-3' }), 4],
    ['an operation', async () => await store.models.findOperation(modelId, 'operation/7'), 1],
    ['a write to a credential', async () => await store.credentials.apply('cred:1', { kind: 'reset' }), 1],
    ['duplicates', async () => await store.models.findDuplicates(modelId, 'twice'), 2],
    ['a page of operations', async () => await store.models.listOperations(modelId, { after: '9', limit: 10 }), 11],
    ['fragments', async () => await store.models.readFragments(modelId, ['/f/1', '/f/2', '/none']), 2],
  ])('%s: by an index, no document in vain', async (_name, query, count) => {
    await query();
    const operations = await profiled();
    expect(operations.length).toBeGreaterThan(0);
    for (const each of operations) expect(each['planSummary']).toMatch(/^(?:IXSCAN|IDHACK)/);
    expect(operations.map((each) => each['docsExamined'] as number)).toContain(count);
    expect(Math.max(...operations.map((each) => each['docsExamined'] as number))).toBe(count);
    for (const each of operations) expect(each).not.toHaveProperty('hasSortStage');
  });
});
