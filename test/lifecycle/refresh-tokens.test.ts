/** What becomes of the refresh token when the provider rotates it, does not, or refuses it: through the whole product. */
import { describe, expect, test } from 'vitest';
import type { ProviderBehaviour } from '../../src/demo/provider-behaviour.ts';
import { decide } from '../../src/token/token-decision.ts';
import type { TokenRecord } from '../../src/token/token-record.ts';
import { newTokenRecord } from '../../src/token/transitions.ts';
import { INTEGRATION, STORES } from '../product/product-under-test.ts';
import { grantsOf, HOUR, LEASE, openShop, presentedTo, REFRESH_TOKEN_ONLY, WATCH, type Shop } from './support/shop.ts';
import { createTwoSchemes, SCHEMES, TWO_SCHEMES } from './support/two-schemes.ts';

describe.each(STORES)('on $name', ({ name, skip }) => {
  const expire = ({ product }: Shop): void => product.advance(HOUR + 1);

  test.skipIf(skip).each<ProviderBehaviour['unrotatedAnswer']>(['omit', 'empty', 'same'])(
    'test 19: F10, F11 a refresh whose answer has the refresh token %s: the old one is kept, and the next refresh works',
    async (unrotatedAnswer) => {
      const shop = await openShop(name, { provider: { behaviour: { rotation: 'none', unrotatedAnswer } } });
      expect(await shop.run()).toBe(200);
      for (let life = 0; life < 3; life += 1) {
        expire(shop);
        expect(await shop.run()).toBe(200);
        expect(await shop.show()).toMatchObject({ has_refresh_token: true, obtained_by: 'refresh_token' });
      }
      expect(grantsOf(shop.provider)).toEqual(['password', 'refresh_token', 'refresh_token', 'refresh_token']);
      expect(new Set(presentedTo(shop.provider)).size).toBe(1);
    },
  );

  test.skipIf(skip)(
    'test 20: a refused refresh token, with a password there: one sign-in, and every caller sees success',
    async () => {
      const shop = await openShop(name);
      const workers = [shop.worker, ...(await shop.workers(2))];
      await shop.run();
      await shop.worker.tokens.set({ integration: INTEGRATION }, { refresh_token: 'long-gone' });
      expire(shop);
      const calls = Array.from({ length: 30 }, async (_, index) => await shop.run(workers[index % workers.length]));
      expect(new Set(await Promise.all(calls))).toEqual(new Set([200]));
      expect(grantsOf(shop.provider)).toEqual(['password', 'refresh_token', 'password']);
      expire(shop);
      expect(await shop.run()).toBe(200);
      expect(grantsOf(shop.provider).at(-1), 'the new sign-in brought another').toBe('refresh_token');
      expect(shop.provider.counters()).toMatchObject({ replays: 0, familiesRevoked: 0, maxInFlight: 1 });
    },
  );

  test.skipIf(skip)(
    'test 21: F2 a holder that is refused after another has saved adopts what the other saved, and leaves the record as it is',
    async () => {
      const shop = await openShop(name);
      await shop.run();
      await shop.worker.tokens.set({ integration: INTEGRATION }, { refresh_token: 'long-gone' });
      expire(shop);
      // The request waits at the provider, the lease runs out, and the refusal comes when the winner is done.
      shop.provider.script({ name: 'hold', processed: false, grant: 'refresh_token' });
      const late = shop.run();
      await expect.poll(() => shop.provider.held()).toBe(1);
      shop.product.advance(LEASE + 1);
      const [winner] = await shop.workers(1);
      expect(await shop.run(winner)).toBe(200);
      const saved = await shop.show();
      shop.provider.release();
      expect(await late).toBe(200);
      expect(await shop.show()).toEqual({ ...saved, expires_in: expect.anything() });
      expect(saved).toMatchObject({ obtained_by: 'password' });
      expect(saved).not.toHaveProperty('last_error');
      // The held one is written down when it is answered.
      expect(grantsOf(shop.provider)).toEqual(['password', 'password', 'refresh_token']);
      expire(shop);
      expect(await shop.run()).toBe(200);
      expect(shop.provider.log().at(-1)).toMatchObject({ grant: 'refresh_token', outcome: 'issued' });
    },
  );

  test.skipIf(skip)(
    'test 21: also where the winner has presented the same refresh token again, for want of anything else',
    async () => {
      const shop = await openShop(name, {
        ...REFRESH_TOKEN_ONLY,
        provider: { behaviour: { rotation: 'rotate' } },
        tokenWaitMs: HOUR,
      });
      await shop.setIssuedToken();
      expire(shop);
      shop.provider.script({ name: 'hold', processed: false, grant: 'refresh_token' });
      const late = shop.run();
      await expect.poll(() => shop.provider.held()).toBe(1);
      shop.product.advance(4 * LEASE + 1);
      const [winner] = await shop.workers(1);
      expect(await shop.whilePassing(shop.run(winner))).toBe(200);
      const saved = await shop.show();
      shop.provider.release();
      expect(await late).toBe(200);
      await expect.poll(() => shop.provider.counters().refused).toBe(1);
      expect(await shop.show()).toEqual({ ...saved, expires_in: expect.anything() });
      expire(shop);
      expect(await shop.run()).toBe(200);
      expect(shop.provider.log().at(-1)).toMatchObject({ grant: 'refresh_token', outcome: 'issued' });
    },
  );

  describe('test 82: M4 a wrong password beside a live refresh token', () => {
    test('test 82: a refusal of the password that is remembered hides no refresh token that may be presented', () => {
      const made = newTokenRecord({ id: 'i:s:k', integration_id: 'i', scheme: 's', rev: 1, cfg_ver: 0, atId: 'a' }, 0);
      const refused = { class: 'credentials', code: 'invalid_grant', message: 'No.', n: 1, at: 0 } as const;
      const blocked: TokenRecord = { ...made, fail: { mine: refused } };
      const rt = { sealed: { ct: '', iv: '', kid: 'k' }, fp: 'rt', gen: 0, by: 'b', epoch: 0 };
      const context = { rev: 1, cfgFp: 'mine', hasPrimary: true, presents: true, renewal: 'background' } as const;
      const actionOf = (record: TokenRecord): string => decide(record, 1, context).action;
      expect(actionOf(blocked)).toBe('blocked');
      expect(actionOf({ ...blocked, rt })).toBe('acquire');
      expect(actionOf({ ...blocked, rt: { ...rt, doubt: { attempt: 'x', at: 0, replayed: true } } })).toBe('acquire');
      expect(actionOf({ ...blocked, rt: { ...rt, refused: { at: 0, n: 1 } } })).toBe('blocked');
      expect(actionOf({ ...blocked, rt: { ...rt, expires_at: 1 } })).toBe('blocked');
    });

    test.skipIf(skip)('test 82: the refresh token is used, also right after the refusal of the password', async () => {
      const shop = await openShop(name, { authentication: { password: 'wrong' } });
      expect(await shop.run()).toBe('token_blocked');
      await shop.setIssuedToken();
      for (let life = 0; life < 3; life += 1) {
        expire(shop);
        expect(await shop.run()).toBe(200);
      }
      expect(grantsOf(shop.provider)).toEqual(['refresh_token', 'refresh_token', 'refresh_token']);
    });

    test.skipIf(skip)('test 82: a refresh token in doubt is presented after the wait, the password once', async () => {
      const shop = await openShop(name, { authentication: { password: 'wrong' } });
      await shop.setIssuedToken();
      expire(shop);
      shop.provider.script({ name: 'status', status: 503, grant: 'refresh_token' });
      expect(await shop.run()).toBe('token_unavailable');
      expect(grantsOf(shop.provider)).toEqual(['refresh_token', 'password']);
      shop.product.advance(1_000);
      const called = shop.provider.log().at(-1)?.at ?? 0;
      expect(await shop.whilePassing(shop.run())).toBe(200);
      const [last] = shop.provider.log().slice(-1);
      expect(last).toMatchObject({ grant: 'refresh_token', outcome: 'issued' });
      expect((last?.at ?? 0) - called).toBeGreaterThanOrEqual(WATCH);
      expect(shop.provider.counters()).toMatchObject({ wrongCredentials: 1, familiesRevoked: 0 });
    });

    test.skipIf(skip)('test 82: a refused refresh token and a wrong password block: each was sent once', async () => {
      const shop = await openShop(name, { authentication: { password: 'wrong' } });
      await shop.worker.tokens.set({ integration: INTEGRATION }, { refresh_token: 'long-gone' });
      const outcomes = [await shop.run(), await shop.run()];
      shop.product.advance(24 * HOUR);
      expect([...outcomes, await shop.run()]).toEqual(['token_blocked', 'token_blocked', 'token_blocked']);
      expect(grantsOf(shop.provider)).toEqual(['refresh_token', 'password']);
    });
  });

  test.skipIf(skip)(
    'test 85: the client secret is replaced while a refresh is in flight: its refresh token is stored, its access token not',
    async () => {
      const shop = await openShop(name, REFRESH_TOKEN_ONLY);
      await shop.setIssuedToken();
      expire(shop);
      shop.provider.script({ name: 'hold', grant: 'refresh_token' });
      const inFlight = shop.run();
      await expect.poll(() => shop.provider.held()).toBe(1);
      shop.provider.setClient('demo-client', 'another-secret');
      const [editor] = await shop.workers(1);
      await editor?.integrations.set(INTEGRATION, { authentication: { shop: { client_secret: 'another-secret' } } });
      expect(await shop.show()).toMatchObject({ access_token: null, has_refresh_token: true });
      shop.provider.release();
      expect(await inFlight).toBe(200);
      const [first, second] = shop.provider.log();
      expect(second).toMatchObject({ grant: 'refresh_token', outcome: 'issued', presented: first?.refresh_token });
      expect(shop.provider.counters()).toMatchObject({ tokenRequests: 2, replays: 0, wrongCredentials: 0 });
    },
  );

  test.skipIf(skip)('test 85: a scheme whose secret was not touched keeps its token', async () => {
    const shop = await openShop(name);
    await createTwoSchemes(shop);
    const [edited, other] = SCHEMES;
    const get = async (scheme: string): Promise<unknown> =>
      (await shop.worker.tokens.get({ integration: TWO_SCHEMES, scheme })).headers['Authorization'];
    const before = [await get(edited), await get(other)];
    shop.provider.setClient('demo-client', 'another-secret');
    await shop.worker.integrations.set(TWO_SCHEMES, {
      authentication: { [edited]: { client_secret: 'another-secret' } },
    });
    const after = [await get(edited), await get(other)];
    expect(after[0]).not.toBe(before[0]);
    expect(after[1]).toBe(before[1]);
    expect(grantsOf(shop.provider)).toEqual(['password', 'password', 'refresh_token']);
  });
});
