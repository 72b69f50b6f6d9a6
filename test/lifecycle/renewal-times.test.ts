/** When a token is renewed, at providers that make a fixed margin go wrong (F19–F21). */
import { describe, expect, test } from 'vitest';
import { createHttpClient } from '../../src/io/http-client.ts';
import type { HttpClient } from '../../src/kernel/http-client.ts';
import { STORES } from '../product/product-under-test.ts';
import { HOUR, MINUTE, openShop, type Shop } from './support/shop.ts';

const SECOND = 1_000;

/** A call at each step of a time. @returns how many did not succeed */
async function callsDuring(shop: Shop, forMs: number, everyMs: number): Promise<number> {
  let failed = 0;
  for (let passed = 0; passed < forMs; passed += everyMs) {
    if ((await shop.run()) !== 200) failed += 1;
    await shop.settled();
    shop.product.advance(everyMs);
  }
  return failed;
}

/** How often each access token was given out. */
function timesGiven({ provider }: Shop): readonly number[] {
  const counts = new Map<string, number>();
  for (const { access_token: token = '' } of provider.log()) counts.set(token, (counts.get(token) ?? 0) + 1);
  return [...counts.values()];
}

describe.each(STORES)('on $name', ({ name, skip }) => {
  test.skipIf(skip).each([5, 20, 60, 61])(
    'F19: a lifetime of %i s is used for most of it: no token request a call, none of its tokens used after its end',
    async (seconds) => {
      const shop = await openShop(name, { provider: { behaviour: { lifetimeMs: seconds * SECOND } } });
      const lives = 4;
      const began = shop.product.clock.now();
      expect(await callsDuring(shop, lives * seconds * SECOND, (seconds * SECOND) / 25)).toBe(0);
      const { tokenRequests, api } = shop.provider.counters();
      expect(tokenRequests).toBeGreaterThanOrEqual(lives);
      // Renewed after 70 % of its life at the earliest.
      const elapsed = shop.product.clock.now() - began;
      expect(tokenRequests).toBeLessThanOrEqual(1 + elapsed / (0.7 * seconds * SECOND));
      expect(api.unauthorized).toBe(0);
      shop.product.advance(1.02 * seconds * SECOND);
      expect(await shop.run()).toBe(200);
      expect(shop.provider.counters().api.unauthorized, 'right after its end').toBe(0);
    },
  );

  test.skipIf(skip)(
    'test 30: a provider that gives the same token until its end is asked once more a lifetime at most, and not in a loop',
    { timeout: 60_000 },
    async () => {
      const shop = await openShop(name, { provider: { behaviour: { sameToken: true } } });
      for (let life = 0; life < 3; life += 1) {
        expect(await callsDuring(shop, 58 * MINUTE, MINUTE)).toBe(0);
        expect(await callsDuring(shop, 2 * MINUTE + SECOND, 2 * SECOND)).toBe(0);
      }
      const given = timesGiven(shop);
      expect(given.length).toBeGreaterThanOrEqual(3);
      expect(Math.max(...given)).toBeLessThanOrEqual(2);
      expect(shop.provider.counters().api.unauthorized).toBe(0);
    },
  );

  test.skipIf(skip)(
    'F20: a provider that gives the same token again: after one early try the next one comes at the end of its life',
    async () => {
      const shop = await openShop(name, {
        flow: 'clientCredentials',
        authentication: { refresh_url: '' },
        provider: { behaviour: { sameToken: true } },
      });
      await shop.run();
      shop.product.advance(0.95 * HOUR);
      await shop.run();
      await shop.settled();
      expect(timesGiven(shop)).toEqual([2]);
      expect(await callsDuring(shop, 2 * MINUTE, 10 * SECOND), 'nothing new was brought').toBe(0);
      expect(timesGiven(shop)).toEqual([2]);
      shop.product.advance(MINUTE + SECOND);
      expect(await shop.run()).toBe(200);
      expect(timesGiven(shop)).toEqual([2, 1]);
    },
  );

  test.skipIf(skip)(
    'F21: a grant that ends the token before it: a call under way adopts the new one without asking, and renewals move to the end',
    async () => {
      const shop = await openShop(name, { provider: { behaviour: { singleActive: true } } });
      const { provider, product } = shop;
      const asked = (): number => provider.counters().tokenRequests;
      const late = createLateClient(`${provider.origin}/`);
      const [slow] = await shop.workers(1, { http: late.http });
      await shop.run();
      product.advance(0.97 * HOUR);
      late.hold();
      const underWay = shop.run(slow);
      await late.held;
      await shop.run();
      await expect.poll(async () => (await shop.show()).version).toBe(2);
      late.release();
      expect(await underWay).toBe(200);
      expect(asked()).toBe(2);
      // The call that began the renewal may have met it as well.
      expect([1, 2]).toContain(provider.counters().api.unauthorized);
      // The next token knows it: usually renewed by 53 minutes, now in the last one.
      product.advance(0.95 * HOUR);
      await shop.run();
      await expect.poll(async () => (await shop.show()).version).toBe(3);
      product.advance(56 * MINUTE);
      expect(await callsDuring(shop, 2 * MINUTE, 20 * SECOND)).toBe(0);
      expect(asked()).toBe(3);
      product.advance(1.5 * MINUTE);
      await shop.run();
      await expect.poll(asked).toBe(4);
    },
  );
});

/** A client whose next request to the API waits. */
function createLateClient(provider: string): {
  readonly http: HttpClient;
  hold(): void;
  readonly held: Promise<void>;
  release(): void;
} {
  const http = createHttpClient();
  const arrival = Promise.withResolvers<undefined>();
  const departure = Promise.withResolvers<undefined>();
  let isArmed = false;
  return {
    http: {
      async request(request) {
        if (isArmed && request.url.startsWith(provider) && !request.url.includes('/-/')) {
          isArmed = false;
          arrival.resolve(undefined);
          await departure.promise;
        }
        return await http.request(request);
      },
      close: async () => await http.close(),
    },
    hold: () => void (isArmed = true),
    held: arrival.promise,
    release: () => departure.resolve(undefined),
  };
}
