/** A refresh whose answer was lost, through the whole product: the provider revokes the family of a refresh token that comes back. */
import { describe, expect, test } from 'vitest';
import type { Fault } from '../../src/demo/fault.ts';
import type { ProviderBehaviour } from '../../src/demo/provider-behaviour.ts';
import { STORES } from '../product/product-under-test.ts';
import { grantsOf, HOUR, openShop, presentedTo, REFRESH_TOKEN_ONLY, WATCH, type Shop } from './support/shop.ts';

/** Of a lease that is longer, because a refresh token is the sole credential. */
const SOLE_LEASE = 120_000;

/** Each after the authorization server has rotated. */
const LOST_ANSWERS: readonly (readonly [what: string, fault: Fault])[] = [
  ['502', { name: 'status', status: 502, processed: true }],
  ['504', { name: 'status', status: 504, processed: true }],
  ['a 200 whose body is cut', { name: 'truncated' }],
  ['a 200 with a page of a proxy', { name: 'html', processed: true }],
  ['a reset connection', { name: 'answer-lost' }],
];

describe.each(STORES)('on $name', ({ name, skip }) => {
  const expire = ({ product }: Shop): void => product.advance(HOUR + 1);

  test.skipIf(skip).each(LOST_ANSWERS)(
    'test 53: %s: the password brings a token in the same call, the old refresh token does not come back, no family is revoked',
    async (_what, fault) => {
      const shop = await openShop(name);
      const workers = [shop.worker, ...(await shop.workers(2))];
      await shop.run();
      const [spent] = shop.provider.log().map(({ refresh_token }) => refresh_token);
      expire(shop);
      shop.provider.script({ ...fault, grant: 'refresh_token' });
      const calls = Array.from({ length: 30 }, async (_, index) => await shop.run(workers[index % workers.length]));
      expect(new Set(await Promise.all(calls))).toEqual(new Set([200]));
      expire(shop);
      expect(await shop.run()).toBe(200);
      expect(grantsOf(shop.provider)).toEqual(['password', 'refresh_token', 'password', 'refresh_token']);
      const [lost, next] = presentedTo(shop.provider);
      expect(lost).toBe(spent);
      expect(next).not.toBe(spent);
      expect(shop.provider.counters()).toMatchObject({ replays: 0, familiesRevoked: 0, maxInFlight: 1 });
    },
  );

  test.skipIf(skip).each(LOST_ANSWERS.slice(-2))(
    'test 53: %s, and there is only the refresh token: it is not presented again before the wait is over',
    async (_what, fault) => {
      const shop = await openShop(name, REFRESH_TOKEN_ONLY);
      await shop.setIssuedToken();
      expire(shop);
      shop.provider.script(fault);
      expect(await shop.run()).toBe('token_unavailable');
      shop.product.advance(1_000);
      // This provider is as strict as they come: what may be lost is lost, and a person is told.
      expect(await shop.whilePassing(shop.run())).toBe('token_blocked');
      const [first, again] = shop.provider.log();
      expect((again?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(WATCH + 1_000);
      expect(shop.provider.counters()).toMatchObject({ tokenRequests: 2, replays: 1, familiesRevoked: 1 });
      expect(await shop.run()).toBe('token_blocked');
      expect(shop.provider.counters().tokenRequests).toBe(2);
    },
  );

  describe('test 54: a new refresh token without a usable access token', () => {
    const PROBED_AFTER = 5 * 60_000;

    const blockedThenMended = async (shop: Shop, advice: RegExp): Promise<void> => {
      expect(await shop.run()).toBe('token_blocked');
      const view = await shop.show();
      expect(view).toMatchObject({ state: 'blocked', has_refresh_token: true });
      expect(view.last_error?.['message']).toMatch(advice);
      const [without] = shop.provider.log().slice(-1);
      shop.provider.configure({ omitFields: [], fields: {} });
      shop.product.advance(PROBED_AFTER + 1);
      expect(await shop.run()).toBe(200);
      const [next] = shop.provider.log().slice(-1);
      expect(next).toMatchObject({ grant: 'refresh_token', presented: without?.refresh_token, outcome: 'issued' });
      expect(shop.provider.counters()).toMatchObject({ replays: 0, familiesRevoked: 0 });
    };

    type Row = readonly [what: string, behaviour: Partial<ProviderBehaviour>, advice: RegExp];
    const answers: readonly [Row, ...Row[]] = [
      ['no access token', { omitFields: ['access_token'] }, /no value for the access token at \/access_token/],
      ['a line break in it', { fields: { access_token: 'a\nb' } }, /line break/],
      ['a type that needs a proof', { fields: { token_type: 'DPoP' } }, /Ask the provider for bearer tokens/],
    ];

    test.skipIf(skip).each(answers)(
      'test 54: %s: it is stored, the error says what to fix, and the next refresh uses it',
      async (_what, behaviour, advice) => {
        const shop = await openShop(name);
        await shop.run();
        expire(shop);
        shop.provider.configure(behaviour);
        await blockedThenMended(shop, advice);
        expect(grantsOf(shop.provider)).toEqual(['password', 'refresh_token', 'refresh_token']);
      },
    );

    const [[, withoutAccessToken, whatToFix]] = answers;

    test.skipIf(skip)('test 54: and there is only the refresh token', async () => {
      const shop = await openShop(name, REFRESH_TOKEN_ONLY);
      await shop.setIssuedToken();
      expire(shop);
      shop.provider.configure(withoutAccessToken);
      await blockedThenMended(shop, whatToFix);
      expect(grantsOf(shop.provider)).toEqual(['refresh_token', 'refresh_token']);
    });

    test.skipIf(skip)('test 54: from the very first sign-in', async () => {
      const shop = await openShop(name, { provider: { behaviour: withoutAccessToken } });
      await blockedThenMended(shop, whatToFix);
      expect(grantsOf(shop.provider)).toEqual(['password', 'refresh_token']);
    });
  });

  describe('test 74: nothing but a refresh token, and nothing was spent', () => {
    const statesOf = async (shop: Shop): Promise<string> => (await shop.show()).state;

    test.skipIf(skip)(
      'test 74: 503 twice: a token once the provider answers, and never a call for a person',
      async () => {
        const shop = await openShop(name, REFRESH_TOKEN_ONLY);
        await shop.setIssuedToken();
        expire(shop);
        shop.provider.script({ name: 'status', status: 503, times: 2 });
        expect(await shop.run()).toBe('token_unavailable');
        expect(await statesOf(shop)).toBe('cooling');
        shop.product.advance(5 * 60_000);
        expect(await shop.whilePassing(shop.run())).toBe('token_unavailable');
        expect(await statesOf(shop)).toBe('cooling');
        shop.product.advance(5 * 60_000);
        expect(await shop.whilePassing(shop.run())).toBe(200);
        expect(new Set(presentedTo(shop.provider)).size).toBe(1);
        expect(shop.provider.counters()).toMatchObject({ tokenRequests: 3, familiesRevoked: 0 });
      },
    );

    test.skipIf(skip).each(['send:before', 'extend:before', 'extend:after'] as const)(
      'test 74: the one who would present it again dies at %s',
      async (point) => {
        const shop = await openShop(name, REFRESH_TOKEN_ONLY);
        await shop.setIssuedToken();
        expire(shop);
        shop.provider.script({ name: 'status', status: 503 });
        expect(await shop.run()).toBe('token_unavailable');
        shop.product.advance(5 * 60_000);
        const dying = await shop.heldWorker({ tokenWaitMs: HOUR });
        const death = dying.points.hold(point);
        const lost = dying.worker.tokens.get({ integration: 'shop' }).catch(() => undefined);
        await shop.whilePassing(death.reached);
        shop.product.advance(SOLE_LEASE + 1);
        expect(await shop.whilePassing(shop.run())).toBe(200);
        expect(shop.provider.counters()).toMatchObject({ tokenRequests: 2, replays: 0, familiesRevoked: 0 });
        death.release();
        await lost;
        expect(shop.provider.counters().tokenRequests).toBe(2);
      },
    );

    test.skipIf(skip)('test 74: the first holder dies before it sends', async () => {
      const shop = await openShop(name, REFRESH_TOKEN_ONLY);
      await shop.setIssuedToken();
      expire(shop);
      const dying = await shop.heldWorker();
      const death = dying.points.hold('send:before');
      const lost = shop.run(dying.worker);
      await death.reached;
      shop.product.advance(SOLE_LEASE + 1);
      expect(await shop.whilePassing(shop.run())).toBe(200);
      death.release();
      await lost;
      expect(shop.provider.counters()).toMatchObject({ tokenRequests: 1, replays: 0 });
    });
  });
});
