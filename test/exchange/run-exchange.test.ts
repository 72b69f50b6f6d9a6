/** The OAuth grants over a real server and the real client: what goes on the wire, and what comes of what comes back. */
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExchangeOutcome } from '../../src/exchange/exchange-outcome.ts';
import type { ExchangeRequest } from '../../src/exchange/exchange-request.ts';
import { readyExchange } from '../../src/exchange/ready-exchanges.ts';
import { runExchange } from '../../src/exchange/run-exchange.ts';
import { createHttpClient } from '../../src/io/http-client.ts';
import type { HttpClient } from '../../src/kernel/http-client.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';
import { LIMITS, LOOPBACK, NOW } from './support/exchange-runs.ts';
import { sendJson, startWireServer, type WireServer } from './support/wire-server.ts';

let server: WireServer;
let http: HttpClient;
beforeAll(async () => {
  server = await startWireServer();
  http = createHttpClient();
});
afterAll(async () => {
  await http.close();
  await server.close();
});

type Inputs = ExchangeRequest['inputs'];

const client = (): Inputs => ({
  client_id: 'my-app',
  client_secret: 's3cr3t-of-the-client',
  token_url: `${server.url}/token`,
});
const alice = (): Inputs => ({ ...client(), username: 'alice', password: 'wonder&land 7' });

const run = (id: string, inputs: Inputs, more: Partial<ExchangeRequest> = {}): Promise<ExchangeOutcome> =>
  runExchange(
    { exchange: readyExchange(id), phase: 'acquire', inputs, destination: LOOPBACK, limits: LIMITS, ...more },
    { http, clock: createVirtualClock(NOW) },
  );

const forms = (): readonly Readonly<Record<string, string>>[] =>
  server.requests.map(({ body }) => Object.fromEntries(new URLSearchParams(body)));

describe('what a grant sends', () => {
  beforeAll(() => server.answer((_request, response) => sendJson(response, { access_token: 't' })));

  test('client credentials (RFC 6749 §4.4.2): no scope when unset, nothing empty', async () => {
    server.requests.length = 0;
    expect((await run('client_credentials', { ...client(), scope: '' })).ok).toBe(true);
    expect(server.requests).toMatchObject([
      {
        method: 'POST',
        path: '/token',
        body: 'grant_type=client_credentials',
        headers: {
          authorization: `Basic ${btoa('my-app:s3cr3t-of-the-client')}`,
          'content-type': 'application/x-www-form-urlencoded',
          accept: 'application/json',
        },
      },
    ]);
  });

  test('scope as text or list; further parameters; the token URL keeps its query (§3.2)', async () => {
    server.requests.length = 0;
    const parameters = { audience: 'https://api', resource: ['a', 'b'] };
    await run('client_credentials', {
      ...client(),
      scope: ['read', 'write'],
      parameters,
      token_url: `${server.url}/token?tenant=a%20b`,
    });
    await run('client_credentials', { ...client(), scope: 'read write' });
    expect(server.requests.map(({ body }) => body)).toEqual([
      'grant_type=client_credentials&scope=read+write&audience=https%3A%2F%2Fapi&resource=a&resource=b',
      'grant_type=client_credentials&scope=read+write',
    ]);
    expect(server.requests[0]?.path).toBe('/token?tenant=a%20b');
  });

  test('password (§4.3.2)', async () => {
    server.requests.length = 0;
    await run('password', { ...alice(), scope: 'read' });
    expect(forms()).toEqual([{ grant_type: 'password', username: 'alice', password: 'wonder&land 7', scope: 'read' }]);
    expect(server.requests[0]?.headers.authorization).toMatch(/^Basic /);
  });

  test.each(['client_credentials', 'password', 'refresh_token'])(
    'refresh of %s (§6): at refresh_url, by default token_url',
    async (id) => {
      server.requests.length = 0;
      const token = { refresh_token: 'rt/1' };
      await run(id, alice(), { phase: 'refresh', token });
      await run(id, { ...alice(), refresh_url: `${server.url}/refresh` }, { phase: 'refresh', token });
      expect(server.requests.map(({ path }) => path)).toEqual(['/token', '/refresh']);
      expect(forms()[0]).toEqual({ grant_type: 'refresh_token', refresh_token: 'rt/1' });
      expect(server.requests[0]?.headers.authorization).toMatch(/^Basic /);
    },
  );

  test('a refresh needs no password: it may be gone by then (§4.3.1)', async () => {
    server.requests.length = 0;
    expect((await run('password', client(), { phase: 'refresh', token: { refresh_token: 'rt' } })).ok).toBe(true);
  });
});

