/** The way of a newcomer, verb by verb, each in a process of its own, against a real server. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Provider } from '../../src/demo/provider.ts';
import { runCliProcess, temporaryFolder, type CliResult } from './support/cli-process.ts';
import { BOOKSHOP, shopValues, startShop, VERSION_ID } from './support/shop.ts';

let provider: Provider;
let cwd: string;
const everbearer = async (...args: string[]): Promise<CliResult> => await runCliProcess(args, { cwd });

beforeAll(async () => {
  provider = await startShop();
  cwd = await temporaryFolder((clean) => {
    afterAll(clean);
  });
  await writeFile(join(cwd, 'bookshop.json'), JSON.stringify(BOOKSHOP));
  await writeFile(join(cwd, 'shop.json'), JSON.stringify(shopValues(provider)));
  expect(await everbearer('import', 'bookshop.json')).toMatchObject({ exit: 0, stderr: '' });
  const create = ['integrations', 'create', 'shop', '--model', VERSION_ID, '--from', '@shop.json', '--json'];
  const created = await everbearer(...create);
  expect(created).toMatchObject({ exit: 0, stderr: '' });
  expect(created.json()).toMatchObject({ name: 'shop', model: VERSION_ID, server: { url: provider.apiUrl } });
});
afterAll(() => provider.close());
beforeEach(() => {
  provider.resetCounters();
  provider.clearScript();
});

describe('models', () => {
  test('list and show the document', async () => {
    expect((await everbearer('models', 'list', '--json')).json()).toMatchObject({
      items: [{ versionId: VERSION_ID, operations: 6, specVersion: '3.1.0' }],
    });
    const shown = await everbearer('models', 'show', VERSION_ID, '--json');
    expect(shown.json()).toMatchObject({ versionId: VERSION_ID, securitySchemes: [{ name: 'shop', type: 'oauth2' }] });
  });

  test('tasks: every operation with its input schema', async () => {
    const { items } = (await everbearer('models', 'tasks', VERSION_ID, '--json')).json() as {
      readonly items: readonly { readonly operationId: string; readonly inputSchema: unknown }[];
    };
    expect(items.map(({ operationId }) => operationId)).toEqual([
      ...['listBooks', 'addBook', 'getBook', 'removeBook', 'placeOrder', 'getOrder'],
    ]);
    expect(items[0]?.inputSchema).toMatchObject({ properties: { query: { properties: { limit: { maximum: 100 } } } } });
  });

  test('export gives back the bytes that were imported', async () => {
    expect((await everbearer('models', 'export', VERSION_ID)).stdout).toBe(JSON.stringify(BOOKSHOP));
    expect((await everbearer('models', 'export', VERSION_ID, '--json')).json()).toEqual({
      versionId: VERSION_ID,
      mediaType: 'application/json',
      document: JSON.stringify(BOOKSHOP),
    });
  });

  test('remove is refused while integrations use it: exit 3, and they are named', async () => {
    const refused = await everbearer('models', 'remove', VERSION_ID, '--json');
    expect(refused.exit).toBe(3);
    expect(refused.json()).toMatchObject({ error: { code: 'conflict', message: expect.stringContaining('shop') } });
  });
});

describe('integrations', () => {
  test('show masks every secret', async () => {
    const { stdout, exit } = await everbearer('integrations', 'show', 'shop', '--json');
    expect(exit).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      authentication: { shop: { client_id: 'demo-client', client_secret: '…cret', password: '…word' } },
    });
  });

  test('set is a merge patch, and a masked value sent back changes nothing', async () => {
    const { authentication } = (await everbearer('integrations', 'show', 'shop', '--json')).json() as {
      readonly authentication: unknown;
    };
    const patch = JSON.stringify({ authentication, resendWrites: true });
    const set = await everbearer('integrations', 'set', 'shop', '--from', patch, '--json');
    expect(set.json()).toMatchObject({ resendWrites: true });
    expect((await everbearer('run', 'shop', 'listBooks')).exit).toBe(0);
    const removed = await everbearer('integrations', 'set', 'shop', '--from', '{"resendWrites":null}', '--json');
    expect(removed.json()).not.toHaveProperty('resendWrites');
  });

  test('a field that is none is refused by its pointer, exit 2', async () => {
    const refused = await everbearer('integrations', 'set', 'shop', '--from', '{"sever":{}}', '--json');
    expect(refused.exit).toBe(2);
    expect(refused.json()).toMatchObject({ error: { code: 'bad_request', pointer: '/sever' } });
  });

  test('a name that is taken is exit 3; one that is unknown exit 2', async () => {
    const create = ['integrations', 'create', 'shop', '--model', VERSION_ID, '--from', '{}', '--json'];
    expect(await everbearer(...create)).toMatchObject({ exit: 3, stdout: expect.stringContaining('"conflict"') });
    const show = await everbearer('integrations', 'show', 'nobody', '--json');
    expect(show).toMatchObject({ exit: 2, stdout: expect.stringContaining('"not_found"') });
  });

  test('create, list, remove', async () => {
    const create = ['integrations', 'create', 'second', '--model', VERSION_ID, '--from', '@shop.json', '--json'];
    expect((await everbearer(...create)).exit).toBe(0);
    const names = async (): Promise<readonly string[]> => {
      const { items } = (await everbearer('integrations', 'list', '--json')).json() as { items: { name: string }[] };
      return items.map(({ name }) => name);
    };
    expect(await names()).toEqual(['second', 'shop']);
    expect((await everbearer('integrations', 'remove', 'second', '--json')).json()).toEqual({ removed: 'second' });
    expect(await names()).toEqual(['shop']);
  });
});

describe('run', () => {
  test('GET with path, query and header', async () => {
    const run = await everbearer('run', 'shop', 'getBook', '--input', '{"path":{"isbn":"9780141439518"}}', '--json');
    expect(run).toMatchObject({ exit: 0, stderr: '' });
    expect(run.json()).toMatchObject({
      ok: true,
      method: 'GET',
      url: `${provider.apiUrl}/books/9780141439518`,
      status: 200,
      statusText: 'OK',
      headers: { 'content-type': 'application/json' },
      body: { isbn: '9780141439518' },
    });
    const query = await everbearer('run', 'shop', 'listBooks', '--input', '{"genre":["novel"],"limit":"5"}', '--json');
    expect(query.json()).toMatchObject({ ok: true, url: `${provider.apiUrl}/books?genre=novel&limit=5` });
    const header = '{"path":{"orderId":7},"header":{"X-Request-Id":"c0ffee00-0000-4000-8000-000000000000"}}';
    expect((await everbearer('run', 'shop', 'getOrder', '--input', header)).exit).toBe(0);
  });

  test('POST of JSON from standard input', async () => {
    const stdin = '{"body":{"isbn":"9780141439518","copies":2}}';
    const run = await runCliProcess(['run', 'shop', 'placeOrder', '--input', '-', '--json'], { cwd, stdin });
    expect(run.exit).toBe(0);
    expect(run.json()).toMatchObject({ ok: true, method: 'POST', status: 201 });
  });

  test('without --json, the body stands alone on standard output', async () => {
    const { exit, stdout, stderr } = await everbearer('run', 'shop', 'listBooks');
    expect(exit).toBe(0);
    expect(JSON.parse(stdout)).toEqual([expect.objectContaining({ title: 'Pride and Prejudice' })]);
    expect(stderr).toBe(`200 OK  GET ${provider.apiUrl}/books\n`);
  });

  test.each([
    ['inline as ever', {}],
    ['in the background', { EVERBEARER_RENEWAL: 'background' }],
  ])('the bounded check, with renewals %s, neither keeps the process nor adds a request', async (_name, renewal) => {
    expect((await everbearer('token', 'get', 'shop')).exit).toBe(0);
    provider.resetCounters();
    const args = ['run', 'shop', 'listBooks', '--check', 'bounded', '--json'];
    expect(await runCliProcess(args, { cwd, env: renewal })).toMatchObject({ exit: 0, stderr: '' });
    expect(provider.counters()).toMatchObject({ tokenRequests: 0, api: { ok: 1, unauthorized: 0 } });
  });

  test('a 401 gets the token refreshed and the request sent again', async () => {
    expect((await everbearer('token', 'get', 'shop')).exit).toBe(0);
    provider.revoke();
    provider.resetCounters();
    const run = await everbearer('run', 'shop', 'listBooks', '--json');
    expect(run).toMatchObject({ exit: 0 });
    expect(provider.counters()).toMatchObject({ tokenRequests: 1, issued: 1, api: { ok: 1, unauthorized: 1 } });
    expect(provider.counters().byGrant.refresh_token).toBe(1);
  });

  test('an answer outside 200-299 is exit 1 with the whole response', async () => {
    provider.script({ name: 'status', at: 'api', status: 503 });
    const run = await everbearer('run', 'shop', 'listBooks', '--json');
    expect(run.exit).toBe(1);
    expect(run.json()).toMatchObject({
      ok: false,
      status: 503,
      error: { code: 'api_error', retryable: expect.any(Boolean) },
    });
  });

  test('an input that does not fit is exit 2, says where, and nothing is sent', async () => {
    const run = await everbearer('run', 'shop', 'listBooks', '--input', '{"query":{"limit":1000}}', '--json');
    expect(run.exit).toBe(2);
    expect(run.json()).toMatchObject({
      ok: false,
      code: 'input_invalid',
      retryable: false,
      errors: [{ pointer: '/query/limit' }],
    });
    expect(provider.counters().api).toMatchObject({ ok: 0, unauthorized: 0 });
    const warned = ['run', 'shop', 'listBooks', '--input', '{"query":{"limit":1000}}', '--validate', 'off'];
    expect((await everbearer(...warned)).exit).toBe(0);
  });

  test('an operation or integration that is not there is exit 2 with an error document', async () => {
    for (const args of [
      ['shop', 'listBoks'],
      ['nobody', 'listBooks'],
    ]) {
      const run = await everbearer('run', ...args, '--json');
      expect(run.exit).toBe(2);
      expect(run.json()).toMatchObject({ error: { code: 'not_found', hint: expect.any(String) } });
    }
  });

  test('a host that nobody named is refused, exit 3', async () => {
    const input = '{"server":"https://elsewhere.example"}';
    const run = await everbearer('run', 'shop', 'listBooks', '--input', input, '--json');
    expect(run.exit).toBe(3);
    expect(run.json()).toMatchObject({ ok: false, code: 'egress_refused' });
  });
});

describe('token', () => {
  test('get prints the token in force; --json adds headers ready for a request', async () => {
    const get = await everbearer('token', 'get', 'shop', '--json');
    const { access_token: token, headers } = get.json() as {
      readonly access_token: string;
      readonly headers: Readonly<Record<string, string>>;
    };
    expect(get.json()).toMatchObject({ integration: 'shop', scheme: 'shop', state: 'valid', has_refresh_token: true });
    expect(headers).toEqual({ Authorization: `Bearer ${token}` });
    expect((await fetch(`${provider.apiUrl}/books`, { headers })).status).toBe(200);
    expect((await everbearer('token', 'get', 'shop')).stdout).toBe(`${token}\n`);
    const shown = (await everbearer('token', 'show', 'shop', '--json')).json();
    expect(shown).toMatchObject({ access_token: `…${token.slice(-4)}`, state: 'valid' });
  });

  test('refresh renews it, even while the old one is good', async () => {
    const before = (await everbearer('token', 'get', 'shop')).stdout;
    provider.resetCounters();
    const refreshed = await everbearer('token', 'refresh', 'shop', '--json');
    expect(refreshed.json()).toMatchObject({ state: 'valid', obtained_by: 'refresh_token' });
    expect(provider.counters()).toMatchObject({ tokenRequests: 1, issued: 1 });
    expect((await everbearer('token', 'get', 'shop')).stdout).not.toBe(before);
  });

  test('set by hand is in force at the next call, from standard input; clear throws it away', async () => {
    const stdin = '{"access_token":"set-by-hand-0000","expires_in":600}';
    const set = await runCliProcess(['token', 'set', 'shop', '--from', '-', '--json'], { cwd, stdin });
    expect(set.json()).toMatchObject({ state: 'valid', access_token: '…0000', obtained_by: 'manual', expires_in: 600 });
    expect((await everbearer('token', 'get', 'shop')).stdout).toBe('set-by-hand-0000\n');
    const clear = await everbearer('token', 'clear', 'shop', '--json');
    expect(clear.json()).toMatchObject({ state: 'empty', access_token: null, expires_at: null });
  });

  test('a password that is refused is exit 5, and is tried once', async () => {
    const values = JSON.stringify(shopValues(provider, { password: 'wrong' }));
    const create = ['integrations', 'create', 'barred', '--model', VERSION_ID, '--from', values];
    expect((await everbearer(...create)).exit).toBe(0);
    provider.resetCounters();
    for (const attempt of [1, 2]) {
      const get = await everbearer('token', 'get', 'barred', '--json');
      expect(get.exit, `attempt ${attempt}`).toBe(5);
      expect(get.json()).toMatchObject({
        error: { code: 'token_blocked', retryable: false, hint: expect.any(String) },
      });
    }
    const run = await everbearer('run', 'barred', 'listBooks', '--json');
    expect(run).toMatchObject({ exit: 5 });
    expect(run.json()).toMatchObject({ ok: false, code: 'token_blocked' });
    expect(provider.counters().tokenRequests).toBe(1);
    expect((await everbearer('token', 'show', 'barred', '--json')).json()).toMatchObject({
      state: 'blocked',
      last_error: { class: 'credentials' },
    });
    expect((await everbearer('integrations', 'remove', 'barred')).exit).toBe(0);
  });

  test('a token endpoint that does not answer in time is exit 5, and says when to come back', async () => {
    await everbearer('token', 'clear', 'shop');
    provider.script({ name: 'status', status: 503, times: 'always' });
    const get = await everbearer('token', 'get', 'shop', '--token-wait-ms', '0', '--json');
    expect(get.exit).toBe(5);
    expect(get.json()).toMatchObject({ error: { code: 'token_unavailable', retryable: true } });
  });
});

describe('events, migrate, doctor', () => {
  test('events tell what happened, in order, without a secret', async () => {
    const { items } = (await everbearer('events', '--limit', '1000', '--json')).json() as {
      readonly items: readonly { readonly id: string; readonly type: string; readonly actor: string }[];
    };
    expect(items.slice(0, 2).map(({ type }) => type)).toEqual(['model_imported', 'integration_created']);
    expect(items.map(({ id }) => id).toSorted()).toEqual(items.map(({ id }) => id));
    expect(new Set(items.map(({ actor }) => actor))).toEqual(new Set(['cli']));
    const one = await everbearer('events', 'shop', '--limit', '1');
    expect(one.stdout.trim().split('\n')).toHaveLength(1);
  });

  test('migrate says where the store is', async () => {
    const status = await everbearer('migrate', '--status', '--json');
    expect(status).toMatchObject({ exit: 0 });
    const { version, known, pending } = status.json() as { version: number; known: number; pending: unknown[] };
    expect({ at: version, pending }).toEqual({ at: known, pending: [] });
    expect((await everbearer('migrate', '--json')).json()).toMatchObject({ ran: [] });
  });

  test('doctor checks node, store, clock, keys and the hosts of the integrations', async () => {
    const doctor = await everbearer('doctor', '--json');
    expect(doctor.exit).toBe(0);
    const { ok, checks } = doctor.json() as { ok: boolean; checks: { check: string; ok: boolean; message: string }[] };
    expect(ok).toBe(true);
    expect(checks.map(({ check }) => check)).toEqual(['node', 'everbearer', 'store', 'clock', 'keys', 'network']);
    expect(checks.at(-1)?.message).toContain(`${new URL(provider.apiUrl).host} (shop) can be reached`);
  });

  test('doctor names a host that cannot be reached, exit 1', async () => {
    const gone = await startShop();
    await gone.close();
    const values = JSON.stringify({ server: { url: gone.apiUrl } });
    await everbearer('integrations', 'create', 'gone', '--model', VERSION_ID, '--from', values);
    const doctor = await everbearer('doctor', '--json');
    await everbearer('integrations', 'remove', 'gone');
    expect(doctor.exit).toBe(1);
    expect(doctor.json()).toMatchObject({
      ok: false,
      checks: expect.arrayContaining([
        expect.objectContaining({
          check: 'network',
          ok: false,
          message: expect.stringContaining('(gone) cannot be reached: ECONNREFUSED'),
        }),
      ]),
    });
  });
});
