/** What MongoDB makes special about models: no transaction over several documents, and a limit on the size of each. */
import { MongoClient } from 'mongodb';
import type { Db } from 'mongodb';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openMongoStore } from '../../adapters/stores/mongodb/mongodb-store.ts';
import type { ModelFacts } from '../../src/openapi/imported-model.ts';
import type { Store } from '../../src/store.ts';
import { freshMongodbUri, hasMongodb } from '../support/mongodb.ts';
import {
  publishModel,
  sampleFacts,
  sampleOperation,
  sampleOperations,
  sampleSource,
  writeModel,
} from './contract/model-samples.ts';

const MIB = 1024 * 1024;
const FRAGMENTS = Array.from({ length: 10 }, (_, i) => ({ pointer: `/f/${i}`, value: '{}' }));
const PIECES = { operations: sampleOperations(10), fragments: FRAGMENTS, source: Buffer.from('source') };

describe.skipIf(!hasMongodb)('MongoDB models', { timeout: 60_000 }, () => {
  let client: MongoClient;
  let db: Db;
  let store: Store;
  let offsetMs = 0;
  beforeAll(async () => {
    const uri = freshMongodbUri();
    client = await MongoClient.connect(uri);
    db = client.db();
    store = await openMongoStore(uri, { clockOffsetMs: () => offsetMs });
  });
  afterEach(async () => {
    offsetMs = 0;
    for (const { versionId } of (await store.models.list()).items) {
      await store.models.remove((await store.models.find(versionId))?.id ?? '');
    }
  });
  afterAll(async () => {
    await store.close();
    await db.dropDatabase();
    await client.close();
  });

  async function countPieces(): Promise<number> {
    const names = ['model_operations', 'model_fragments', 'model_chunks', 'model_drafts'];
    const counts = await Promise.all(names.map(async (name) => await db.collection(name).countDocuments()));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  test('abandoned, replaced and removed models leave no document behind', async () => {
    await (await writeModel(store.models, PIECES)).abandon();
    expect(await countPieces()).toBe(0);
    const first = await publishModel(store.models, { versionId: 'A:1', ...PIECES });
    const published = await countPieces();
    const second = await publishModel(store.models, { versionId: 'A:1', ...PIECES }, first.id);
    expect(await countPieces()).toBe(published);
    await store.models.remove(second.id);
    expect(await countPieces()).toBe(0);
  });

  test('a conflict leaves its own pieces to abandon, and nothing of the model that stands is touched', async () => {
    const standing = await publishModel(store.models, { versionId: 'A:1', ...PIECES });
    const published = await countPieces();
    const late = await writeModel(store.models, PIECES);
    expect(await late.publish(sampleFacts('A:1'), sampleSource(0), 'another-id')).toBe('conflict');
    await late.abandon();
    offsetMs = 7_200_000;
    await (await store.models.begin()).abandon();
    expect(await countPieces()).toBe(published);
    expect((await store.models.listOperations(standing.id)).items).toHaveLength(10);
  });

  test('a removal that crashed before its pieces were gone is finished by the next import', async () => {
    const { id } = await publishModel(store.models, { versionId: 'A:1', ...PIECES });
    await db.collection('model_drafts').insertOne({ _id: id, discarded: true, touched_at: new Date() } as object);
    await db.collection('models').deleteOne({ model_id: id });
    await (await store.models.begin()).abandon();
    expect(await countPieces()).toBe(0);
  });

  test('an import that crashed right after it published keeps its model', async () => {
    const { id } = await publishModel(store.models, { versionId: 'A:1', ...PIECES });
    await db.collection('model_drafts').insertOne({ _id: id, touched_at: new Date(0) } as object);
    await (await store.models.begin()).abandon();
    expect((await store.models.listOperations(id)).items).toHaveLength(10);
    expect(await db.collection('model_drafts').countDocuments()).toBe(0);
  });

  test('a report larger than a document may be comes back whole', async () => {
    const facts = sampleFacts('Large:1');
    const finding = { severity: 'warning', code: 'sample', message: 'ü'.repeat(500) } as const;
    const large: ModelFacts = {
      ...facts,
      report: { ...facts.report, findings: Array.from({ length: 18_000 }, () => finding) },
    };
    expect(Buffer.byteLength(JSON.stringify(large))).toBeGreaterThan(17 * MIB);
    const writer = await store.models.begin();
    expect(await writer.publish(large, sampleSource(0))).toBe('published');
    expect(JSON.stringify((await store.models.find('Large:1'))?.facts)).toBe(JSON.stringify(large));
  });

  test('a model with a part missing is reported, not served short', async () => {
    const { id } = await publishModel(store.models, { versionId: 'A:1' });
    await db.collection('model_chunks').deleteMany({ _id: { $gte: `${id}#`, $lt: `${id}$` } } as object);
    await expect(store.models.find('A:1')).rejects.toMatchObject({ code: 'store_unavailable', retryable: false });
    await db.collection('models').deleteOne({ model_id: id });
  });

  test('an operation or fragment that no document can hold is refused by name; just below it is kept', async () => {
    const writer = await store.models.begin();
    const huge = 'x'.repeat(15 * MIB + 1);
    await expect(writer.writeOperations([{ ...sampleOperation(0), definition: huge }])).rejects.toMatchObject({
      code: 'document_refused',
      message: expect.stringContaining('operation/0'),
    });
    await expect(writer.writeFragments([{ pointer: '/big', value: huge }])).rejects.toMatchObject({
      code: 'document_refused',
      message: expect.stringContaining('/big'),
    });
    await writer.writeOperations([{ ...sampleOperation(0), definition: huge.slice(1) }]);
    await writer.abandon();
  });

  test('an import of 5,000 operations and as many fragments', async () => {
    const writer = await store.models.begin();
    await writer.writeOperations(sampleOperations(5_000));
    await writer.writeFragments(Array.from({ length: 5_000 }, (_, i) => ({ pointer: `/f/${i}`, value: '{}' })));
    await writer.publish(sampleFacts('Many:1', 5_000), sampleSource(0));
    expect(await store.models.findOperation(writer.id, 'operation/4999')).toEqual(sampleOperation(4999));
    expect(await store.models.readFragments(writer.id, ['/f/4999'])).toHaveLength(1);
  });
});
