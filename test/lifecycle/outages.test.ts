/** A token endpoint that is away, or wants to be left alone: tokens in force go on, and nobody asks more often than the back-off says. */
import { createServer, connect, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Everbearer } from '../../src/api.ts';
import { createCertificate } from '../io/self-signed-certificate.ts';
import { INTEGRATION, STORES } from '../product/product-under-test.ts';
import { HOUR, MINUTE, openShop, type Shop } from './support/shop.ts';

const SECOND = 1_000;
const BACK_OFF_MAX = 5 * MINUTE;

describe.each(STORES)('on $name', ({ name, skip }) => {
  describe('test 25: F37 a 429', () => {
    test.skipIf(skip).each<readonly [what: string, fault: object, waits: number]>([
      ['120', { retryAfter: 120 }, 2 * MINUTE],
      ['an HTTP date', { retryAfterDateMs: 2 * MINUTE }, 2 * MINUTE],
      ['10 d: an hour at most', { retryAfter: 864_000 }, HOUR],
    ])(
      'test 25: Retry-After %s: no worker asks before it is over, and a token in force is served',
      async (_what, fault, waits) => {
        const shop = await openShop(name);
        const [other] = await shop.workers(1);
        await shop.run();
        shop.product.advance(0.9 * HOUR);
        shop.provider.script({ name: 'status', status: 429, ...fault });
        const asked = (): number => shop.provider.counters().tokenRequests;
        expect(await shop.run()).toBe(200);
        await expect.poll(asked).toBe(2);
        await expect.poll(async () => (await shop.show()).next_attempt_at).toBeDefined();
        // A date is told in whole seconds.
        shop.product.advance(waits - 2 * SECOND);
        const outcome = waits < 0.1 * HOUR ? 200 : 'token_unavailable';
        expect([await shop.run(), await shop.run(other)]).toEqual([outcome, outcome]);
        expect(asked()).toBe(2);
        shop.product.advance(2 * SECOND + 1);
        expect(await shop.run(other)).toBe(200);
        await expect.poll(asked).toBe(3);
        expect(shop.provider.counters()).toMatchObject({ replays: 0, byGrant: { password: 1, refresh_token: 2 } });
      },
    );

    test.skipIf(skip)('test 25: no Retry-After: the back-off is the wait, and it is told', async () => {
      const shop = await openShop(name);
      shop.provider.script({ name: 'status', status: 429 });
      const input = { integration: INTEGRATION, operationId: 'listBooks', input: {} };
      const response = await shop.worker.tasks.run(input);
      expect(response).toMatchObject({ ok: false, code: 'token_unavailable', retryable: true });
      expect(response).toHaveProperty('retry_after_ms', expect.closeTo(0.5 * SECOND, -3));
      shop.product.advance(SECOND);
      expect(await shop.run()).toBe(200);
    });
  });

  test.skipIf(skip).each(['clientCredentials', 'password'] as const)(
    'test 26: F39 503 for two hours with a token of one, %s, 20 workers: calls go on to its end, probes keep to the back-off, recovery takes a step at most',
    { timeout: 60_000 },
    async (flow) => {
      const shop = await openShop(name, { flow, provider: { behaviour: { rotation: 'rotate-revoke-family' } } });
      const { product, provider } = shop;
      // Full jitter at its longest: every wait is what the schedule says.
      const workers = await shop.workers(20, { clock: { ...product.clock, random: () => 0.9999 } });
      const [first] = workers;
      expect(await shop.run(first)).toBe(200);
      const end = Date.parse((await shop.show()).expires_at ?? '');
      const restored = product.clock.now() + 2 * HOUR;
      provider.script({ name: 'status', status: 503, times: 'always' });
      while (product.clock.now() < restored) {
        const began = product.clock.now();
        const outcomes = new Set(await Promise.all(workers.map(async (worker) => await shop.run(worker))));
        if (product.clock.now() < end) expect(outcomes).toEqual(new Set([200]));
        if (began >= end) expect(outcomes).toEqual(new Set(['token_unavailable']));
        await shop.settled();
        product.advance(30 * SECOND);
      }
      keepsToSchedule(shop);
      provider.clearScript();
      const back = product.clock.now();
      while ((await shop.run(first)) !== 200) product.advance(10 * SECOND);
      expect(product.clock.now() - back).toBeLessThanOrEqual(BACK_OFF_MAX + 10 * SECOND);
      expect(await Promise.all(workers.map(async (worker) => await shop.run(worker)))).toEqual(workers.map(() => 200));
      expect(provider.counters()).toMatchObject({ issued: 2, replays: 0, maxInFlight: 1 });
    },
  );

  describe('test 86: F38 no connection for ten minutes, to a password integration that is new', () => {
    const staysCooling = async (shop: Shop, other: Everbearer | undefined): Promise<void> => {
      for (let passed = 0; passed < 10 * MINUTE; passed += 10 * SECOND) {
        expect([await shop.run(), await shop.run(other)]).toEqual(['token_unavailable', 'token_unavailable']);
        expect((await shop.show()).state).not.toBe('blocked');
        shop.product.advance(10 * SECOND);
      }
      expect(await shop.show()).toMatchObject({ last_error: { class: 'transient' } });
    };

    test.skipIf(skip)('test 86: refused: it cools, is never blocked, and works once the provider is back', async () => {
      const shop = await openShop(name);
      const [other] = await shop.workers(1);
      await shop.provider.goOffline();
      await staysCooling(shop, other);
      await shop.provider.goOnline();
      shop.product.advance(BACK_OFF_MAX);
      expect([await shop.run(), await shop.run(other)]).toEqual([200, 200]);
      expect(shop.provider.counters()).toMatchObject({ tokenRequests: 1, issued: 1 });
    });

    test.skipIf(skip)('test 86: TLS handshakes that fail: the same', async () => {
      const front = await openTlsFront();
      const urls = { token_url: front.tokenUrl, refresh_url: front.tokenUrl };
      const shop = await openShop(name, { authentication: urls, integration: { tls: { ca: front.ca } } });
      const [other] = await shop.workers(1);
      await staysCooling(shop, other);
      await front.mend(Number(new URL(shop.provider.origin).port));
      shop.product.advance(BACK_OFF_MAX);
      expect([await shop.run(), await shop.run(other)]).toEqual([200, 200]);
      expect(shop.provider.counters()).toMatchObject({ tokenRequests: 1, issued: 1 });
    });
  });
});

