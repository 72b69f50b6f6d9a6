import { connect } from 'node:net';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { Agent, request } from 'undici';
import { afterAll, describe, expect, test } from 'vitest';
import { FAULTS } from '../../src/demo/fault.ts';
import type { Fault, FaultName } from '../../src/demo/fault.ts';
import { DEFAULT_CLIENT } from '../../src/demo/provider-behaviour.ts';
import type { Provider } from '../../src/demo/provider.ts';
import {
  callApi,
  CLIENT_GRANT,
  openProvider,
  PASSWORD_GRANT,
  requestToken,
  signIn,
  THINGS_API,
  tryRefresh,
} from './provider-client.ts';

/** One connection a request: what breaks one must not be seen by the next. */
const dispatcher = new Agent({ keepAliveTimeout: 1, pipelining: 0 });
afterAll(() => dispatcher.destroy());

interface Seen {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: Buffer;
}

/** What a client that inflates, follows and repeats nothing sees; a broken connection rejects. */
async function ask(
  provider: Provider,
  form: Record<string, string> = CLIENT_GRANT,
  signal?: AbortSignal,
): Promise<Seen> {
  const { statusCode, headers, body } = await request(provider.tokenUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ ...DEFAULT_CLIENT, ...form }).toString(),
    dispatcher,
    ...(signal === undefined ? {} : { signal }),
  });
  return { status: statusCode, headers, bytes: Buffer.from(await body.arrayBuffer()) };
}

interface Expectation {
  readonly fault: Fault;
  readonly status: number;
  readonly headers?: Record<string, unknown>;
  /** What the body is, read as it should be. */
  readonly body?: (seen: Seen) => unknown;
  readonly expected?: unknown;
  readonly issued: number;
}

const parse = (text: string): unknown => JSON.parse(text);
const json = ({ bytes }: Seen): unknown => parse(bytes.toString());
const text = ({ bytes }: Seen): unknown => bytes.toString();
const token = expect.objectContaining({ access_token: expect.stringMatching(/^at_/) });

