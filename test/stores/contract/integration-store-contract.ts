/** What every IntegrationStore does. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NewIntegrationRecord } from '../../../src/integration/integration-store.ts';
import { allPages, type OpenStore, type StoreUnderTest, uniqueName } from './store-under-test.ts';

export function sampleIntegration(name: string, more: Partial<NewIntegrationRecord> = {}): NewIntegrationRecord {
  return {
    id: randomUUID(),
    name,
    model: 'Model:1.0',
    rev: 1,
    marks: { 'dotted.$scheme': { account_rev: 1, secret_rev: 0 } },
    settings: {
      server: { protocol: 'https', host: 'api.example.com', port: 8443, base_path: '/$v1' },
      tls: { enabled: true, rejectUnauthorized: false, ca: '-----BEGIN CERTIFICATE-----\n' },
      egress: ['10.0.0.0/8'],
      allowHttp: false,
    },
    sealed: { ct: 'Y3Q=', iv: 'aXY=', kid: 'k1' },
    ...more,
  };
}

export function integrationStoreContract(name: string, open: OpenStore): void {
  describe(`${name}: integrations`, () => {
    let opened: StoreUnderTest;
    let offsetMs = 0;
    beforeAll(async () => {
      opened = await open({ clockOffsetMs: () => offsetMs });
    });
    afterAll(async () => {
      await opened.dispose();
    });
    const integrations = () => opened.store.integrations;

    test('an inserted integration comes back by its name, with the time of the store', async () => {
      const record = sampleIntegration(uniqueName('Übung "$x"'));
      expect(await integrations().insert(record)).toBe('inserted');
      const found = await integrations().findByName(record.name);
      expect(found).toEqual({ ...record, createdAt: found?.createdAt, updatedAt: found?.createdAt });
      expect(Math.abs((found?.createdAt ?? 0) - Date.now())).toBeLessThan(60_000);
      expect(await integrations().findByName(record.name.toUpperCase())).toBeUndefined();
    });

    test('a name is taken once, also when two connections insert at once', async () => {
      const taken = uniqueName('taken');
      const other = await opened.another();
      const stores = [integrations(), other.integrations, integrations(), other.integrations];
      const outcomes = await Promise.all(stores.map((store) => store.insert(sampleIntegration(taken))));
      expect(outcomes.filter((outcome) => outcome === 'inserted')).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome === 'taken')).toHaveLength(3);
    });

    test('a replacement needs the revision that it was made from', async () => {
      const record = sampleIntegration(uniqueName('edited'));
      await integrations().insert(record);
      const created = await integrations().findByName(record.name);
      offsetMs = 5_000;
      const edited: NewIntegrationRecord = {
        ...record,
        rev: 2,
        marks: { 'dotted.$scheme': { account_rev: 2, secret_rev: 2 } },
        settings: { server: { url: 'https://b.example.com' }, tls: { enabled: false, rejectUnauthorized: true } },
        sealed: { ct: 'bmV3', iv: 'aXY=', kid: 'k2' },
      };
      expect(await integrations().replace(edited, 1)).toBe('replaced');
      expect(await integrations().replace({ ...record, rev: 3 }, 1)).toBe('changed');
      const found = await integrations().findByName(record.name);
      expect(found).toEqual({ ...edited, createdAt: created?.createdAt, updatedAt: found?.updatedAt });
      expect((found?.updatedAt ?? 0) - (created?.updatedAt ?? 0)).toBeGreaterThanOrEqual(5_000);
      expect(await integrations().replace(sampleIntegration(uniqueName('none')), 1)).toBe('changed');
      offsetMs = 0;
    });

    test('of two replacements of one revision one is made', async () => {
      const record = sampleIntegration(uniqueName('raced'));
      await integrations().insert(record);
      const other = await opened.another();
      const stores = [integrations(), other.integrations, integrations(), other.integrations];
      const outcomes = await Promise.all(stores.map((store) => store.replace({ ...record, rev: 2 }, 1)));
      expect(outcomes.filter((outcome) => outcome === 'replaced')).toHaveLength(1);
    });

    test('revisions are those in force; unknown ids are left out', async () => {
      const [first, second] = [sampleIntegration(uniqueName('r')), sampleIntegration(uniqueName('r'), { rev: 7 })];
      await integrations().insert(first);
      await integrations().insert(second);
      const expected = new Map([
        [first.id, 1],
        [second.id, 7],
      ]);
      expect(await integrations().revisions([second.id, 'unknown', first.id])).toEqual(expected);
      expect(await integrations().revisions([])).toEqual(new Map());
      await integrations().replace({ ...second, rev: 8 }, 7);
      expect((await integrations().revisions([second.id])).get(second.id)).toBe(8);
    });

    test('a removed integration is gone and its name is free', async () => {
      const record = sampleIntegration(uniqueName('removed'));
      await integrations().insert(record);
      expect(await integrations().remove(record.id)).toBe(true);
      expect(await integrations().remove(record.id)).toBe(false);
      expect(await integrations().findByName(record.name)).toBeUndefined();
      expect(await integrations().replace({ ...record, rev: 2 }, 1)).toBe('changed');
      expect(await integrations().insert(sampleIntegration(record.name))).toBe('inserted');
    });

    test('names by model are those that use it, at most as many as asked for', async () => {
      const model = `${uniqueName('Used')}:1`;
      const names = ['b', 'a', 'c'].map((prefix) => uniqueName(prefix));
      for (const each of names) await integrations().insert(sampleIntegration(each, { model }));
      expect(await integrations().namesByModel(model, 10)).toEqual([...names].sort());
      expect(await integrations().namesByModel(model, 2)).toEqual([...names].sort().slice(0, 2));
      expect(await integrations().namesByModel('none:1', 2)).toEqual([]);
    });

    test('made and edited integrations are found from an instant on, the oldest first', async () => {
      const [first, second] = [sampleIntegration(uniqueName('edited')), sampleIntegration(uniqueName('edited'))];
      try {
        // Later than every edit of the tests around.
        offsetMs = 30 * 86_400_000;
        const { now: since } = await integrations().editedSince(0, 1);
        for (const record of [first, second]) {
          await integrations().insert(record);
          offsetMs += 1_000;
        }
        await integrations().replace({ ...first, rev: 2 }, 1);
        const stored = await Promise.all(
          [second, first].map(async ({ name }) => await integrations().findByName(name)),
        );
        const expected = stored.map((record) => ({ id: record?.id, name: record?.name, at: record?.updatedAt }));
        const found = await integrations().editedSince(since, 10);
        expect(found.edited).toEqual(expected);
        expect(found.now).toBeGreaterThanOrEqual(expected[1]?.at ?? Number.POSITIVE_INFINITY);
        expect((await integrations().editedSince(since, 1)).edited).toEqual(expected.slice(0, 1));
        expect((await integrations().editedSince(expected[1]?.at ?? 0, 10)).edited).toEqual(expected.slice(1));
        expect((await integrations().editedSince((expected[1]?.at ?? 0) + 1, 10)).edited).toEqual([]);
      } finally {
        offsetMs = 0;
      }
    });

    test('integrations are listed by name, page by page', async () => {
      const other = await open();
      try {
        const names = ['zoo', 'Äpfel', 'apples', '_', 'a.b', '🙂'];
        for (const each of names) await other.store.integrations.insert(sampleIntegration(each));
        const listed = await allPages((after) =>
          other.store.integrations.list({ limit: 2, ...(after === undefined ? {} : { after }) }),
        );
        const byBytes = [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        expect(listed.map((record) => record.name)).toEqual(byBytes);
        expect(listed[0]).toEqual(await other.store.integrations.findByName(byBytes[0] ?? ''));
        expect((await other.store.integrations.list({ limit: 6 })).next).toBeUndefined();
        expect((await other.store.integrations.list({ limit: 5 })).next).toBeDefined();
      } finally {
        await other.dispose();
      }
    });
  });
}
