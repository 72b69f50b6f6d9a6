/** What every ModelStore does. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { collect, publishModel, sampleFacts, sampleOperation } from './model-samples.ts';
import { sampleOperations, sampleSource, writeModel } from './model-samples.ts';
import { allPages, type OpenStore, type StoreUnderTest, uniqueName } from './store-under-test.ts';

const HOUR_MS = 3_600_000;
const MIB = 1024 * 1024;

export function modelStoreContract(name: string, open: OpenStore): void {
  describe(`${name}: models`, () => {
    let opened: StoreUnderTest;
    let offsetMs = 0;
    beforeAll(async () => {
      opened = await open({ clockOffsetMs: () => offsetMs });
    });
    afterAll(async () => {
      await opened.dispose();
    });
    const models = () => opened.store.models;
    const freshVersion = (): string => `${uniqueName('Model')}:1.0`;

    test('a published model comes back with all its facts, operations, fragments and source', async () => {
      const versionId = freshVersion();
      const operations = [
        sampleOperation(0, { operationId: 'repos/list', summary: 'Lists "$x"' }),
        sampleOperation(1, { operationId: 'a__get_a', duplicateOf: 'a' }),
        sampleOperation(2, { operationId: 'a__get_b', duplicateOf: 'a', size: 20_000 }),
      ];
      const fragments = [{ pointer: '/components/schemas/Or~1der', value: '{"$ref":"#/components/schemas/a.b"}' }];
      const source = Buffer.from('{"openapi":"3.1.0"}');
      const record = await publishModel(models(), { versionId, operations, fragments, source });

      expect(record.facts).toEqual(sampleFacts(versionId, 3));
      expect(record.source).toEqual(sampleSource(source.length));
      expect(Math.abs(record.importedAt - Date.now())).toBeLessThan(60_000);
      for (const row of operations) {
        expect(await models().findOperation(record.id, row.operationId)).toEqual(row);
      }
      expect(await models().findOperation(record.id, 'a')).toBeUndefined();
      expect([...(await models().findDuplicates(record.id, 'a'))].sort()).toEqual(['a__get_a', 'a__get_b']);
      expect(await models().findDuplicates(record.id, 'repos/list')).toEqual([]);
      const pointers = ['/components/schemas/Or~1der', '/components/schemas/none'];
      expect(await models().readFragments(record.id, pointers)).toEqual(fragments);
      expect(await models().readFragments(record.id, [])).toEqual([]);
      expect(Buffer.from(await collect(models().readSource(record.id)))).toEqual(source);
    });

    test('keys of foreign documents (`__proto__`, `$set`, dots) come back as own keys', async () => {
      const versionId = freshVersion();
      const facts = JSON.parse(
        JSON.stringify(sampleFacts(versionId)).replace('"security":', '"__proto__":{"a.b":[]},"security":'),
      ) as ReturnType<typeof sampleFacts>;
      const writer = await writeModel(models(), {});
      expect(await writer.publish(facts, sampleSource(0))).toBe('published');
      const found = await models().find(versionId);
      expect(JSON.stringify(found?.facts)).toBe(JSON.stringify(facts));
    });

    test('nothing of an unpublished model can be seen', async () => {
      const versionId = freshVersion();
      const fragments = [{ pointer: '/a', value: '1' }];
      const writer = await writeModel(models(), {
        operations: sampleOperations(2),
        fragments,
        source: Buffer.from('x'),
      });
      expect(await models().find(versionId)).toBeUndefined();
      expect(await models().findOperation(writer.id, 'operation/0')).toBeUndefined();
      expect((await models().listOperations(writer.id)).items).toEqual([]);
      expect(await models().readFragments(writer.id, ['/a'])).toEqual([]);
      await expect(collect(models().readSource(writer.id))).rejects.toMatchObject({ code: 'not_found' });
      expect(await models().remove(writer.id)).toBe(false);
      expect(await writer.publish(sampleFacts(versionId, 2), sampleSource(1))).toBe('published');
      expect((await models().find(versionId))?.id).toBe(writer.id);
    });

    test('of two imports of one versionId the first is published, the second is a conflict and changes nothing', async () => {
      const versionId = freshVersion();
      const [first, second] = [await writeModel(models(), {}), await writeModel(models(), {})];
      expect(await first.publish(sampleFacts(versionId), sampleSource(0))).toBe('published');
      expect(await second.publish(sampleFacts(versionId), sampleSource(0))).toBe('conflict');
      expect((await models().find(versionId))?.id).toBe(first.id);
      await second.abandon();
      expect((await models().find(versionId))?.id).toBe(first.id);
    });

    test('of imports published at once from two connections exactly one wins', async () => {
      const versionId = freshVersion();
      const other = await opened.another();
      const writers = await Promise.all([models(), other.models, models(), other.models].map((store) => store.begin()));
      const outcomes = await Promise.all(writers.map((w) => w.publish(sampleFacts(versionId), sampleSource(0))));
      expect(outcomes.filter((outcome) => outcome === 'published')).toHaveLength(1);
    });

    test('a replacement takes the place of the one it names', async () => {
      const versionId = freshVersion();
      const old = await publishModel(models(), {
        versionId,
        operations: sampleOperations(3),
        source: Buffer.from('old'),
      });
      const next = await publishModel(models(), { versionId, operations: sampleOperations(1) }, old.id);
      expect(next.id).not.toBe(old.id);
      expect((await models().listOperations(next.id)).items).toHaveLength(1);
      expect((await models().list({ limit: 1000 })).items.filter((item) => item.versionId === versionId)).toHaveLength(
        1,
      );
    });

    test('a replacement of one that was replaced or removed meanwhile is a conflict and changes nothing', async () => {
      const versionId = freshVersion();
      const first = await publishModel(models(), { versionId });
      const second = await publishModel(models(), { versionId }, first.id);
      const late = await writeModel(models(), {});
      expect(await late.publish(sampleFacts(versionId), sampleSource(0), first.id)).toBe('conflict');
      expect((await models().find(versionId))?.id).toBe(second.id);
      expect(await models().remove(second.id)).toBe(true);
      expect(await late.publish(sampleFacts(versionId), sampleSource(0), second.id)).toBe('conflict');
      expect(await models().find(versionId)).toBeUndefined();
    });

    test('an abandoned import leaves nothing, and abandoning a published one does nothing', async () => {
      const versionId = freshVersion();
      const abandoned = await writeModel(models(), { operations: sampleOperations(2), source: Buffer.from('x') });
      await abandoned.abandon();
      await abandoned.abandon();
      await expect(abandoned.publish(sampleFacts(versionId), sampleSource(0))).rejects.toMatchObject({
        code: 'store_unavailable',
      });
      expect(await models().find(versionId)).toBeUndefined();
      const published = await writeModel(models(), { operations: sampleOperations(1) });
      await published.publish(sampleFacts(versionId, 1), sampleSource(0));
      await published.abandon();
      expect(await models().findOperation(published.id, 'operation/0')).toBeDefined();
    });

    test('what a crashed import left is swept by a later one after an hour, a living import is not', async () => {
      const crashed = await writeModel(models(), { operations: sampleOperations(3) });
      const living = await writeModel(models(), { operations: sampleOperations(3) });
      const versionId = freshVersion();
      try {
        offsetMs += 0.7 * HOUR_MS;
        await living.writeOperations([sampleOperation(3)]);
        offsetMs += 0.7 * HOUR_MS;
        await (await models().begin()).abandon();
        await expect(crashed.publish(sampleFacts(freshVersion(), 3), sampleSource(0))).rejects.toMatchObject({
          code: 'store_unavailable',
        });
        expect(await living.publish(sampleFacts(versionId, 4), sampleSource(0))).toBe('published');
        expect((await models().listOperations(living.id)).items).toHaveLength(4);
      } finally {
        offsetMs = 0;
      }
    });

    test('a removed model is gone with everything of it', async () => {
      const versionId = freshVersion();
      const fragments = Array.from({ length: 1201 }, (_, i) => ({ pointer: `/f/${i}`, value: '{}' }));
      const record = await publishModel(models(), {
        versionId,
        operations: sampleOperations(1201),
        fragments,
        source: Buffer.alloc(2 * MIB + 1, 7),
      });
      expect(await models().remove(record.id)).toBe(true);
      expect(await models().remove(record.id)).toBe(false);
      expect(await models().find(versionId)).toBeUndefined();
      expect(await models().findOperation(record.id, 'operation/0')).toBeUndefined();
      expect((await models().listOperations(record.id)).items).toEqual([]);
      expect(await models().readFragments(record.id, ['/f/0'])).toEqual([]);
      await expect(collect(models().readSource(record.id))).rejects.toMatchObject({ code: 'not_found' });
      expect((await publishModel(models(), { versionId })).id).not.toBe(record.id);
    });

    test('source bytes come back in order, whatever the chunks were', async () => {
      const bytes = Buffer.from(Uint32Array.from({ length: (5 * MIB) / 8 }, (_, i) => i * 2654435761).buffer);
      const writer = await models().begin();
      const cuts = [0, 1, 1, 3 + MIB / 2, 2 * MIB, bytes.length];
      for (let i = 1; i < cuts.length; i += 1) await writer.writeSource(bytes.subarray(cuts[i - 1], cuts[i]));
      await writer.publish(sampleFacts(freshVersion()), sampleSource(bytes.length));
      const chunks: Uint8Array[] = [];
      for await (const chunk of models().readSource(writer.id)) chunks.push(chunk);
      expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
      expect(Math.max(...chunks.map((chunk) => chunk.length))).toBeLessThanOrEqual(MIB);
    });

    test('a source that is removed while it is read ends in an error, not short', async () => {
      const record = await publishModel(models(), { versionId: freshVersion(), source: Buffer.alloc(3 * MIB) });
      const reading = async (): Promise<void> => {
        let first = true;
        for await (const chunk of models().readSource(record.id)) {
          if (first && chunk.length > 0) await models().remove(record.id);
          first = false;
        }
      };
      await expect(reading()).rejects.toMatchObject({ code: 'not_found' });
    });

    test('a thousand operations and more are listed page by page in the order of the document', async () => {
      const operations = sampleOperations(1234);
      const writer = await models().begin();
      await writer.writeOperations(operations.slice(700));
      await writer.writeOperations(operations.slice(0, 700));
      await writer.publish(sampleFacts(freshVersion(), 1234), sampleSource(0));
      const listed = await allPages((after) => models().listOperations(writer.id, pageAfter(after)));
      expect(listed).toEqual(operations.map(({ definition, ...rest }) => rest));
      expect((await models().listOperations(writer.id)).items).toHaveLength(100);
      expect((await models().listOperations(writer.id, { limit: 5000 })).items).toHaveLength(1000);
      const last = await models().listOperations(writer.id, {
        limit: 234,
        ...pageOptions(await pageEnding(writer.id)),
      });
      expect(last.items).toHaveLength(234);
      expect(last.next).toBeUndefined();
    });

    async function pageEnding(modelId: string): Promise<string | undefined> {
      return (await models().listOperations(modelId, { limit: 1000 })).next;
    }

    test('models are listed by versionId, page by page, each by what a list shows', async () => {
      const other = await open();
      try {
        const versions = ['Zoo:1', 'Äpfel:1', 'apples:10', 'apples:2', 'b.$:1'];
        for (const versionId of versions)
          await publishModel(other.store.models, { versionId, operations: sampleOperations(2) });
        await writeModel(other.store.models, {});
        const page = await other.store.models.list({ limit: 2 });
        expect(page.items).toHaveLength(2);
        const listed = await allPages((after) => other.store.models.list({ limit: 2, ...pageOptions(after) }));
        expect(listed.map((item) => item.versionId)).toEqual(
          [...versions].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
        );
        expect(listed.find((item) => item.versionId === 'Zoo:1')).toEqual({
          versionId: 'Zoo:1',
          kind: 'openapi',
          title: 'Zoo',
          version: '1',
          specVersion: '3.1.0',
          operations: 2,
          importedAt: (await other.store.models.find('Zoo:1'))?.importedAt,
        });
        expect((await other.store.models.list({ limit: 5 })).next).toBeUndefined();
      } finally {
        await other.dispose();
      }
    });

    test('what does not exist is undefined, empty or false', async () => {
      expect(await models().find('none:1')).toBeUndefined();
      expect(await models().findOperation('none', 'none')).toBeUndefined();
      expect(await models().findDuplicates('none', 'none')).toEqual([]);
      expect(await models().readFragments('none', ['/a'])).toEqual([]);
      expect(await models().remove('none')).toBe(false);
      await expect(collect(models().readSource('none'))).rejects.toMatchObject({ code: 'not_found' });
    });
  });
}

function pageOptions(after: string | undefined): { after?: string } {
  return after === undefined ? {} : { after };
}

function pageAfter(after: string | undefined): { limit: number; after?: string } {
  return { limit: 500, ...pageOptions(after) };
}
