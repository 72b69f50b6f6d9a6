/** A person edits the token while a refresh is in flight: what the person gave stays, and so does the successor of a refresh token that was kept. */
import { afterEach, describe, expect, test } from 'vitest';
import { DEFAULT_CLIENT, DEFAULT_USER } from '../../src/demo/provider-behaviour.ts';
import { fingerprint } from '../../src/demo/request-log.ts';
import { INTEGRATION, STORES } from '../product/product-under-test.ts';
import { HOUR, startSharedToken, type SharedToken, type Worker } from './support/shared-token.ts';

const TOKEN = { integration: INTEGRATION };

describe.each(STORES)('on $name', ({ name, skip }) => {
  let token: SharedToken;

  afterEach(async () => {
    await token.dispose();
  });

  /** A refresh token of another sign-in. */
  const anotherRefreshToken = async (): Promise<string> => {
    const body = new URLSearchParams({ grant_type: 'password', ...DEFAULT_USER, ...DEFAULT_CLIENT });
    const response = await fetch(token.provider.tokenUrl, { method: 'POST', body });
    const { refresh_token: refreshToken } = (await response.json()) as { readonly refresh_token: string };
    token.provider.resetCounters();
    return refreshToken;
  };

  test.skipIf(skip)('test 78: cleared: nothing comes back, and nobody else asks meanwhile', async () => {
    token = await startSharedToken(name);
    const { product, provider, person } = token;
    const [holder, other] = [await token.worker(), await token.impatientWorker()];
    await holder.get();
    product.advance(HOUR);
    const { call } = await token.callInFlight(holder);
    await person.tokens.clear(TOKEN);
    await expect(other.get()).rejects.toMatchObject({ message: /No token arrived in time/ });
    const over = holder.freezeAt('release:after');
    provider.release();
    await over.reached;
    const { at, rt, lease } = await token.record();
    expect({ at, rt, lease }).toEqual({ at: { id: expect.any(String) }, rt: undefined, lease: undefined });
    over.thaw();
    expect(await call).toBe(await other.get());
    expect(token.requests()).toEqual(['password issued', 'refresh_token issued', 'password issued']);
    expect(provider.counters().maxInFlight).toBe(1);
  });

  test.skipIf(skip)('test 78: cleared, the refresh token being all there was: a person has to sign in', async () => {
    token = await startSharedToken(name);
    const holder = await token.worker();
    await holder.get();
    await token.forgetPassword();
    const { call } = await token.callInFlight(holder);
    await token.person.tokens.clear(TOKEN);
    token.provider.release();
    await expect(call).rejects.toMatchObject({ code: 'token_blocked', details: { error: 'needs_reauthorization' } });
    expect((await token.record()).rt).toBeUndefined();
  });

  test.skipIf(skip)('test 78: a refresh token by hand: it stays, and is presented next', async () => {
    token = await startSharedToken(name);
    const { product, provider, person } = token;
    const byHand = await anotherRefreshToken();
    const [holder, other] = [await token.worker(), await token.impatientWorker()];
    await holder.get();
    product.advance(HOUR);
    const { call } = await token.callInFlight(holder);
    await person.tokens.set(TOKEN, { refresh_token: byHand });
    await expect(other.get()).rejects.toMatchObject({ message: /No token arrived in time/ });
    provider.release();
    expect(await call).toBe(await other.get());
    expect(token.requests()).toEqual(['password issued', 'refresh_token issued', 'refresh_token issued']);
    expect(token.request(3).presented).toBe(fingerprint(byHand));
    expect(provider.counters()).toMatchObject({ maxInFlight: 1, replays: 0 });
  });

  test.skipIf(skip)('test 62: an access token by hand: it stays, and the successor lands beside it', async () => {
    token = await startSharedToken(name);
    const { product, provider, person } = token;
    const [holder, other] = [await token.worker(), await token.worker()];
    await holder.get();
    product.advance(HOUR);
    const { call } = await token.callInFlight(holder);
    await person.tokens.set(TOKEN, { access_token: 'given-by-hand' });
    expect(await other.get()).toBe('given-by-hand');
    provider.release();
    expect(await call).toBe('given-by-hand');
    const { rt } = await token.record();
    expect(rt).toMatchObject({ gen: 1 });
    expect(rt).not.toHaveProperty('doubt');
    await (await other.everbearer.tokens.get(TOKEN)).invalidate();
    expect(token.requests()).toEqual(['password issued', 'refresh_token issued', 'refresh_token issued']);
    expect(token.request(3).presented).toBe(token.request(2).refresh_token);
    expect(await holder.get()).toBe(await other.get());
  });

  test.skipIf(skip)('test 62: the same where the provider does not rotate: the answer is dropped', async () => {
    token = await startSharedToken(name, { provider: { behaviour: { rotation: 'none' } } });
    const { product, provider, person } = token;
    const holder = await token.worker();
    await holder.get();
    product.advance(HOUR);
    const { call } = await token.callInFlight(holder);
    await person.tokens.set(TOKEN, { access_token: 'given-by-hand' });
    provider.release();
    expect(await call).toBe('given-by-hand');
    const { rt, lease } = await token.record();
    expect(rt).not.toHaveProperty('doubt');
    expect(lease).toBeUndefined();
    await (await holder.everbearer.tokens.get(TOKEN)).invalidate();
    expect(token.request(3).presented).toBe(token.request(2).presented);
  });

  test.skipIf(skip)('test 62: and by hand both: nothing of the refresh is stored', async () => {
    token = await startSharedToken(name);
    const { product, provider, person } = token;
    const byHand = await anotherRefreshToken();
    const holder = await token.worker();
    await holder.get();
    product.advance(HOUR);
    const { call } = await token.callInFlight(holder);
    await person.tokens.set(TOKEN, { access_token: 'given-by-hand', refresh_token: byHand });
    provider.release();
    expect(await call).toBe('given-by-hand');
    await (await holder.everbearer.tokens.get(TOKEN)).invalidate();
    expect(token.request(3).presented).toBe(fingerprint(byHand));
  });

  describe('test 41: in the database itself, while a refresh is in flight', () => {
    const MANUAL = { kind: 'write-manual', manual: { access_token: 'given-by-hand' } } as const;

    const refreshInFlight = async (): Promise<readonly [Worker, Worker, { readonly call: Promise<string> }]> => {
      token = await startSharedToken(name);
      const [holder, other] = [await token.worker(), await token.worker()];
      await holder.get();
      token.product.advance(HOUR);
      return [holder, other, await token.callInFlight(holder)];
    };

    test.skipIf(skip)('test 41: `manual` is in force from the next read, and the successor lands', async () => {
      const [, other, { call }] = await refreshInFlight();
      await token.edit(MANUAL);
      expect(await other.get()).toBe('given-by-hand');
      expect(await token.record()).not.toHaveProperty('manual');
      token.provider.release();
      expect(await call).toBe('given-by-hand');
      expect(await token.stored()).toMatchObject({ refresh_token: token.request(2).refresh_token });
      const { items } = await token.person.events.list({ integration: INTEGRATION });
      expect(items).toContainEqual(expect.objectContaining({ type: 'token_edited', reason: 'database' }));
    });

    test.skipIf(skip)('test 41: `manual` that nobody has read before the answer is in force all the same', async () => {
      const [, other, { call }] = await refreshInFlight();
      await token.edit(MANUAL);
      token.provider.release();
      await call;
      expect(await other.get()).toBe('given-by-hand');
      expect(await token.stored()).toEqual({
        access_token: fingerprint('given-by-hand'),
        refresh_token: token.request(2).refresh_token,
      });
    });

    test.skipIf(skip)('test 41: an unset access token stays gone, and the successor lands', async () => {
      const [holder, , { call }] = await refreshInFlight();
      await token.edit({ kind: 'unset', part: 'at' });
      const landed = holder.freezeAt('save:after');
      token.provider.release();
      await landed.reached;
      expect(await token.stored()).toEqual({ refresh_token: token.request(2).refresh_token });
      landed.thaw();
      await call;
      expect(token.request(3).presented).toBe(token.request(2).refresh_token);
      const { access_token, refresh_token } = token.request(3);
      expect(await token.stored()).toEqual({ access_token, refresh_token });
    });

    test.skipIf(skip)('test 41: an unset refresh token stays gone', async () => {
      const [holder, , { call }] = await refreshInFlight();
      await token.edit({ kind: 'unset', part: 'rt' });
      const dropped = holder.freezeAt('release:after');
      token.provider.release();
      await dropped.reached;
      expect((await token.record()).rt).toBeUndefined();
      dropped.thaw();
      await call;
      expect(token.requests()).toEqual(['password issued', 'refresh_token issued', 'password issued']);
    });
  });
});