// prettier-ignore
const ANSWERED: readonly Expectation[] = [
  { fault: { name: 'status', status: 429, retryAfter: 120 }, status: 429, headers: { 'retry-after': '120' }, issued: 0 },
  { fault: { name: 'status', status: 429, retryAfter: 'soon' }, status: 429, headers: { 'retry-after': 'soon' }, issued: 0 },
  {
    fault: { name: 'status', status: 429, retryAfterDateMs: 60_000 },
    status: 429,
    headers: { 'retry-after': expect.stringMatching(/^\w{3}, \d\d \w{3} \d{4} .* GMT$/) },
    issued: 0,
  },
  ...[500, 502, 503, 504].map((status) => ({ fault: { name: 'status', status } as const, status, issued: 0 })),
  { fault: { name: 'html' }, status: 200, headers: { 'content-type': 'text/html' }, body: text, expected: expect.stringContaining('<html>'), issued: 0 },
  { fault: { name: 'html', status: 502, processed: true }, status: 502, headers: { 'content-type': 'text/html' }, issued: 1 },
  ...[301, 302, 303, 307, 308].map((status) => ({
    fault: { name: 'redirect', status, location: 'https://elsewhere.test/token' } as const,
    status,
    headers: { location: 'https://elsewhere.test/token' },
    issued: 0,
  })),
  { fault: { name: 'error', error: 'temporarily_unavailable' }, status: 400, body: json, expected: { error: 'temporarily_unavailable' }, issued: 0 },
  { fault: { name: 'invalid_grant', errorDescription: 'Locked.' }, status: 400, body: json, expected: { error: 'invalid_grant', error_description: 'Locked.' }, issued: 0 },
  ...[400, 401, 403, 200].map((status) => ({
    fault: { name: 'invalid_client', status } as const,
    status,
    body: json,
    expected: { error: 'invalid_client' },
    issued: 0,
  })),
  { fault: { name: 'error-in-200', error: 'invalid_auth' }, status: 200, body: json, expected: { ok: false, error: 'invalid_auth' }, issued: 0 },
  { fault: { name: 'empty' }, status: 200, body: text, expected: '', issued: 0 },
  {
    fault: { name: 'form' },
    status: 200,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: ({ bytes }) => Object.fromEntries(new URLSearchParams(bytes.toString())),
    expected: token,
    issued: 1,
  },
  { fault: { name: 'text' }, status: 200, headers: { 'content-type': 'text/plain' }, body: text, expected: expect.stringMatching(/^at_/), issued: 1 },
  { fault: { name: 'bom' }, status: 200, body: ({ bytes }) => [bytes.subarray(0, 3).toString('hex'), parse(bytes.subarray(3).toString())], expected: ['efbbbf', token], issued: 1 },
  { fault: { name: 'utf-16' }, status: 200, body: ({ bytes }) => parse(new TextDecoder('utf-16le').decode(bytes)), expected: token, issued: 1 },
  { fault: { name: 'gzip' }, status: 200, headers: { 'content-encoding': 'gzip' }, body: ({ bytes }) => parse(gunzipSync(bytes).toString()), expected: token, issued: 1 },
  {
    fault: { name: 'gzip', bytes: 3_000_000 },
    status: 200,
    body: ({ bytes }) => [bytes.length < 10_000, gunzipSync(bytes).length, parse(gunzipSync(bytes).toString())],
    expected: [true, 3_000_000, token],
    issued: 1,
  },
  { fault: { name: 'br' }, status: 200, headers: { 'content-encoding': 'br' }, body: ({ bytes }) => parse(brotliDecompressSync(bytes).toString()), expected: token, issued: 1 },
  {
    fault: { name: 'answer', status: 402, contentType: 'text/plain; charset=utf-8', body: '{"expires_in": NaN}' },
    status: 402,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: text,
    expected: '{"expires_in": NaN}',
    issued: 0,
  },
  {
    fault: { name: 'half' },
    status: 200,
    body: ({ bytes, headers }) => [bytes.toString(), Number(headers['content-length']) - bytes.length],
    expected: [expect.stringMatching(/^\{"access_token":"at_[^}]*$/), 0],
    issued: 1,
  },
  { fault: { name: 'no-access-token' }, status: 200, body: json, expected: expect.not.objectContaining({ access_token: expect.anything() }), issued: 1 },
  { fault: { name: 'huge', bytes: 3_000_000 }, status: 200, body: ({ bytes }) => [bytes.length, parse(bytes.toString())], expected: [3_000_000, token], issued: 1 },
  { fault: { name: 'slow', delayMs: 20 }, status: 200, body: json, expected: token, issued: 1 },
  { fault: { name: 'drip', delayMs: 0.1 }, status: 200, body: json, expected: token, issued: 1 },
  { fault: { name: 'status', status: 403, headers: { 'x-why': 'because' } }, status: 403, headers: { 'x-why': 'because' }, issued: 0 },
];

/** Cut before the end; whether the authorization server had done its part is told apart. */
const BROKEN: readonly (readonly [fault: Fault, issued: number])[] = [
  [{ name: 'reset' }, 0],
  [{ name: 'reset', processed: true }, 1],
  [{ name: 'answer-lost' }, 1],
  [{ name: 'closed' }, 1],
  [{ name: 'closed', processed: false }, 0],
  [{ name: 'truncated' }, 1],
];

describe('a fault that answers', () => {
  test.each(ANSWERED)('$fault', async ({ fault, status, headers = {}, body, expected, issued }) => {
    const provider = await openProvider();
    provider.script(fault);
    const seen = await ask(provider);
    expect(seen.status).toBe(status);
    expect(seen.headers).toMatchObject(headers);
    if (body !== undefined) expect(body(seen)).toEqual(expected);
    expect(provider.counters()).toMatchObject({ issued, faults: 1, tokenRequests: 1 });
    expect(provider.log()[0]).toMatchObject({ fault: fault.name, outcome: issued === 1 ? 'issued' : 'fault', status });
    expect((await ask(provider)).status, 'the next request meets nothing').toBe(200);
  });
});

describe('a fault that breaks the connection', () => {
  test.each(BROKEN)('%j: issued %i', async (fault, issued) => {
    const provider = await openProvider();
    provider.script(fault);
    await expect(ask(provider)).rejects.toThrow();
    expect(provider.counters()).toMatchObject({ issued, faults: 1, tokenRequests: 1 });
    expect((await ask(provider)).status, 'the next request meets nothing').toBe(200);
  });

  test('a truncated answer brings the beginning of the real one', async () => {
    const provider = await openProvider();
    provider.script({ name: 'truncated' });
    const { port } = new URL(provider.origin);
    const seen = await new Promise<string>((resolve) => {
      const body = new URLSearchParams({ ...DEFAULT_CLIENT, ...CLIENT_GRANT }).toString();
      const head = `POST /-/token HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: ${body.length}\r\n\r\n`;
      const chunks: Buffer[] = [];
      const socket = connect(Number(port), '127.0.0.1', () => socket.write(head + body));
      socket.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => undefined);
      socket.on('close', () => resolve(Buffer.concat(chunks).toString()));
    });
    const [head = '', part = ''] = seen.split('\r\n\r\n');
    expect(part).toMatch(/^\{"access_token":"at_/);
    expect(part.length).toBeLessThan(Number(/content-length: (\d+)/i.exec(head)?.[1]));
  });

  test('a request that is never answered ends with its caller, and with the provider', async () => {
    const provider = await openProvider();
    provider.script({ name: 'never', times: 2 });
    await expect(ask(provider, CLIENT_GRANT, AbortSignal.timeout(50))).rejects.toThrow();
    await expect.poll(() => provider.counters().inFlight).toBe(0);
    const last = ask(provider).catch(() => 'ended');
    await expect.poll(() => provider.counters().inFlight).toBe(1);
    await provider.close();
    expect(await last).toBe('ended');
  });
});

test('every fault is in one of the tables', () => {
  const covered = new Set<FaultName>([
    ...ANSWERED.map(({ fault }) => fault.name),
    ...BROKEN.map(([{ name }]) => name),
    'never',
    'hold',
  ]);
  expect([...covered].toSorted()).toEqual(Object.keys(FAULTS).toSorted());
});

describe('the script', () => {
  test('meets requests in order, each fault as often as it says, and only those it is for', async () => {
    const provider = await openProvider();
    provider.script(
      { name: 'status', status: 500, times: 2 },
      { name: 'status', status: 504, grant: 'password' },
      { name: 'status', status: 502 },
    );
    const statuses = [];
    for (const form of [CLIENT_GRANT, CLIENT_GRANT, CLIENT_GRANT, PASSWORD_GRANT, CLIENT_GRANT])
      statuses.push((await ask(provider, form)).status);
    expect(statuses).toEqual([500, 500, 502, 504, 200]);
  });

  test('goes on for ever with always, until it is cleared', async () => {
    const provider = await openProvider();
    provider.script({ name: 'status', times: 'always' });
    expect([(await ask(provider)).status, (await ask(provider)).status, (await ask(provider)).status]).toEqual([
      503, 503, 503,
    ]);
    provider.clearScript();
    expect((await ask(provider)).status).toBe(200);
  });

  test('meets API calls where it says so', async () => {
    const provider = await openProvider({ api: THINGS_API });
    const { access } = await signIn(provider);
    provider.script({ name: 'status', status: 401, at: 'api', times: 2 });
    expect((await requestToken(provider, CLIENT_GRANT)).status).toBe(200);
    const statuses = [
      await callApi(provider, access),
      await callApi(provider, access),
      await callApi(provider, access),
    ];
    expect(statuses).toEqual([401, 401, 200]);
    expect(provider.counters().api).toMatchObject({ ok: 1, faults: 2, unauthorized: 0 });
  });

  test('an answer lost after rotation leaves the old refresh token spent', async () => {
    const provider = await openProvider({ behaviour: { rotation: 'rotate-revoke-family' } });
    const { refresh } = await signIn(provider);
    provider.script({ name: 'answer-lost', grant: 'refresh_token' });
    await expect(ask(provider, { grant_type: 'refresh_token', refresh_token: refresh })).rejects.toThrow();
    expect((await tryRefresh(provider, refresh)).fields).toMatchObject({ error: 'invalid_grant' });
    expect(provider.counters()).toMatchObject({ replays: 1, familiesRevoked: 1 });
  });

  test.each([502, 504])(
    'a proxy that says %i after the rotation leaves the old refresh token spent',
    async (status) => {
      const provider = await openProvider({ behaviour: { rotation: 'rotate' } });
      const { refresh } = await signIn(provider);
      provider.script({ name: 'status', status, processed: true });
      expect((await ask(provider, { grant_type: 'refresh_token', refresh_token: refresh })).status).toBe(status);
      expect((await tryRefresh(provider, refresh)).status).toBe(400);
    },
  );
});

test('a success without an access token brings the new refresh token all the same', async () => {
  const provider = await openProvider();
  const { refresh } = await signIn(provider);
  provider.script({ name: 'no-access-token', grant: 'refresh_token' });
  const { fields } = await tryRefresh(provider, refresh);
  expect(fields).toEqual({ token_type: 'Bearer', expires_in: 5, refresh_token: expect.stringMatching(/^rt_/) });
  expect((await tryRefresh(provider, String(fields['refresh_token']))).status).toBe(200);
});

describe('hold', () => {
  test.each<[processed: boolean, issuedMeanwhile: number]>([
    [true, 1],
    [false, 0],
  ])('with processed %s holds when %i token is issued, and lets go on release', async (processed, issuedMeanwhile) => {
    const provider = await openProvider();
    provider.script({ name: 'hold', processed });
    const asked = ask(provider);
    await expect.poll(() => provider.held()).toBe(1);
    expect(provider.counters().issued).toBe(issuedMeanwhile);
    provider.release();
    expect(json(await asked)).toEqual(token);
    expect(provider.counters().issued).toBe(1);
    expect(provider.held()).toBe(0);
  });
});
