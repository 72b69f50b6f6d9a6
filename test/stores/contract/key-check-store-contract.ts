/** What every store keeps of its keys, and of its own version. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OpenStore, StoreUnderTest } from './store-under-test.ts';

export function keyCheckStoreContract(name: string, open: OpenStore): void {
  describe(`${name}: key check and life cycle`, () => {
    let opened: StoreUnderTest;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(async () => {
      await opened.dispose();
    });

    test('the first key check stands, whoever comes later, also from two connections at once', async () => {
      expect(await opened.store.keys.readKeyCheck()).toBeUndefined();
      const other = await opened.another();
      const answers = await Promise.all([
        opened.store.keys.insertKeyCheck('{"kid":"a.$b"}'),
        other.keys.insertKeyCheck('{"kid":"2"}'),
      ]);
      const standing = await opened.store.keys.readKeyCheck();
      expect(answers).toEqual([standing, standing]);
      expect(await other.keys.insertKeyCheck('{"kid":"3"}')).toBe(standing);
    });

    test('an open store has nothing pending, and migrating it again does nothing', async () => {
      const status = await opened.store.migrationStatus();
      expect(status.version).toBe(status.known);
      expect(status.pending).toEqual([]);
      expect(await opened.store.migrate()).toEqual([]);
    });

    test('after close every call says so, and closing twice is harmless', async () => {
      const closed = await opened.another();
      await closed.close();
      await closed.close();
      const calls = [
        () => closed.tokens.read(['a']),
        () => closed.tokens.apply('a', { kind: 'release', attempt: 'a', unspent: true }),
        () => closed.tokens.editedSince(0, 1),
        () => closed.credentials.apply('a', { kind: 'reset' }),
        () => closed.models.list(),
        () => closed.integrations.findByName('a'),
        () => closed.events.list(),
        () => closed.keys.readKeyCheck(),
      ];
      for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'store_unavailable' });
    });
  });
}
