/** The store has made a write, and whoever asked for it does not hear of it. */
import { afterEach, describe, expect, test } from 'vitest';
import type { TokenRecord } from '../../src/token/token-record.ts';
import { STORES } from '../product/product-under-test.ts';
import type { HeldPoint } from './support/held-points.ts';
import { HOUR } from './support/shared-token.ts';
import { firstOf, losingReplies, refusing, startTokenManagers, type TokenManagers } from './support/token-managers.ts';

describe.each(STORES)('on $name', ({ name, skip }) => {
  let managers: TokenManagers;

  afterEach(async () => {
    await managers.dispose();
  });

  test.skipIf(skip)('test 84: of an acquire: it is asked for, and the refresh is sent', async () => {
    managers = await startTokenManagers(name);
    await managers.worker().get();
    managers.advance(HOUR);
    const holder = managers.worker({ store: losingReplies(managers.tokens, firstOf('acquire')) });
    await holder.get();
    expect(managers.requests()).toEqual(['password issued', 'refresh_token issued']);
    expect((await managers.record()).rt?.doubt).toBeUndefined();
  });

  test.skipIf(skip)(
    'test 84: of an acquire and of the question: given back, and the next worker refreshes',
    async () => {
      managers = await startTokenManagers(name);
      await managers.worker().get();
      managers.advance(HOUR);
      const isLost = [firstOf('acquire'), firstOf('extend')];
      const holder = managers.worker({
        store: losingReplies(managers.tokens, (write) => isLost.some((lost) => lost(write))),
      });
      const asking = holder.hold('confirm:after');
      const call = holder.get();
      await asking.reached;
      expect((await managers.record()).rt?.doubt).toBeDefined();
      const released = holder.hold('release:after');
      asking.release();
      await released.reached;
      const record = await managers.record();
      expect([record.rt?.doubt, record.lease]).toEqual([undefined, undefined]);
      const next = await managers.worker().get();
      released.release();
      expect(await call).toBe(next);
      expect(managers.requests()).toEqual(['password issued', 'refresh_token issued']);
    },
  );

  test.skipIf(skip)('a token that the store does not take is served until it ends, and no longer', async () => {
    managers = await startTokenManagers(name, { lifetimeMs: 20_000 });
    let isRefusing = true;
    const holder = managers.worker({
      store: refusing(managers.tokens, (write) => isRefusing && write.kind === 'save'),
    });
    const unstored = await holder.get();
    managers.advance(10_000);
    expect(await holder.get()).toBe(unstored);
    // The lease outlives it.
    managers.advance(11_000);
    const call = holder.get();
    isRefusing = false;
    expect(await call).not.toBe(unstored);
    expect(managers.requests()).toEqual(['password issued', 'refresh_token issued']);
  });

  describe('test 75: of a save of a refresh that does not rotate', () => {
    /** A holder that has saved, does not know it, and stands before it sends the save again; its callers have been served. */
    const holderWithoutReply = async (): Promise<{ readonly unstored: HeldPoint; readonly saved: TokenRecord }> => {
      managers = await startTokenManagers(name, { rotation: 'none' });
      await managers.worker().get();
      managers.advance(HOUR);
      const holder = managers.worker({ store: losingReplies(managers.tokens, firstOf('save')) });
      const unstored = holder.hold('save:unstored');
      const told = managers.worker();
      await holder.get();
      await unstored.reached;
      expect(await told.get()).toBeDefined();
      return { unstored, saved: await managers.record() };
    };

    test.skipIf(skip)('test 75: sent again, it is recognised, and counted once', async () => {
      const { unstored, saved } = await holderWithoutReply();
      expect(saved).toMatchObject({ ver: 2, lw: expect.stringMatching(/:save$/) });
      unstored.release();
      await managers.idle();
      expect(await managers.record()).toEqual(saved);
    });

    test.skipIf(skip)('test 75: sent again when another has renewed, it changes nothing', async () => {
      const { unstored, saved } = await holderWithoutReply();
      managers.advance(HOUR);
      await managers.worker().get();
      const renewed = await managers.record();
      expect(renewed.ver).toBe(saved.ver + 1);
      unstored.release();
      await managers.idle();
      expect(await managers.record()).toEqual(renewed);
      expect(managers.requests()).toEqual(['password issued', 'refresh_token issued', 'refresh_token issued']);
    });
  });
});
