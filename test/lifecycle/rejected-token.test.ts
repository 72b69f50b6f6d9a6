/** A token that the API refuses, through the whole product on both stores: who renews, who adopts, what is sent again, what the caller sees. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { DatabaseSync } from 'node:sqlite';
import { MongoClient } from 'mongodb';
import { afterEach, describe, expect, test } from 'vitest';
import type { Everbearer } from '../../src/api.ts';
import type { Json } from '../../src/kernel/json.ts';
import type { TaskResponse } from '../../src/task/tasks-face.ts';
import type { TokenQuery } from '../../src/token/tokens-face.ts';
import { INTEGRATION, startProduct, STORES, type Product, type ProductOptions } from '../product/product-under-test.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const QUERY = { integration: INTEGRATION };
const ORDER = { body: { isbn: '9780141439518', copies: 1 } };
/** Beyond it no token counts as young. */
const YOUTH = 5 * SECOND;

describe.each(STORES)('on $name', ({ name, skip }) => {
  let product: Product;
  const start = async (options?: ProductOptions): Promise<Product> => (product = await startProduct(name, options));
  const run = async (operationId = 'listBooks', input = {}, worker = product.everbearer): Promise<TaskResponse> =>
    await worker.tasks.run({ integration: INTEGRATION, operationId, input });
  const api = (): ReturnType<Product['provider']['counters']>['api'] => product.provider.counters().api;
  const tokenRequests = (): number => product.provider.counters().tokenRequests;
  const refuse = (challenge: string, status: number): void => {
    product.provider.script({ name: 'status', at: 'api', status, headers: { 'www-authenticate': challenge } });
  };
  const statuses = (responses: readonly TaskResponse[]): readonly (number | string)[] => [
    ...new Set(responses.map((response) => ('status' in response ? response.status : response.code))),
  ];

  afterEach(async () => {
    await product.dispose();
  });

  /** The record of the integration's one token, as it is stored. */
  async function storedToken(): Promise<unknown> {
    if (product.store.startsWith('sqlite:')) {
      const database = new DatabaseSync(product.store.slice('sqlite:'.length), { readOnly: true });
      try {
        return JSON.parse(String(database.prepare('SELECT record FROM tokens').get()?.['record']));
      } finally {
        database.close();
      }
    }
    const client = await MongoClient.connect(product.store);
    try {
      return await client.db().collection('tokens').findOne();
    } finally {
      await client.close();
    }
  }

  /** A renewal whose answer is on its way: the authorization server has made the new token, no worker has it yet. */
  async function throughRenewal(workers: readonly Everbearer[]): Promise<void> {
    const { provider } = product;
    const before = api();
    // In the last minute, which is when such a provider is asked once that is known of it.
    product.advance(0.99 * HOUR);
    provider.script({ name: 'hold', grant: 'refresh_token' });
    const calls = [run()];
    await expect.poll(() => provider.held()).toBe(1);
    calls.push(...workers.map(async (worker) => await run('listBooks', {}, worker)));
    await expect.poll(() => api().unauthorized - before.unauthorized).toBeGreaterThanOrEqual(workers.length);
    provider.release();
    expect(statuses(await Promise.all(calls))).toEqual([200]);
    expect(api().ok - before.ok).toBe(calls.length);
    expect(api().unauthorized - before.unauthorized).toBeLessThanOrEqual(calls.length);
  }

  test.skipIf(skip).each([
    ['test 31', 'singleActive'],
    ['test 32', 'companionRevoke'],
  ] as const)(
    '%s: whoever is refused during a renewal adopts its token, nobody sees a 401 (%s)',
    async (_number, behaviour) => {
      await start({ provider: { behaviour: { [behaviour]: true } } });
      const workers = [await product.another(), await product.another()];
      await run();
      for (let renewal = 1; renewal <= 3; renewal += 1) {
        await throughRenewal(workers);
        expect(product.provider.counters()).toMatchObject({ tokenRequests: 1 + renewal, replays: 0, maxInFlight: 1 });
      }
    },
  );

  test.skipIf(skip)('test 32: that a renewal ends the token before it is remembered', async () => {
    await start({ provider: { behaviour: { companionRevoke: true } } });
    await run();
    await throughRenewal([await product.another()]);
    await expect.poll(storedToken).toMatchObject({ learned: { prev_revoked: true } });
  });

  test.skipIf(skip)(
    'test 37: 500 calls of two workers refused at once: one token request, each sent once more',
    async () => {
      await start();
      const other = await product.another();
      await Promise.all([run(), run('listBooks', {}, other)]);
      product.provider.revoke();
      const calls = Array.from(
        { length: 500 },
        async (_, index) => await run('listBooks', {}, index % 2 === 0 ? other : product.everbearer),
      );
      expect(statuses(await Promise.all(calls))).toEqual([200]);
      expect({ tokenRequests: tokenRequests(), ok: api().ok }).toEqual({ tokenRequests: 2, ok: 502 });
      expect(api().unauthorized).toBeLessThanOrEqual(500);
      const { items } = await product.everbearer.events.list({ ...QUERY, order: 'newest' });
      const renewals = items.filter(({ type }) => type === 'token_refreshed');
      expect(renewals).toMatchObject([{ reason: 'rejected', version: 2 }]);
    },
  );

  test.skipIf(skip)(
    'test 38: an API that refuses every token: one forced renewal, its own answer, then a back-off',
    async () => {
      await start();
      await run();
      refuse('Bearer error="invalid_token", error_description="first"', 401);
      product.provider.script({ name: 'status', at: 'api', status: 401, times: 'always' });
      const refused = await run();
      expect(refused).toMatchObject({ ok: false, status: 401, body: 'unavailable', error: { code: 'api_error' } });
      expect(refused).not.toHaveProperty('headers.www-authenticate');
      expect(tokenRequests()).toBe(2);
      product.advance(YOUTH);
      expect(statuses([await run(), await run('placeOrder', ORDER)])).toEqual([401]);
      expect(tokenRequests()).toBe(2);
      product.advance(MINUTE);
      await run();
      expect(tokenRequests()).toBe(3);
      product.advance(MINUTE + YOUTH);
      expect(await run()).toMatchObject({ status: 401 });
      expect(tokenRequests()).toBe(3);
      product.advance(MINUTE);
      await run();
      expect(tokenRequests()).toBe(4);
    },
  );

  test.skipIf(skip)('test 38: a success with the new token ends the back-off', async () => {
    await start();
    await run();
    for (let revoked = 1; revoked <= 3; revoked += 1) {
      product.provider.revoke();
      expect(await run()).toMatchObject({ ok: true });
      expect(tokenRequests()).toBe(1 + revoked);
      await expect.poll(storedToken).not.toHaveProperty('rejected');
    }
  });

  test.skipIf(skip)('test 38: the caller is told why no other token can be had', async () => {
    await start();
    await run();
    product.provider.revoke();
    product.provider.script({ name: 'invalid_grant', times: 'always' });
    const refused = await run();
    expect(refused).toMatchObject({ ok: false, status: 401, body: { error: 'invalid_token' } });
    expect(refused.error).toMatchObject({
      code: 'api_error',
      hint: expect.stringContaining('no other one can be had'),
    });
  });

  test.skipIf(skip)('test 39: insufficient_scope renews nothing, even where 403 is a sign', async () => {
    await start({ integration: { expirySigns: [{ status: [401, 403] }] } });
    await run();
    refuse('Bearer error="insufficient_scope", scope="books:write"', 403);
    const refused = await run();
    expect(refused).toMatchObject({ ok: false, status: 403 });
    expect(refused.error).toMatchObject({ hint: expect.stringContaining('books:write') });
    refuse('Bearer error="insufficient_scope"', 401);
    expect(await run()).toMatchObject({ ok: false, status: 401 });
    expect(tokenRequests()).toBe(1);
  });

  test.skipIf(skip)('test 39: neither does a 401 that asks for a DPoP nonce', async () => {
    await start();
    await run();
    refuse('DPoP error="use_dpop_nonce"', 401);
    expect(await run()).toMatchObject({ ok: false, status: 401 });
    expect(tokenRequests()).toBe(1);
  });

  test.skipIf(skip)('an API that says it otherwise: by the signs of the integration, and only by them', async () => {
    const expirySigns: Json = [{ status: [200], pointer: '/error', equals: 'token_expired' }, { status: [403] }];
    await start({ integration: { expirySigns } });
    expect(await product.everbearer.integrations.get(INTEGRATION)).toMatchObject({ expirySigns });
    await run();
    product.advance(YOUTH);
    product.provider.script({ name: 'error-in-200', at: 'api', error: 'token_expired' });
    expect(await run()).toMatchObject({ ok: true, body: expect.any(Array) });
    product.advance(2 * MINUTE);
    product.provider.script({ name: 'status', at: 'api', status: 403 });
    expect(await run('placeOrder', ORDER)).toMatchObject({ ok: true });
    expect(tokenRequests()).toBe(3);
    product.provider.script({ name: 'error-in-200', at: 'api', error: 'busy' });
    expect(await run()).toMatchObject({ ok: true, body: { error: 'busy' } });
    product.provider.script({ name: 'status', at: 'api', status: 401 });
    expect(await run()).toMatchObject({ ok: false, status: 401 });
    expect(tokenRequests()).toBe(3);
    expect(await product.everbearer.integrations.set(INTEGRATION, { expirySigns: null })).not.toHaveProperty(
      'expirySigns',
    );
    product.advance(4 * MINUTE);
    product.provider.script({ name: 'status', at: 'api', status: 401 });
    expect(await run()).toMatchObject({ ok: true });
    expect(tokenRequests()).toBe(4);
  });

  test.skipIf(skip)('a refusal with status 200 that stays one is not ok', async () => {
    await start({ integration: { expirySigns: [{ pointer: '/error', equals: 'token_expired' }] } });
    await run();
    product.provider.script({ name: 'error-in-200', at: 'api', error: 'token_expired', times: 2 });
    expect(await run()).toMatchObject({
      ok: false,
      status: 200,
      body: { error: 'token_expired' },
      error: { code: 'api_error' },
    });
  });

  test.skipIf(skip)(
    'a token that is not valid yet by the clock of the API is tried once more, and not renewed',
    async () => {
      await start();
      product.provider.script({ name: 'status', at: 'api', status: 401 });
      expect(await run('placeOrder', ORDER)).toMatchObject({ ok: true });
      expect({ tokenRequests: tokenRequests(), ...api() }).toMatchObject({ tokenRequests: 1, faults: 1, ok: 1 });
    },
  );

  test.skipIf(skip)('a 403 names the scope that the operation needs and the token lacks', async () => {
    await start({
      authentication: { scope: 'books:read books:write' },
      provider: { behaviour: { fields: { scope: 'books:read' } } },
    });
    product.provider.script({ name: 'status', at: 'api', status: 403, times: 2 });
    const [order, list] = [
      await run('addBook', { body: { isbn: '9780141439518', title: 'x', author: 'y' } }),
      await run(),
    ];
    expect(list.error).not.toHaveProperty('hint');
    expect(order.error).toMatchObject({ hint: expect.stringContaining('lacks the scope books:write') });
  });

  test.skipIf(skip)(
    'test 43: tokens for other scopes and audiences, asked for at once by two workers, never cross',
    async () => {
      await start({ authentication: { scope: 'own' } });
      const other = await product.another();
      const asked: readonly Omit<TokenQuery, 'integration'>[] = [
        {},
        { scopes: ['own'] },
        { scopes: ['a'] },
        { scopes: ['b'] },
        { scopes: ['a', 'b'] },
        { scopes: ['a'], audience: 'x' },
        { audience: 'x' },
        { audience: 'y' },
        { resources: ['urn:x'] },
      ];
      const rewordings: readonly Omit<TokenQuery, 'integration'>[] = [
        { scopes: ['b', 'a', 'b'] },
        { scopes: ['a b'] },
        { scopes: [], audience: '' },
        { resources: ['urn:x', 'urn:x'] },
      ];
      const get = async (query: Omit<TokenQuery, 'integration'>, worker: Everbearer): Promise<string> =>
        (await worker.tokens.get({ ...QUERY, ...query })).access_token;
      const first = Promise.all(asked.map(async (query) => await get(query, product.everbearer)));
      const second = Promise.all([...asked, ...rewordings].map(async (query) => await get(query, other)));
      const tokens = await first;
      expect(new Set(tokens).size).toBe(asked.length);
      expect(await second).toEqual([...tokens, tokens[4], tokens[4], tokens[0], tokens[8]]);
      expect(tokenRequests()).toBe(asked.length);
      const shown = await Promise.all(asked.map(async (query) => await other.tokens.show({ ...QUERY, ...query })));
      expect(shown.map(({ scope }) => scope)).toEqual(['own', 'own', 'a', 'b', 'a b', 'a', 'own', 'own', 'own']);
      const { others = [] } = shown[0] ?? {};
      expect(others).toHaveLength(asked.length - 1);
      expect(others).toContainEqual(expect.objectContaining({ scopes: ['a'], audience: 'x', scope: 'a' }));
    },
  );

  test.skipIf(skip)('test 43: resources and audience stand in the token request', async () => {
    const bodies: URLSearchParams[] = [];
    const server = createServer((request, response) => {
      void text(request).then((body) => {
        bodies.push(new URLSearchParams(body));
        response.setHeader('content-type', 'application/json').end('{"access_token":"t","token_type":"bearer"}');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const token_url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
    await start({ flow: 'clientCredentials', authentication: { token_url, parameters: { tenant: 't' } } });
    const resources = ['https://b.test/', 'https://a.test/'];
    await product.everbearer.tokens.get({ ...QUERY, resources, audience: 'shop' });
    server.close();
    expect(bodies.map((body) => [body.getAll('resource'), body.get('audience'), body.get('tenant')])).toEqual([
      [resources.toSorted(), 'shop', 't'],
    ]);
  });

  test.skipIf(skip)('test 87: a token revoked one minute into its hour is renewed at once, once', async () => {
    await start();
    const other = await product.another();
    await Promise.all([run(), run('listBooks', {}, other)]);
    product.advance(MINUTE);
    product.provider.revoke();
    const calls = Array.from(
      { length: 50 },
      async (_, index) => await run('placeOrder', ORDER, index % 2 === 0 ? other : product.everbearer),
    );
    expect(statuses(await Promise.all(calls))).toEqual([201]);
    expect({ tokenRequests: tokenRequests(), ok: api().ok }).toEqual({ tokenRequests: 2, ok: 52 });
    expect(api().unauthorized).toBeLessThanOrEqual(50);
  });
});
