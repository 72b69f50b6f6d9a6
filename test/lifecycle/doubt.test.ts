/** A refresh token that somebody took up: who may present it, and when nobody has to wonder any more. */
import { afterEach, describe, expect, test } from 'vitest';
import { STORES } from '../product/product-under-test.ts';
import {
  HOUR,
  LEASE_AND_MORE,
  SOLE_LEASE_AND_MORE,
  startSharedToken,
  type SharedToken,
} from './support/shared-token.ts';

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
});
