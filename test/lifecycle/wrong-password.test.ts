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
    'test 22, test 23: a wrong password, 20 workers, 5 minutes of load: one attempt, no lock-out, errors at once; then a right one works everywhere at once',
    { timeout: 60_000 },
    async () => {
      const shop = await openShop(name, {
        authentication: { password: 'wrong' },
        provider: { behaviour: { lockOutAfter: 3 } },
      });
      const workers = await shop.workers(WORKERS);
      expect(await roundsOf(shop, workers)).toEqual(new Set(['token_blocked']));
      const times: number[] = [];
      for (let call = 0; call < 200; call += 1) {
        const began = performance.now();
        await shop.run(workers[call % WORKERS]);
        times.push(performance.now() - began);
      }
      expect(median(times)).toBeLessThan(2);
      expect(shop.provider.counters()).toMatchObject({ tokenRequests: 1, wrongCredentials: 1, lockedOut: 0 });
      await shop.worker.integrations.set(INTEGRATION, { authentication: { shop: { password: 'demo-password' } } });
      const next = await Promise.all(workers.map(async (worker) => await shop.run(worker)));
      expect(new Set(next)).toEqual(new Set([200]));
      expect(shop.provider.counters()).toMatchObject({ tokenRequests: 2, issued: 1 });
    },
  );
});