describe('what keeps a request from being made', () => {
  test.each<readonly [string, string, Inputs, Partial<ExchangeRequest>, object]>([
    [
      'inputs are missing',
      'password',
      { token_url: 'https://x' },
      {},
      {
        class: 'configuration',
        error: 'input_missing',
        message: expect.stringContaining('Not set: username, password.'),
      },
    ],
    [
      'there is no refresh token',
      'password',
      { token_url: 'https://x' },
      { phase: 'refresh', token: {} },
      { class: 'configuration', error: 'no_refresh_token' },
    ],
    [
      'there is only a refresh token, and it is gone',
      'refresh_token',
      { token_url: 'https://x' },
      {},
      { class: 'refresh_token', error: 'needs_reauthorization' },
    ],
    ['the exchange has no refresh', 'webcrm', {}, { phase: 'refresh' }, { class: 'configuration', error: 'document' }],
    [
      'the token URL has a variable',
      'client_credentials',
      { client_id: 'a', client_secret: 'b', token_url: 'https://x/{tenant}' },
      {},
      { class: 'configuration', message: expect.stringContaining('{variable}') },
    ],
    [
      'parameters override the grant',
      'client_credentials',
      { client_id: 'a', client_secret: 'b', token_url: 'https://x/t', parameters: { grant_type: 'password' } },
      {},
      { class: 'configuration', message: expect.stringContaining('grant_type') },
    ],
  ])('%s', async (_why, id, inputs, more, failure) => {
    expect(await run(id, inputs, more)).toMatchObject({ ok: false, failure: { ...failure, sent: false, origin: '' } });
  });

  test('ending where there is nothing to end is no failure', async () => {
    expect(await run('password', {}, { phase: 'end', token: { access_token: 't' } })).toMatchObject({
      ok: true,
      token: { access_token: 't', lifetime: { ms: 0 } },
    });
  });
});

describe('F29 where secrets may go', () => {
  test.each([
    ['plain http beyond loopback', 'http://as.example.com/token'],
    ['a host that is not on the list', 'https://elsewhere.example.com/token'],
    ['cloud metadata', 'http://169.254.169.254/latest'],
  ])('%s is refused before anything is sent', async (_what, token_url) => {
    const outcome = await run('client_credentials', { ...client(), token_url });
    expect(outcome).toMatchObject({
      ok: false,
      failure: { class: 'egress', error: 'egress', sent: false, origin: new URL(token_url).origin },
    });
  });

  test('plain http on loopback is allowed', async () => {
    server.answer((_request, response) => sendJson(response, { access_token: 't' }));
    expect((await run('client_credentials', client())).ok).toBe(true);
  });
});

describe('what the wire does', () => {
  test('F26 a compressed answer is read; a broken one is typed', async () => {
    const body = gzipSync('{"access_token":"t"}');
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    server.answer((_request, response) => response.writeHead(200, headers).end(body));
    expect(await run('client_credentials', client())).toMatchObject({ ok: true, token: { access_token: 't' } });
    server.answer((_request, response) => response.writeHead(200, headers).end('not gzip'));
    expect(await run('client_credentials', client())).toMatchObject({
      failure: { class: 'transient', error: 'encoding', sent: true },
    });
  });

  test('F27 a huge answer is cut off', async () => {
    server.answer((_request, response) => response.writeHead(200).end('x'.repeat(3_000_000)));
    expect(await run('client_credentials', client())).toMatchObject({
      failure: { class: 'transient', error: 'too_large' },
    });
  });

  test('F8 no answer in time', async () => {
    server.answer(() => undefined);
    const limits = { ...LIMITS, totalMs: 150 };
    expect(await run('client_credentials', client(), { limits })).toMatchObject({
      failure: { class: 'transient', error: 'timeout', sent: true },
    });
    const refresh = { limits, phase: 'refresh', token: { refresh_token: 'rt' } } as const;
    expect(await run('password', alice(), refresh)).toMatchObject({ failure: { class: 'in_doubt', error: 'timeout' } });
  });

  test('F9 the connection breaks after the request was sent', async () => {
    server.answer((_request, response) => response.destroy());
    const refresh = { phase: 'refresh', token: { refresh_token: 'rt' } } as const;
    expect(await run('password', alice(), refresh)).toMatchObject({
      failure: { class: 'in_doubt', error: 'reset', sent: true },
    });
  });

  test('F38 nobody listens', async () => {
    const closed = await startWireServer();
    await closed.close();
    const refresh = { phase: 'refresh', token: { refresh_token: 'rt' } } as const;
    const outcome = await run('password', { ...alice(), token_url: `${closed.url}/token` }, refresh);
    expect(outcome).toMatchObject({
      failure: { class: 'transient', error: 'connect', sent: false, origin: closed.url },
    });
  });

  test("the caller's start check and signal are honoured", async () => {
    server.answer((_request, response) => sendJson(response, { access_token: 't' }));
    const asked: boolean[] = [];
    const mayStart = (): boolean => {
      asked.push(true);
      return false;
    };
    expect(await run('password', alice(), { mayStart })).toMatchObject({
      failure: { class: 'transient', error: 'aborted', sent: false },
    });
    expect(asked).toEqual([true]);
    expect(await run('password', alice(), { signal: AbortSignal.abort() })).toMatchObject({
      failure: { error: 'aborted', sent: false },
    });
    expect(server.requests).toEqual([]);
  });
});
