import { describe, expect, test } from 'vitest';
import { DEFAULT_USER } from '../../src/demo/provider-behaviour.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';
import {
  callApi,
  CLIENT_GRANT,
  openProvider,
  PASSWORD_GRANT,
  requestToken,
  signIn,
  THINGS_API,
} from './provider-client.ts';

const wrong = { ...PASSWORD_GRANT, password: 'wrong' };

describe('a rate limit', () => {
  test('refuses what is more than any second may have, says when to come back, and does nothing for it', async () => {
    const provider = await openProvider({ clock: createVirtualClock(), behaviour: { maxRequestsPerSecond: 2 } });
    const ask = async (): Promise<number> => (await requestToken(provider, CLIENT_GRANT)).status;
    expect(await ask()).toBe(200);
    provider.advance(600);
    expect([await ask(), await ask()]).toEqual([200, 429]);
    expect((await requestToken(provider, CLIENT_GRANT)).headers.get('retry-after')).toBe('1');
    provider.advance(400);
    expect([await ask(), await ask()]).toEqual([200, 429]);
    expect(provider.counters()).toMatchObject({ rateLimited: 3, issued: 3, tokenRequests: 6 });
    expect(provider.log().at(-1)).toMatchObject({ status: 429, error: 'too_many_requests' });
  });

  test('uses up no scripted fault', async () => {
    const provider = await openProvider({ clock: createVirtualClock(), behaviour: { maxRequestsPerSecond: 1 } });
    await requestToken(provider, CLIENT_GRANT);
    provider.script({ name: 'error', error: 'invalid_scope' });
    expect((await requestToken(provider, CLIENT_GRANT)).status).toBe(429);
    provider.advance(1_000);
    expect((await requestToken(provider, CLIENT_GRANT)).fields).toEqual({ error: 'invalid_scope' });
  });
});

describe('the answer to a failed sign-in', () => {
  test('waits, and that to a good one does not', async () => {
    const clock = createVirtualClock();
    const provider = await openProvider({ clock, behaviour: { failedSignInDelayMs: 20_000, lockOutAfter: 1 } });
    expect((await requestToken(provider, CLIENT_GRANT)).status).toBe(200);
    const refused = requestToken(provider, wrong);
    await expect.poll(() => clock.sleepers()).toBe(1);
    expect(provider.counters(), 'it is counted when it is decided').toMatchObject({ wrongCredentials: 1, inFlight: 1 });
    const locked = requestToken(provider, PASSWORD_GRANT);
    await expect.poll(() => clock.sleepers()).toBe(2);
    await clock.advance(20_000);
    expect((await refused).fields).toMatchObject({ error: 'invalid_grant' });
    expect((await locked).fields).toMatchObject({ error_description: 'The account is locked.' });
  });

  test('may never come', async () => {
    const provider = await openProvider({ behaviour: { failedSignInDelayMs: null } });
    const refused = requestToken(provider, wrong).catch(() => 'ended');
    await expect.poll(() => provider.counters().wrongCredentials).toBe(1);
    expect((await requestToken(provider, PASSWORD_GRANT)).status).toBe(200);
    expect(provider.log().map(({ outcome }) => outcome)).toEqual(['refused', 'issued']);
    await provider.close();
    expect(await refused).toBe('ended');
  });
});

describe('the Date header', () => {
  test.each([
    [0, 0],
    [-90_000, -90_000],
    [90_000, 90_000],
  ])('with a skew of %i ms is off by %i ms', async (dateSkewMs, off) => {
    const provider = await openProvider({ clock: createVirtualClock(), behaviour: { dateSkewMs } });
    const { headers } = await requestToken(provider, CLIENT_GRANT);
    expect(Date.parse(headers.get('date') ?? '') - createVirtualClock().now()).toBe(off);
  });

  test('may be absent', async () => {
    const provider = await openProvider({ behaviour: { dateSkewMs: null } });
    expect((await requestToken(provider, CLIENT_GRANT)).headers.has('date')).toBe(false);
  });
});

describe('offline', () => {
  test('connections are refused, and what was known is known again afterwards, at the same port', async () => {
    const provider = await openProvider({ api: THINGS_API, behaviour: { lifetimeMs: 3_600_000 } });
    const { access } = await signIn(provider);
    provider.script({ name: 'hold' });
    const broken = requestToken(provider, CLIENT_GRANT).catch(() => 'broken');
    await expect.poll(() => provider.held()).toBe(1);
    await provider.goOffline();
    expect(await broken).toBe('broken');
    await expect(requestToken(provider, CLIENT_GRANT)).rejects.toThrow();
    await provider.goOnline();
    expect(await callApi(provider, access)).toBe(200);
  });

  test('it can still be closed', async () => {
    const provider = await openProvider();
    await provider.goOffline();
    await provider.close();
  });
});

test('a log line says for what a token was asked; resource and audience may be repeated (RFC 8707)', async () => {
  const provider = await openProvider();
  const body = new URLSearchParams({
    ...PASSWORD_GRANT,
    client_id: 'demo-client',
    client_secret: 'demo-client-secret',
  });
  body.append('scope', 'read');
  for (const resource of ['https://a', 'https://b']) body.append('resource', resource);
  expect((await fetch(provider.tokenUrl, { method: 'POST', body })).status).toBe(200);
  expect(provider.log()).toEqual([
    expect.objectContaining({ scope: 'read', resource: 'https://a https://b', username: DEFAULT_USER.username }),
  ]);
});
