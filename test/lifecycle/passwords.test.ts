/** The credential guard through the whole product: a password that is wrong, or may be, is not tried again by itself, however many workers ask. */
import { describe, expect, test } from 'vitest';
import { decide, type DecisionContext } from '../../src/token/token-decision.ts';
import type { TokenRecord } from '../../src/token/token-record.ts';
import type { TokenTransition } from '../../src/token/token-transition.ts';
import { applyTransition, newTokenRecord } from '../../src/token/transitions.ts';
import { INTEGRATION, STORES } from '../product/product-under-test.ts';
import { codeOf } from '../fleet/support/call-tally.ts';
import { HOUR, LEASE, MINUTE, openShop, roundsOf } from './support/shop.ts';
import { createTwoSchemes, SCHEMES, TWO_SCHEMES } from './support/two-schemes.ts';

const SECOND = 1_000;
const LOCK_OUT = { behaviour: { lockOutAfter: 3 } } as const;

const CLAIMANT = { rev: 1, hasPrimary: true, presents: true, renewal: 'background' } as const;

function applied(record: TokenRecord, write: TokenTransition): TokenRecord {
  const next = applyTransition(record, write, 1);
  if (next === undefined) throw new Error(`Nothing was written by ${write.kind}.`);
  return next;
}

describe.each(STORES)('on $name', ({ name, skip }) => {
  describe('test 59: two secrets for one integration, as workers meet them in a rolling change', () => {
    test.skipIf(skip)('test 59: each is tried once, and nobody goes back to the other', async () => {
      const shop = await openShop(name, { authentication: { password: 'wrong' }, provider: LOCK_OUT });
      const workers = await shop.workers(3);
      // It has taken the lease with the old secret, and goes on when the new one has been refused.
      const held = shop.points.hold('send:before');
      const old = shop.run();
      await held.reached;
      const [editor] = workers;
      await editor?.integrations.set(INTEGRATION, { authentication: { shop: { password: 'wrong as well' } } });
      shop.product.advance(LEASE / 2 - SECOND);
      held.release();
      expect(await old).toBe('token_blocked');
      expect(await roundsOf(shop, [shop.worker, ...workers])).toEqual(new Set(['token_blocked']));
      expect(shop.provider.counters()).toMatchObject({ tokenRequests: 2, wrongCredentials: 2, lockedOut: 0 });
      await editor?.integrations.set(INTEGRATION, { authentication: { shop: { password: 'demo-password' } } });
      expect(await shop.run()).toBe(200);
    });

    test('test 59: a failure is kept by the fingerprint of what was sent, so that neither hides the other', () => {
      const [one, other] = ['one', 'other'].map((cfgFp) => ({ ...CLAIMANT, cfgFp })) as [
        DecisionContext,
        DecisionContext,
      ];
      let record = newTokenRecord({ id: 'i:s:k', integration_id: 'i', scheme: 's', rev: 1, cfg_ver: 0, atId: 'a' }, 0);
      const actionOf = (context: DecisionContext): string => decide(record, 1, context).action;
      const refuse = ({ cfgFp }: DecisionContext): void => {
        const attempt = `by ${cfgFp}`;
        const failure = { class: 'credentials', code: 'invalid_grant', message: 'No.' } as const;
        const acquired = {
          ifId: 'a',
          ifRev: 1,
          cfgFp,
          pastFailure: false,
          presents: true,
          offersRefused: false,
        } as const;
        const lease = { holder: 'w', attempt, reason: 'empty', ttlMs: LEASE } as const;
        record = applied(record, { kind: 'acquire', ...acquired, ...lease });
        const base = { ifCfgVer: 0, ifId: 'a', ifRtFp: null } as const;
        record = applied(record, { kind: 'fail', attempt, cfgFp, ...base, failure, unspent: true });
      };
      expect(actionOf(one)).toBe('acquire');
      refuse(one);
      expect([actionOf(one), actionOf(other)]).toEqual(['blocked', 'acquire']);
      refuse(other);
      expect([actionOf(one), actionOf(other)]).toEqual(['blocked', 'blocked']);
    });
  });

  test.skipIf(skip)(
    'test 60: one wrong password behind three scopes and two schemes, locked out after three: one attempt',
    async () => {
      const shop = await openShop(name, { authentication: { password: 'wrong' }, provider: LOCK_OUT });
      await createTwoSchemes(shop, { password: 'wrong' });
      const [other] = await shop.workers(1);
      const scopes = [undefined, ['books:read'], ['books:read', 'books:write']];
      const calls = [shop.worker, other ?? shop.worker].flatMap((worker) =>
        SCHEMES.flatMap((scheme) =>
          scopes.map(async (wanted) => {
            const query = { integration: TWO_SCHEMES, scheme, ...(wanted === undefined ? {} : { scopes: wanted }) };
            return await worker.tokens.get(query).then(() => 'ok', codeOf);
          }),
        ),
      );
      expect(new Set(await Promise.all(calls))).toEqual(new Set(['token_blocked']));
      expect(await shop.run(), 'another integration that presents the same').toBe('token_blocked');
      expect(shop.provider.counters()).toMatchObject({ tokenRequests: 1, wrongCredentials: 1 });
    },
  );

  test.skipIf(skip)(
    'test 61: a provider that answers failed sign-ins beyond the time-out, 20 workers, 5 minutes: two attempts',
    { timeout: 60_000 },
    async () => {
      const shop = await openShop(name, {
        authentication: { password: 'wrong' },
        provider: { behaviour: { lockOutAfter: 3, failedSignInDelayMs: null } },
        tokenTimeoutMs: 150,
      });
      const outcomes = await roundsOf(shop, await shop.workers(20));
      expect(outcomes).toEqual(new Set(['token_unavailable', 'token_blocked']));
      expect(shop.provider.counters()).toMatchObject({ tokenRequests: 2, wrongCredentials: 2, lockedOut: 0 });
      shop.product.advance(24 * HOUR);
      expect(await shop.run()).toBe('token_blocked');
      expect(shop.provider.counters().tokenRequests).toBe(2);
    },
  );

  test.skipIf(skip)(
    'test 81: M5 a password that once worked, failed sign-ins never answered, senders killed: two tries, then one in 15 minutes; two more after an edit',
    { timeout: 60_000 },
    async () => {
      const shop = await openShop(name, {
        provider: { behaviour: { failedSignInDelayMs: null, refreshTokenFor: [] } },
        tokenTimeoutMs: 100,
        tokenWaitMs: 2_000,
      });
      expect(await shop.run()).toBe(200);
      shop.product.advance(HOUR + 1);
      shop.provider.setUser('demo-user', 'a new password');

      const tried = (): number => shop.provider.counters().wrongCredentials;
      /** A worker that is gone between its request and the answer; whoever comes after its lease finds no trace of an answer. */
      const killedSender = async (): Promise<void> => {
        const { worker, points } = await shop.heldWorker();
        const killed = points.hold('send:after');
        await Promise.race([killed.reached, shop.run(worker)]);
        shop.product.advance(LEASE + SECOND);
      };
      await killedSender();
      await killedSender();
      expect(tried()).toBe(2);
      for (let passed = 0; passed <= HOUR; passed += 5 * MINUTE) {
        await killedSender();
        shop.product.advance(5 * MINUTE - LEASE);
      }
      expect(tried()).toBe(2 + 4);
      const before = tried();
      await shop.worker.integrations.set(INTEGRATION, { authentication: { shop: { password: 'demo-password' } } });
      await killedSender();
      await killedSender();
      await killedSender();
      expect(tried() - before).toBe(2);
      shop.provider.setUser('demo-user', 'demo-password');
      shop.product.advance(15 * MINUTE);
      expect(await shop.run()).toBe(200);
    },
  );
});
