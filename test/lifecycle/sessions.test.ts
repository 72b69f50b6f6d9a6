/** A log-in of the provider's own, which counts its sessions: one in force, and the one before it only until it is logged out (F67). */
import { describe, expect, test } from 'vitest';
import { DEFAULT_CLIENT, DEFAULT_USER, type ProviderBehaviour } from '../../src/demo/provider-behaviour.ts';
import type { Provider } from '../../src/demo/provider.ts';
import { readyExchange } from '../../src/exchange/ready-exchanges.ts';
import type { Json } from '../../src/kernel/json.ts';
import { INTEGRATION, STORES } from '../product/product-under-test.ts';
import { HOUR, openShop, type Shop } from './support/shop.ts';

/** The session is the token. It is renewed each hour, and lives at the provider until it is logged out. */
const LOGIN = {
  id: 'login',
  title: 'Log-in',
  inputs: [
    { name: 'base_url', required: true },
    { name: 'username', required: true },
    { name: 'password', secret: true, required: true },
  ],
  acquire: [
    {
      name: 'login',
      url: '{{ inputs.base_url }}/-/login',
      json: { username: '{{ inputs.username }}', password: '{{ inputs.password }}' },
      errors: [{ when: { status: [403], contains: 'too_many_sessions' }, class: 'transient' }],
    },
  ],
  refresh: null,
  end: [
    { name: 'logout', url: '{{ inputs.base_url }}/-/logout', headers: { 'X-Session': '{{ token.access_token }}' } },
  ],
  extract: { access_token: { from: 'login', pointer: '/session' } },
  expiry: { after: '1h' },
  apply: [{ in: 'header', name: 'Authorization', value: 'Bearer {{ token.access_token }}' }],
} as const satisfies Json;

const PASSWORD = readyExchange('password');

/** As the grant that we ship, with a revocation (RFC 7009) at its end. */
const REVOKED = {
  ...(PASSWORD as unknown as Readonly<Record<string, Json>>),
  id: 'password_revoked',
  inputs: [...(PASSWORD.inputs as unknown as readonly Json[]), { name: 'revocation_url', required: true }],
  end: [{ name: 'revoke', url: '{{ inputs.revocation_url }}', form: { token: '{{ token.access_token }}' } }],
};

async function openRevokingShop(kind: string): Promise<Shop> {
  return await openShopWith(kind, {}, ({ tokenUrl, revocationUrl }) => ({
    exchange: REVOKED,
    ...DEFAULT_CLIENT,
    token_url: tokenUrl,
    revocation_url: revocationUrl,
  }));
}

async function openLoginShop(kind: string, behaviour: Partial<ProviderBehaviour> = {}): Promise<Shop> {
  const lasting = { lifetimeMs: 10_000 * HOUR, maxSessions: 5, ...behaviour };
  return await openShopWith(kind, lasting, ({ origin }) => ({ exchange: LOGIN, base_url: origin }));
}

async function openShopWith(
  kind: string,
  behaviour: Partial<ProviderBehaviour>,
  values: (provider: Provider) => Readonly<Record<string, Json>>,
): Promise<Shop> {
  const shop = await openShop(kind, { provider: { behaviour } });
  const { integrations } = shop.worker;
  const { model, server } = await integrations.get(INTEGRATION);
  await integrations.remove(INTEGRATION);
  await integrations.create({
    name: INTEGRATION,
    model,
    server,
    authentication: { shop: { ...DEFAULT_USER, ...values(shop.provider) } },
  });
  return shop;
}

/** Fingerprints of the sessions that were opened, in order. */
function opened({ provider }: Shop): readonly string[] {
  return provider.log().flatMap(({ access_token: session }) => (session === undefined ? [] : [session]));
}

