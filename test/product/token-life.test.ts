/** A token's life through the whole product, on both stores, with the provider that revokes a family when an old refresh token comes back. */
import { afterEach, describe, expect, test } from 'vitest';
import type { TaskResponse } from '../../src/task/tasks-face.ts';
import { INTEGRATION, startProduct, STORES, type Product, type ProductOptions } from './product-under-test.ts';

const HOUR = 3_600_000;

describe.each(STORES)('on $name', ({ name, skip }) => {
  let product: Product;
  const start = async (options?: ProductOptions): Promise<Product> => (product = await startProduct(name, options));
  const run = async (operationId = 'listBooks', input = {}, worker = product.everbearer): Promise<TaskResponse> =>
    await worker.tasks.run({ integration: INTEGRATION, operationId, input });
  const statuses = (responses: readonly TaskResponse[]): readonly (number | string)[] => [
    ...new Set(responses.map((response) => ('status' in response ? response.status : response.code))),
  ];

  afterEach(async () => {
    await product.dispose();
  });

  test.skipIf(skip)('1,000 concurrent tasks without a token: one token request, all succeed', async () => {
    await start();
    const responses = await Promise.all(Array.from({ length: 1_000 }, async () => await run()));
    expect(statuses(responses)).toEqual([200]);
    expect(product.provider.counters()).toMatchObject({ tokenRequests: 1, maxInFlight: 1 });
  });

  test.skipIf(skip)(
    'after the end of its life a token is refreshed, and the rotated refresh token is used the next time',
    async () => {
      await start();
      for (let life = 0; life < 5; life += 1) {
        expect((await run()).ok).toBe(true);
        product.advance(HOUR + 1);
      }
      const { byGrant, replays, familiesRevoked } = product.provider.counters();
      expect({ byGrant, replays, familiesRevoked }).toMatchObject({
        byGrant: { password: 1, refresh_token: 4 },
        replays: 0,
        familiesRevoked: 0,
      });
    },
  );

  test.skipIf(skip)('two workers at the end of a life: one token request, both succeed', async () => {
    await start();
    const other = await product.another();
    await run();
    for (let life = 0; life < 3; life += 1) {
      product.advance(HOUR + 1);
      const tasks = Array.from(
        { length: 100 },
        async (_, index) => await run('listBooks', {}, index % 2 === 0 ? other : product.everbearer),
      );
      expect(statuses(await Promise.all(tasks))).toEqual([200]);
    }
    expect(product.provider.counters()).toMatchObject({ tokenRequests: 4, replays: 0, maxInFlight: 1 });
  });

  test.skipIf(skip)('in the soft window a token is renewed behind the callers, who do not wait', async () => {
    await start();
    await run();
    product.provider.script({ name: 'hold', grant: 'refresh_token' });
    product.advance(0.95 * HOUR);
    expect((await run()).ok).toBe(true);
    await expect.poll(() => product.provider.held()).toBe(1);
    expect((await run()).ok).toBe(true);
    product.provider.release();
    await expect
      .poll(async () => (await product.everbearer.tokens.show({ integration: INTEGRATION })).obtained_by)
      .toBe('refresh_token');
  });

  test.skipIf(skip)('client credentials without a refresh_url are granted again', async () => {
    await start({
      flow: 'clientCredentials',
      authentication: { refresh_url: '' },
      provider: { behaviour: { refreshTokenFor: ['client_credentials', 'refresh_token'] } },
    });
    await run();
    product.advance(HOUR + 1);
    await run();
    expect(product.provider.counters().byGrant).toMatchObject({ client_credentials: 2, refresh_token: 0 });
  });

  test.skipIf(skip)('a refused refresh token falls back on the password within the same call', async () => {
    await start();
    await run();
    product.provider.script({ name: 'invalid_grant', grant: 'refresh_token' });
    product.advance(HOUR + 1);
    expect((await run()).ok).toBe(true);
    expect(product.provider.counters().byGrant).toMatchObject({ password: 2, refresh_token: 1 });
  });

  test.skipIf(skip)(
    'a token that the API refuses is renewed and the request sent once more, POST included',
    async () => {
      await start();
      await run();
      product.provider.revoke();
      const response = await run('placeOrder', { body: { isbn: '9780141439518', copies: 1 } });
      expect(response).toMatchObject({ ok: true });
      expect(product.provider.counters().api).toMatchObject({ unauthorized: 1, ok: 2 });
    },
  );

  test.skipIf(skip)(
    'resendWrites: false keeps a POST from being sent twice, and the next one has the new token',
    async () => {
      await start({ integration: { resendWrites: false } });
      await run();
      product.provider.revoke();
      const order = { body: { isbn: '9780141439518', copies: 1 } };
      expect(await run('placeOrder', order)).toMatchObject({ ok: false, status: 401, error: { code: 'api_error' } });
      expect(await run('placeOrder', order)).toMatchObject({ ok: true });
    },
  );

  test.skipIf(skip)('500 tasks that are refused at once: one token request, each sent once more', async () => {
    await start();
    await run();
    product.provider.revoke();
    const responses = await Promise.all(Array.from({ length: 500 }, async () => await run()));
    expect(statuses(responses)).toEqual([200]);
    expect(product.provider.counters()).toMatchObject({ tokenRequests: 2 });
  });

  test.skipIf(skip)(
    'an API that refuses every token: one forced renewal, then its own 401, and no further renewal',
    async () => {
      await start();
      await run();
      product.provider.script({ name: 'status', at: 'api', status: 401, times: 'always' });
      expect(await run()).toMatchObject({ ok: false, status: 401 });
      expect(await run()).toMatchObject({ ok: false, status: 401 });
      expect(await run()).toMatchObject({ ok: false, status: 401 });
      expect(product.provider.counters().tokenRequests).toBe(2);
    },
  );

  test.skipIf(skip)('a 403 renews nothing', async () => {
    await start();
    await run();
    product.provider.script({ name: 'status', at: 'api', status: 403 });
    expect(await run()).toMatchObject({ ok: false, status: 403 });
    expect(product.provider.counters().tokenRequests).toBe(1);
  });

  test.skipIf(skip)('a wrong password is tried once; an edit ends that', async () => {
    await start({ authentication: { password: 'wrong' } });
    const responses = await Promise.all(Array.from({ length: 50 }, async () => await run()));
    expect(statuses([...responses, await run()])).toEqual(['token_blocked']);
    expect(product.provider.counters().wrongCredentials).toBe(1);
    await product.everbearer.integrations.set(INTEGRATION, { authentication: { shop: { password: 'demo-password' } } });
    expect(await run()).toMatchObject({ ok: true });
  });

  test.skipIf(skip)('a person may try a refused password again, once a command', async () => {
    await start({ authentication: { password: 'wrong' } });
    await run();
    await expect(product.everbearer.tokens.refresh({ integration: INTEGRATION })).rejects.toMatchObject({
      code: 'token_blocked',
    });
    await run();
    expect(product.provider.counters().wrongCredentials).toBe(2);
  });

  test.skipIf(skip)(
    'a token endpoint that is down hurts only after the end of the life, and says when it is asked next',
    async () => {
      await start();
      await run();
      product.provider.script({ name: 'status', status: 503, times: 'always' });
      product.advance(0.95 * HOUR);
      expect(await run()).toMatchObject({ ok: true });
      product.advance(0.06 * HOUR);
      expect(await run()).toMatchObject({ ok: false, code: 'token_unavailable', retryable: true });
      product.provider.clearScript();
      // At the next attempt, or one later: an idle connection may be closed by the server in the very moment that it is used.
      await expect
        .poll(async () => {
          product.advance(HOUR);
          return (await run()).ok;
        })
        .toBe(true);
    },
  );

  test.skipIf(skip)('Retry-After is kept: no request before it is over', async () => {
    await start();
    product.provider.script({ name: 'status', status: 429, retryAfter: 120 });
    expect(await run()).toMatchObject({ ok: false, code: 'token_unavailable', retry_after_ms: 120_000 });
    product.advance(119_000);
    expect(await run()).toMatchObject({ ok: false, code: 'token_unavailable' });
    expect(product.provider.counters().tokenRequests).toBe(1);
    product.advance(2_000);
    expect(await run()).toMatchObject({ ok: true });
  });

  test.skipIf(skip)(
    'a token by hand is in force at the next call, on every worker, and is never renewed by the clock',
    async () => {
      await start();
      const other = await product.another();
      await run();
      await run('listBooks', {}, other);
      await product.everbearer.tokens.set(
        { integration: INTEGRATION },
        { access_token: 'given-by-hand', refresh_token: null },
      );
      const { access_token: inForce, headers } = await other.tokens.get({ integration: INTEGRATION });
      expect({ inForce, headers }).toEqual({
        inForce: 'given-by-hand',
        headers: { Authorization: 'Bearer given-by-hand' },
      });
      product.advance(100 * HOUR);
      expect((await product.everbearer.tokens.show({ integration: INTEGRATION })).state).toBe('valid');
      expect(await run()).toMatchObject({ ok: true });
      expect((await product.everbearer.tokens.show({ integration: INTEGRATION })).obtained_by).toBe('password');
    },
  );

  test.skipIf(skip)('a cleared token is retrieved anew', async () => {
    await start();
    await run();
    expect(await product.everbearer.tokens.clear({ integration: INTEGRATION })).toMatchObject({
      state: 'empty',
      has_refresh_token: false,
    });
    await run();
    expect(product.provider.counters().byGrant).toMatchObject({ password: 2 });
  });

  test.skipIf(skip)(
    'an edit of the server is in force at the next call of every worker, and drops no token',
    async () => {
      await start();
      const other = await product.another();
      await run('listBooks', {}, other);
      await product.everbearer.integrations.set(INTEGRATION, { server: { url: `${product.provider.apiUrl}/nowhere` } });
      expect(await run('listBooks', {}, other)).toMatchObject({ ok: false, status: 404 });
      expect(product.provider.counters().tokenRequests).toBe(1);
    },
  );

  test.skipIf(skip)(
    'an edit of the account drops access and refresh token, one of the secret the access token alone',
    async () => {
      await start();
      await run();
      product.provider.setUser('other-user', 'other-password');
      await product.everbearer.integrations.set(INTEGRATION, {
        authentication: { shop: { password: 'demo-password-2' } },
      });
      expect(await product.everbearer.tokens.show({ integration: INTEGRATION })).toMatchObject({
        state: 'empty',
        has_refresh_token: true,
      });
      await product.everbearer.integrations.set(INTEGRATION, {
        authentication: { shop: { username: 'other-user', password: 'other-password' } },
      });
      expect(await product.everbearer.tokens.show({ integration: INTEGRATION })).toMatchObject({
        state: 'empty',
        has_refresh_token: false,
      });
      expect(await run()).toMatchObject({ ok: true });
    },
  );

  test.skipIf(skip)('a removed integration is not found by any worker, even one that knew it', async () => {
    await start();
    const other = await product.another();
    await run('listBooks', {}, other);
    await product.everbearer.integrations.remove(INTEGRATION);
    await expect(run('listBooks', {}, other)).rejects.toMatchObject({ code: 'not_found' });
  });

  test.skipIf(skip)('tokens for other scopes are kept apart and listed under others', async () => {
    await start();
    const own = await product.everbearer.tokens.get({ integration: INTEGRATION });
    const other = await product.everbearer.tokens.get({ integration: INTEGRATION, scopes: ['books:write'] });
    expect(other.access_token).not.toBe(own.access_token);
    expect((await product.everbearer.tokens.show({ integration: INTEGRATION })).others).toHaveLength(1);
  });

  test.skipIf(skip)('invalidate() after a 401 gives the next caller another token', async () => {
    await start();
    const first = await product.everbearer.tokens.get({ integration: INTEGRATION });
    await first.invalidate();
    const second = await product.everbearer.tokens.get({ integration: INTEGRATION });
    expect(second.version).not.toBe(first.version);
  });

  test.skipIf(skip)('each attempt leaves one event, without secrets', async () => {
    await start();
    await run();
    product.advance(HOUR + 1);
    await run();
    const events = async () =>
      (await product.everbearer.events.list({ integration: INTEGRATION, order: 'oldest' })).items;
    // The caller does not wait for it.
    await expect.poll(events).toHaveLength(3);
    const items = await events();
    expect(items.map(({ type, outcome, reason, version }) => ({ type, outcome, reason, version }))).toMatchObject([
      { type: 'integration_created', outcome: 'ok' },
      { type: 'token_retrieved', outcome: 'ok', reason: 'empty', version: 1 },
      { type: 'token_refreshed', outcome: 'ok', reason: 'expired', version: 2 },
    ]);
    expect(JSON.stringify(items)).not.toMatch(/demo-password|demo-client-secret/);
  });
});
