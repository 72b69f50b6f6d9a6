/** A refresh token that somebody took up: who may present it, and when nobody has to wonder any more. */
import { afterEach, describe, expect, test } from 'vitest';
import { STORES } from '../product/product-under-test.ts';
import {
  BACKOFF_AND_MORE,
  HOUR,
  LEASE_AND_MORE,
  SOLE_LEASE_AND_MORE,
  startSharedToken,
  type SharedToken,
} from './support/shared-token.ts';

/** The longest that a token request takes. */
const ONE_REQUEST = 10_000;
/** Longer than a holder may be held up between the acquire and the first byte, shorter than its lease. */
const HELD_UP = 16_000;

describe.each(STORES)('on $name', ({ name, skip }) => {
  let token: SharedToken;

  afterEach(async () => {
    await token.dispose();
  });

  test.skipIf(skip)(
    'test 73: acquired on a read from before somebody else took it up: the doubt is still of the first',
    async () => {
      token = await startSharedToken(name);
      const { product, provider } = token;
      const [late, holder] = [await token.worker(), await token.worker()];
      await holder.get();
      product.advance(HOUR);
      const read = late.freezeAt('acquire:before');
      const lateCall = late.get();
      await read.reached;
      const answered = holder.freezeAt('send:after');
      const holdersCall = holder.get();
      await answered.reached;
      product.advance(LEASE_AND_MORE);
      read.thaw();
      const inForce = await lateCall;
      answered.thaw();
      expect(await holdersCall).toBe(inForce);
      expect(token.requests()).toEqual(['password issued', 'refresh_token issued', 'password issued']);
      expect((await token.record()).rt?.doubt).toBeUndefined();
      expect(provider.counters()).toMatchObject({ replays: 0, familiesRevoked: 0 });
    },
  );

  test.skipIf(skip)('test 73: the same with nothing else to present: the second one waits for the first', async () => {
    token = await startSharedToken(name);
    const { product, provider } = token;
    const [late, holder] = [await token.worker(), await token.worker()];
    await holder.get();
    await token.forgetPassword();
    const read = late.freezeAt('acquire:before');
    const lateCall = late.get();
    await read.reached;
    const answered = holder.freezeAt('send:after');
    const holdersCall = holder.get();
    await answered.reached;
    product.advance(SOLE_LEASE_AND_MORE);
    const watching = late.freezeAt('watch:before');
    read.thaw();
    await watching.reached;
    watching.thaw();
    answered.thaw();
    expect(await holdersCall).toBe(await lateCall);
    expect(token.requests()).toEqual(['password issued', 'refresh_token issued']);
    product.advance(HOUR);
    await late.get();
    expect(provider.counters()).toMatchObject({ tokenRequests: 3, replays: 0, familiesRevoked: 0 });
  });

  test.skipIf(skip)(
    'test 84: held up before it sends: what it took up is given back, and refreshed as ever',
    async () => {
      token = await startSharedToken(name);
      const { product, provider } = token;
      const holder = await token.worker();
      await holder.get();
      product.advance(HOUR);
      const sending = holder.freezeAt('send:before');
      const call = holder.get();
      await sending.reached;
      expect((await token.record()).rt?.doubt).toMatchObject({ replayed: false });
      product.advance(HELD_UP);
      const released = holder.freezeAt('release:after');
      sending.thaw();
      await released.reached;
      const record = await token.record();
      expect([record.rt?.doubt, record.lease]).toEqual([undefined, undefined]);
      released.thaw();
      await call;
      expect(token.requests()).toEqual(['password issued', 'refresh_token issued']);
      expect(provider.counters().replays).toBe(0);
    },
  );

  test.skipIf(skip)('test 84: held up when the connection stands: no byte is written, and it starts over', async () => {
    token = await startSharedToken(name);
    const { product, provider } = token;
    const holder = await token.worker();
    await holder.get();
    product.advance(HOUR);
    holder.doAt('send:first-byte', () => product.advance(HELD_UP));
    const released = holder.freezeAt('release:after');
    const call = holder.get();
    await released.reached;
    expect((await token.record()).rt?.doubt).toBeUndefined();
    expect(provider.counters().tokenRequests).toBe(1);
    released.thaw();
    await call;
    expect(token.requests()).toEqual(['password issued', 'refresh_token issued']);
  });

  test.skipIf(skip)('test 84: held up past the lease: who waits for it then presents what was never sent', async () => {
    token = await startSharedToken(name);
    const { product } = token;
    const [sleeper, taker] = [await token.worker(), await token.worker()];
    await sleeper.get();
    await token.forgetPassword();
    const sending = sleeper.freezeAt('send:before');
    const sleepersCall = sleeper.get();
    await sending.reached;
    const watching = taker.freezeAt('watch:before');
    const takersCall = taker.get();
    product.advance(SOLE_LEASE_AND_MORE);
    await watching.reached;
    const released = sleeper.freezeAt('release:after');
    sending.thaw();
    await released.reached;
    expect((await token.record()).rt?.doubt).toBeUndefined();
    released.thaw();
    watching.thaw();
    const [slept, took] = await token.passUntil(Promise.all([sleepersCall, takersCall]));
    expect(slept).toBe(took);
    expect(token.requests()).toEqual(['password issued', 'refresh_token issued']);
  });

  test.skipIf(skip)('test 84: closed before it sends: the next worker refreshes at once', async () => {
    token = await startSharedToken(name);
    const { product } = token;
    const [leaving, next] = [await token.worker(), await token.worker()];
    await leaving.get();
    product.advance(HOUR);
    const sending = leaving.freezeAt('send:before');
    const call = expect(leaving.get()).rejects.toMatchObject({ code: 'token_unavailable' });
    await sending.reached;
    const closed = leaving.everbearer.close();
    sending.thaw();
    await closed;
    await call;
    await next.get();
    expect(token.requests()).toEqual(['password issued', 'refresh_token issued']);
  });

  test.skipIf(skip)(
    'test 55: left by one who asked in vain for something else: nobody presents it, and its successor lands',
    async () => {
      token = await startSharedToken(name);
      const { product, provider } = token;
      const [sleeper, taker, third] = [await token.worker(), await token.worker(), await token.worker()];
      await sleeper.get();
      product.advance(HOUR);
      const answered = sleeper.freezeAt('save:before');
      const sleepersCall = sleeper.get();
      await answered.reached;
      const doubt = (await token.record()).rt?.doubt;
      expect(doubt).toMatchObject({ attempt: expect.any(String), replayed: false });
      product.advance(LEASE_AND_MORE);
      provider.script({ name: 'status', status: 503, grant: 'password', times: 2 });
      for (const worker of [taker, third]) {
        await expect(worker.get()).rejects.toMatchObject({ code: 'token_unavailable' });
        const record = await token.record();
        expect([record.rt?.doubt, record.lease]).toEqual([doubt, undefined]);
        product.advance(BACKOFF_AND_MORE);
      }
      answered.thaw();
      expect(await sleepersCall).toBe(await third.get());
      const { access_token, refresh_token } = token.request(2);
      expect(await token.stored()).toEqual({ access_token, refresh_token });
      expect(await token.record()).not.toHaveProperty('fail');
      expect(token.requests()).toEqual(['password issued', 'refresh_token issued', 'password fault', 'password fault']);
      product.advance(HOUR);
      await taker.get();
      expect(token.request(5).presented).toBe(refresh_token);
      expect(provider.counters().replays).toBe(0);
    },
  );

  test.skipIf(skip)(
    'test 76: others went on without it through an expiry: its successor lands beside the newer access token',
    async () => {
      token = await startSharedToken(name);
      const { product, provider } = token;
      const [sleeper, other] = [await token.worker(), await token.worker()];
      await sleeper.get();
      product.advance(HOUR);
      const answered = sleeper.freezeAt('save:before');
      const sleepersCall = sleeper.get();
      await answered.reached;
      provider.configure({ refreshTokenFor: ['refresh_token'] });
      for (let life = 0; life < 2; life += 1) {
        product.advance(HOUR);
        await other.get();
      }
      answered.thaw();
      expect(await sleepersCall).toBe(await other.get());
      expect(token.requests()).toEqual([
        'password issued',
        'refresh_token issued',
        'password issued',
        'password issued',
      ]);
      const { refresh_token } = token.request(2);
      expect(await token.stored()).toEqual({ access_token: token.request(4).access_token, refresh_token });
      product.advance(HOUR);
      await other.get();
      expect(token.request(5).presented).toBe(refresh_token);
      expect(provider.counters().replays).toBe(0);
    },
  );

  test.skipIf(skip)('test 77: its successor comes right after the wait for it: it is not presented again', async () => {
    token = await startSharedToken(name);
    const { product, provider } = token;
    const [sleeper, taker] = [await token.worker(), await token.worker()];
    await sleeper.get();
    await token.forgetPassword();
    const answered = sleeper.freezeAt('save:before');
    const sleepersCall = sleeper.get();
    await answered.reached;
    product.advance(SOLE_LEASE_AND_MORE);
    const waited = taker.freezeAt('watch:after');
    const takersCall = taker.get();
    await token.passUntil(waited.reached);
    answered.thaw();
    const inForce = await sleepersCall;
    waited.thaw();
    expect(await takersCall).toBe(inForce);
    expect(token.requests()).toEqual(['password issued', 'refresh_token issued']);
    expect(await token.record()).not.toHaveProperty('lease');
    expect(provider.counters().replays).toBe(0);
  });

  describe('test 83: of two successors within a grace window the one of the later attempt stays', () => {
    const GRACE = { behaviour: { rotation: 'rotate', graceMs: HOUR, graceSuccessors: 'newest' } } as const;

    test.skipIf(skip).each([
      ['late holder, taker', ['holder', 'taker']],
      ['taker, late holder', ['taker', 'holder']],
      ['taker, its next refresh, late holder', ['taker', 'next', 'holder']],
    ] as const)('test 83: %s', async (_what, order) => {
      token = await startSharedToken(name, { provider: GRACE });
      const { product, provider } = token;
      const [holder, taker] = [await token.worker(), await token.worker()];
      await holder.get();
      await token.forgetPassword();
      const answered = { holder: holder.freezeAt('save:before'), taker: taker.freezeAt('save:before') };
      const holdersCall = holder.get();
      await answered.holder.reached;
      product.advance(SOLE_LEASE_AND_MORE);
      const takersCall = taker.get();
      await token.passUntil(answered.taker.reached);
      const calls = { holder: holdersCall, taker: takersCall };
      for (const who of order) {
        if (who === 'next') {
          product.advance(HOUR);
          await taker.get();
          continue;
        }
        answered[who].thaw();
        await calls[who];
      }
      expect(await token.stored()).toMatchObject({ refresh_token: token.request(-1).refresh_token });
      expect(await holder.get()).toBe(await taker.get());
      product.advance(HOUR);
      await holder.get();
      expect(token.request(-1)).toMatchObject({ outcome: 'issued', presented: token.request(-2).refresh_token });
      expect(provider.counters()).toMatchObject({ refused: 0, replays: 0 });
    });
  });

  test.skipIf(skip)('test 75: a 429 that comes after the success of another: no failure beside its token', async () => {
    token = await startSharedToken(name);
    const { product, provider } = token;
    const [late, other] = [await token.worker(), await token.worker()];
    await late.get();
    product.advance(HOUR);
    provider.script({ name: 'status', status: 429, retryAfter: 600, grant: 'refresh_token' });
    const refused = late.freezeAt('fail:before');
    const lateCall = late.get();
    await refused.reached;
    product.advance(LEASE_AND_MORE);
    const inForce = await other.get();
    const before = await token.record();
    refused.thaw();
    expect(await lateCall).toBe(inForce);
    expect(await token.record()).toEqual(before);
    expect(before).not.toHaveProperty('fail');
  });

  test.skipIf(skip)(
    'test 68: a refresh that times out and then a sign-in, longer together than a lease: it is made to last',
    async () => {
      token = await startSharedToken(name, { tokenTimeoutMs: 1_500 });
      const { product, provider } = token;
      const [holder, second] = [await token.worker(), await token.impatientWorker()];
      await holder.get();
      product.advance(HOUR);
      provider.script({ name: 'never', grant: 'refresh_token', processed: true });
      const timedOut = holder.freezeAt('send:after');
      const call = holder.get();
      await timedOut.reached;
      product.advance(ONE_REQUEST);
      provider.script({ name: 'hold', grant: 'password' });
      timedOut.thaw();
      await expect.poll(() => provider.held(), { timeout: 15_000 }).toBe(1);
      product.advance(LEASE_AND_MORE - ONE_REQUEST);
      await expect(second.get()).rejects.toMatchObject({ message: /No token arrived in time/ });
      provider.release();
      await call;
      expect(token.requests()).toEqual(['password issued', 'refresh_token issued', 'password issued']);
      expect(await token.stored()).toMatchObject({ access_token: token.request(3).access_token });
    },
  );
});