describe.each(STORES)('on $name', ({ name, skip }) => {
  test.skipIf(skip)(
    'test 51: five sessions allowed, 20 workers, 100 expiries: never more than two, and each old one is logged out',
    { timeout: 120_000 },
    async () => {
      const shop = await openLoginShop(name);
      const workers = await shop.workers(20);
      const outcomes = new Set<number | string>();
      for (let expiry = 0; expiry <= 100; expiry += 1) {
        const round = await Promise.all(workers.map(async (worker) => await shop.run(worker)));
        for (const outcome of round) outcomes.add(outcome);
        await shop.settled();
        // Now behind the callers, now with all of them waiting.
        shop.product.advance(expiry % 2 === 0 ? 0.97 * HOUR : HOUR);
      }
      expect(outcomes).toEqual(new Set([200]));
      const sessions = opened(shop);
      expect(sessions).toHaveLength(101);
      expect(shop.provider.ended()).toEqual(sessions.slice(0, -1));
      expect(shop.provider.counters()).toMatchObject({ mostSessions: 2, refused: 0, maxInFlight: 1 });
    },
  );

  test.skipIf(skip)(
    'test 51: the callers do not wait for the log-out, and what comes of it changes nothing',
    async () => {
      const shop = await openLoginShop(name);
      await shop.run();
      shop.product.advance(HOUR);
      shop.provider.script({ name: 'never', at: 'logout' }, { name: 'status', status: 503, at: 'logout' });
      const end = shop.points.hold('end:before');
      expect(await shop.run()).toBe(200);
      await end.reached;
      end.release();
      await shop.settled();
      shop.product.advance(HOUR);
      expect(await shop.run()).toBe(200);
      await shop.settled();
      expect(shop.provider.ended()).toEqual([]);
      shop.product.advance(HOUR);
      expect(await shop.run()).toBe(200);
      await shop.settled();
      expect(shop.provider.ended()).toEqual([opened(shop)[2]]);
    },
  );

  test.skipIf(skip)('test 51: a session that the provider gives again is not logged out', async () => {
    const shop = await openLoginShop(name, { sameToken: true });
    await shop.run();
    for (let life = 0; life < 3; life += 1) {
      shop.product.advance(HOUR);
      expect(await shop.run()).toBe(200);
      await shop.settled();
    }
    expect(new Set(opened(shop)).size).toBe(1);
    expect(shop.provider.ended()).toEqual([]);
  });

  test.skipIf(skip)('test 51: a token that a person set is not logged out', async () => {
    const shop = await openLoginShop(name);
    await shop.worker.tokens.set({ integration: INTEGRATION }, { access_token: 'by-hand', expires_in: 3_600 });
    shop.product.advance(HOUR + 1);
    const ends = shop.points.hold('end:before');
    expect(await shop.run()).toBe(200);
    await shop.settled();
    await expect(Promise.race([ends.reached, Promise.resolve('none')])).resolves.toBe('none');
  });

  test.skipIf(skip)(
    'test 51: a refresh ends nothing; the sign-in after a refused one ends what it replaces',
    async () => {
      const shop = await openRevokingShop(name);
      for (let life = 0; life < 3; life += 1) {
        expect(await shop.run()).toBe(200);
        await shop.settled();
        shop.product.advance(HOUR + 1);
      }
      expect(shop.provider.ended()).toEqual([]);
      const last = opened(shop).at(-1);
      shop.provider.script({ name: 'invalid_grant', grant: 'refresh_token' });
      expect(await shop.run()).toBe(200);
      await shop.settled();
      expect(shop.provider.ended()).toEqual([last]);
    },
  );

  test.skipIf(skip)(
    'test 51: a sign-in that leaves the old refresh token stored does not end its session',
    async () => {
      const shop = await openRevokingShop(name);
      await shop.run();
      shop.product.advance(HOUR + 1);
      shop.provider.configure({ refreshTokenFor: ['refresh_token'] });
      shop.provider.script({ name: 'answer-lost', grant: 'refresh_token' });
      expect(await shop.run()).toBe(200);
      await shop.settled();
      expect(await shop.show()).toMatchObject({ obtained_by: 'password_revoked', has_refresh_token: true });
      expect(shop.provider.ended()).toEqual([]);
    },
  );
});
