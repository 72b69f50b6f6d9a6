/** A wrong password under load: how often it is tried, and how long its error takes. */
import { describe, expect, test } from 'vitest';
import { INTEGRATION, STORES } from '../product/product-under-test.ts';
import { openShop, roundsOf } from './support/shop.ts';

const WORKERS = 20;

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

describe.each(STORES)('on $name', ({ name, skip }) => {
  test.skipIf(skip)(
    'test 22: F34 a wrong password, 20 workers, 5 minutes of load: one attempt, no lock-out, errors at once',
    { timeout: 60_000 },
    async () => {
      const shop = await openShop(name, {
        authentication: { password: 'wrong' },
        provider: { behaviour: { lockOutAfter: 3 } },
      });
      const workers = await shop.workers(WORKERS);
      expect(await roundsOf(shop, workers)).toEqual(new Set(['token_blocked']));
      const medianOfRound = async (): Promise<number> => {
        const times: number[] = [];
        for (let call = 0; call < 200; call += 1) {
          const began = performance.now();
          await shop.run(workers[call % WORKERS]);
          times.push(performance.now() - began);
        }
        return median(times);
      };
      // Of a round that the machine had time for.
      await expect.poll(medianOfRound, { timeout: 15_000 }).toBeLessThan(2);
      expect(shop.provider.counters()).toMatchObject({ tokenRequests: 1, wrongCredentials: 1, lockedOut: 0 });
    },
  );

  test.skipIf(skip)(
    'test 23: F35 the password is edited: the next call of every worker succeeds, at once',
    async () => {
      const shop = await openShop(name, { authentication: { password: 'wrong' } });
      const workers = await shop.workers(WORKERS);
      const outcomes = async (): Promise<ReadonlySet<number | string>> =>
        new Set(await Promise.all(workers.map(async (worker) => await shop.run(worker))));
      expect(await outcomes()).toEqual(new Set(['token_blocked']));
      await shop.worker.integrations.set(INTEGRATION, { authentication: { shop: { password: 'demo-password' } } });
      expect(await outcomes()).toEqual(new Set([200]));
      expect(shop.provider.counters()).toMatchObject({ tokenRequests: 2, issued: 1, maxInFlight: 1 });
    },
  );
});