/** Attempts in a row are a step of the back-off apart, and each is one request; the first may fall back on other credentials. */
function keepsToSchedule({ provider }: Shop): void {
  const failed = provider.log().filter(({ outcome }) => outcome === 'fault');
  const attempts = failed.filter(({ grant }, index) => index === 0 || grant !== 'password' || index > 1);
  attempts.slice(1).forEach(({ at }, index) => {
    const step = Math.min(BACK_OFF_MAX, SECOND * 2 ** index);
    expect(at - (attempts[index]?.at ?? 0)).toBeGreaterThanOrEqual(0.99 * step);
  });
  // From the soft point, 47 to 53 minutes after the beginning: nine steps to five minutes, then one in five.
  expect(attempts.length).toBeLessThanOrEqual(9 + 14);
  expect(attempts.length).toBeGreaterThan(9);
}

interface TlsFront {
  readonly tokenUrl: string;
  /** PEM. */
  readonly ca: string;
  /** From now on handshakes succeed, and what comes through goes on to the port. */
  mend(port: number): Promise<void>;
}

/** In front of the token endpoint: breaks every connection at the client's first word. */
async function openTlsFront(): Promise<TlsFront> {
  const { cert, key } = createCertificate({ commonName: 'token endpoint', names: ['127.0.0.1'] });
  let server: Server = createServer((socket) => socket.once('data', () => socket.destroy()).on('error', ignore));
  const port = await listen(server, 0);
  onTestFinished(() => void server.close());
  return {
    tokenUrl: `https://127.0.0.1:${port}/-/token`,
    ca: cert,
    async mend(provider) {
      await new Promise((closed) => server.close(closed));
      server = createTlsServer({ cert, key }, (socket) => {
        const behind = connect(provider, '127.0.0.1');
        behind.on('error', ignore);
        socket.on('error', ignore).pipe(behind).pipe(socket);
      });
      await listen(server, port);
    },
  };
}

const ignore = (): void => undefined;

/** @returns the port */
async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
  const address = server.address();
  return address !== null && typeof address === 'object' ? address.port : port;
}
