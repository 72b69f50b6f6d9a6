/** What every EventStore does. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EventDetails, NewEvent } from '../../../src/kernel/event.ts';
import { allPages, type OpenStore, type StoreUnderTest, uniqueName } from './store-under-test.ts';

function sampleEvent(more: Partial<NewEvent> = {}): NewEvent {
  return { type: 'token_retrieved', actor: 'system', reason: 'expired', outcome: 'ok', ...more };
}

export function eventStoreContract(name: string, open: OpenStore): void {
  describe(`${name}: events`, () => {
    let opened: StoreUnderTest;
    let offsetMs = 0;
    beforeAll(async () => {
      opened = await open({ clockOffsetMs: () => offsetMs });
    });
    afterAll(async () => {
      await opened.dispose();
    });
    const events = () => opened.store.events;

    test('an event comes back with every field, an id and the time of the store', async () => {
      const integration = uniqueName('fields');
      const full: NewEvent = {
        ...sampleEvent({ integration, scheme: 'dotted.$scheme', outcome: 'failed', code: 'token_blocked', version: 0 }),
        latency_ms: 0,
        // A store keeps names that the allow-list has not, whatever they look like.
        details: { status: 401, origin: 'https://as.example.com', 'a.$b': null, sent: false } as EventDetails,
      };
      offsetMs = 3_600_000;
      await events().append(full);
      offsetMs = 0;
      const { items } = await events().list({ integration });
      expect(items).toEqual([{ ...full, id: expect.any(String), at: expect.any(String) }]);
      const at = items[0]?.at ?? '';
      expect(new Date(at).toISOString()).toBe(at);
      expect(Math.abs(Date.parse(at) - Date.now() - 3_600_000)).toBeLessThan(60_000);
    });

    test('an event without an integration stands in the whole history only', async () => {
      const reason = uniqueName('reason');
      await events().append(sampleEvent({ type: 'model_imported', reason }));
      const { items } = await events().list();
      expect(items[0]).toEqual({
        ...sampleEvent({ type: 'model_imported', reason }),
        id: items[0]?.id,
        at: items[0]?.at,
      });
    });

    test('newest first by default, oldest first when asked for, page by page, of one integration', async () => {
      const [integration, noise] = [uniqueName('paged'), uniqueName('noise')];
      for (let version = 0; version < 7; version += 1) {
        await events().append(sampleEvent({ integration, version }));
        await events().append(sampleEvent({ integration: noise }));
      }
      const listed = (order?: 'newest' | 'oldest') =>
        allPages((after) => events().list({ integration, limit: 3, ...(order && { order }), ...(after && { after }) }));
      expect((await listed()).map((event) => event.version)).toEqual([6, 5, 4, 3, 2, 1, 0]);
      expect((await listed('newest')).map((event) => event.version)).toEqual([6, 5, 4, 3, 2, 1, 0]);
      expect((await listed('oldest')).map((event) => event.version)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    });

    test('the id of any event is a cursor, so that a follower misses nothing and sees nothing twice', async () => {
      const integration = uniqueName('followed');
      await events().append(sampleEvent({ integration, version: 0 }));
      const first = (await events().list({ integration, limit: 1 })).items[0]?.id ?? '';
      const follow = () => events().list({ integration, order: 'oldest', after: first });
      expect(await follow()).toEqual({ items: [] });
      const other = await opened.another();
      await other.events.append(sampleEvent({ integration, version: 1 }));
      await events().append(sampleEvent({ integration, version: 2 }));
      expect((await follow()).items.map((event) => event.version)).toEqual([1, 2]);
    });

    test('ids grow, also when two connections append at once', async () => {
      const integration = uniqueName('raced');
      const other = await opened.another();
      await Promise.all(
        Array.from({ length: 40 }, (_, i) => (i % 2 ? events() : other.events).append(sampleEvent({ integration }))),
      );
      const ids = (await events().list({ integration, order: 'oldest' })).items.map((event) => event.id);
      expect(new Set(ids).size).toBe(40);
      expect([...ids].sort()).toEqual(ids);
    });

    test('a cursor that is none is a bad request', async () => {
      await expect(events().list({ after: 'no cursor' })).rejects.toMatchObject({ code: 'bad_request' });
    });
  });
}
