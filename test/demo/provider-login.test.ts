import { describe, expect, test } from 'vitest';
import { DEFAULT_USER } from '../../src/demo/provider-behaviour.ts';
import type { Provider } from '../../src/demo/provider.ts';
import { fingerprint } from '../../src/demo/request-log.ts';
import { callApi, openProvider, THINGS_API } from './provider-client.ts';

interface Seen {
  readonly status: number;
  readonly headers: Headers;
  readonly fields: Readonly<Record<string, unknown>>;
}

async function post(url: string, content: unknown, headers: Record<string, string> = {}): Promise<Seen> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(content), headers });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    fields: text === '' ? {} : (JSON.parse(text) as Seen['fields']),
  };
}

const login = (provider: Provider, user: object = DEFAULT_USER): Promise<Seen> => post(provider.loginUrl, user);
const sessionOf = ({ fields }: Seen): string => String(fields['session']);

describe('the log-in of its own', () => {
  test('opens a session that is a token at the API, in the body and in a header', async () => {
    const provider = await openProvider({ api: THINGS_API, behaviour: { lifetimeMs: 60_000 } });
    const opened = await login(provider);
    expect(opened).toMatchObject({ status: 200, fields: { session: expect.stringMatching(/^at_/), expires_in: 60 } });
    expect(opened.headers.get('x-session')).toBe(sessionOf(opened));
    expect(await callApi(provider, sessionOf(opened))).toBe(200);
    expect(provider.counters()).toMatchObject({ tokenRequests: 1, issued: 1, byGrant: { login: 1 } });
    expect(provider.log()).toEqual([
      expect.objectContaining({
        grant: 'login',
        username: DEFAULT_USER.username,
        access_token: fingerprint(sessionOf(opened)),
      }),
    ]);
  });

  test.each([
    ['a wrong password', { ...DEFAULT_USER, password: 'x' }, 'wrong_credentials'],
    ['no JSON object', 'x', 'wrong_credentials'],
  ])('refuses %s', async (_what, user, error) => {
    expect(await post((await openProvider()).loginUrl, user)).toMatchObject({ status: 401, fields: { error } });
  });

  test('locks the account, as any other sign-in does', async () => {
    const provider = await openProvider({ behaviour: { lockOutAfter: 1 } });
    await login(provider, { ...DEFAULT_USER, password: 'x' });
    expect(await login(provider)).toMatchObject({ status: 401, fields: { error: 'locked_credentials' } });
    expect(provider.counters()).toMatchObject({ wrongCredentials: 1, lockedOut: 1 });
  });

  test('refuses more sessions than an account may have, until one is logged out; which, is told', async () => {
    const provider = await openProvider({ api: THINGS_API, behaviour: { lifetimeMs: 60_000, maxSessions: 2 } });
    const [first, second] = [await login(provider), await login(provider)];
    expect(await login(provider)).toMatchObject({ status: 403, fields: { error: 'too_many_sessions' } });
    const loggedOut = await post(provider.logoutUrl, {}, { 'x-session': sessionOf(first) });
    expect(loggedOut.status).toBe(204);
    expect([await callApi(provider, sessionOf(first)), await callApi(provider, sessionOf(second))]).toEqual([401, 200]);
    expect((await login(provider)).status).toBe(200);
    expect(provider.ended()).toEqual([fingerprint(sessionOf(first))]);
    expect(provider.counters()).toMatchObject({ mostSessions: 2, revocations: 1 });
  });

  test('has a second step, which exchanges the session for a token', async () => {
    const provider = await openProvider({ api: THINGS_API, behaviour: { maxSessions: 1 } });
    const session = sessionOf(await login(provider));
    const got = await post(provider.sessionTokenUrl, {}, { authorization: `Bearer ${session}` });
    expect(got).toMatchObject({ status: 200, fields: { token: expect.stringMatching(/^at_/), lifetime: 5 } });
    expect(await callApi(provider, String(got.fields['token']))).toBe(200);
    expect(await post(provider.sessionTokenUrl, {}, { 'x-session': 'nobody' })).toMatchObject({ status: 401 });
  });

  test('meets faults at each of its places', async () => {
    const provider = await openProvider();
    provider.script(
      { name: 'status', status: 500, at: 'login' },
      { name: 'status', status: 501, at: 'session_token' },
      { name: 'status', status: 502, at: 'logout' },
      { name: 'error', grant: 'login', at: 'login', error: 'busy' },
    );
    const statusOf = async (url: string): Promise<number> =>
      (await fetch(url, { method: 'POST', body: JSON.stringify(DEFAULT_USER) })).status;
    const { loginUrl, sessionTokenUrl, logoutUrl } = provider;
    expect([await statusOf(loginUrl), await statusOf(sessionTokenUrl), await statusOf(logoutUrl)]).toEqual([
      500, 501, 502,
    ]);
    expect((await login(provider)).fields).toEqual({ error: 'busy' });
    expect((await login(provider)).status).toBe(200);
  });
});

test('who asks in another process is told what was ended', async () => {
  const provider = await openProvider();
  const session = sessionOf(await login(provider));
  await post(provider.logoutUrl, {}, { 'x-session': session });
  expect(await (await fetch(`${provider.adminUrl}/ended`)).json()).toEqual([fingerprint(session)]);
});
