import { describe, expect, test } from 'vitest';
import { DEFAULT_CLIENT, DEFAULT_USER } from '../../src/demo/provider-behaviour.ts';
import type { ProviderBehaviour } from '../../src/demo/provider-behaviour.ts';
import type { Provider } from '../../src/demo/provider.ts';
import {
  CLIENT_GRANT,
  PASSWORD_GRANT,
  callApi,
  openProvider,
  refresh,
  requestToken,
  signIn,
  THINGS_API,
} from './provider-client.ts';

describe('an answer', () => {
  test('has the fields of RFC 6749 §5.1, and must not be cached', async () => {
    const provider = await openProvider();
    const { status, headers, fields } = await requestToken(provider, { ...PASSWORD_GRANT, scope: 'read write' });
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(fields).toEqual({
      access_token: expect.stringMatching(/^at_/),
      token_type: 'Bearer',
      expires_in: 5,
      refresh_token: expect.stringMatching(/^rt_/),
      scope: 'read write',
    });
  });

  test('to client credentials has no refresh token, unless the provider is one that gives it', async () => {
    const provider = await openProvider();
    expect((await requestToken(provider, CLIENT_GRANT)).fields).not.toHaveProperty('refresh_token');
    provider.configure({ refreshTokenFor: ['client_credentials'] });
    expect((await requestToken(provider, CLIENT_GRANT)).fields).toHaveProperty('refresh_token');
  });

  test.each<[behaviour: Partial<ProviderBehaviour>, expected: Record<string, unknown>]>([
    [{ expiresIn: 'string' }, { expires_in: '5' }],
    [{ lifetimeMs: 3_600_000 }, { expires_in: 3600 }],
    [{ fields: { expires_in: null } }, { expires_in: null }],
    [{ fields: { expires_in: 1e16, token_type: 'bearer' } }, { expires_in: 1e16, token_type: 'bearer' }],
    [{ wrap: 'data' }, { data: expect.objectContaining({ access_token: expect.any(String) }) }],
  ])('bent by %j has %j', async (behaviour, expected) => {
    const provider = await openProvider({ behaviour });
    expect((await requestToken(provider, CLIENT_GRANT)).fields).toMatchObject(expected);
  });

  test.each<[behaviour: Partial<ProviderBehaviour>, missing: string]>([
    [{ expiresIn: 'absent' }, 'expires_in'],
    [{ omitFields: ['token_type'] }, 'token_type'],
    [{ tokenHeader: 'x-token' }, 'access_token'],
  ])('bent by %j lacks %s', async (behaviour, missing) => {
    const provider = await openProvider({ behaviour });
    const { fields, headers } = await requestToken(provider, CLIENT_GRANT);
    expect(fields).not.toHaveProperty(missing);
    expect(headers.has('x-token')).toBe(behaviour.tokenHeader !== undefined);
  });

  test('may bring a JWT, whose exp says when it ends', async () => {
    const provider = await openProvider({ behaviour: { accessTokens: 'jwt', expiresIn: 'absent' } });
    const { access_token } = (await requestToken(provider, CLIENT_GRANT)).fields;
    const claims = JSON.parse(Buffer.from(String(access_token).split('.')[1] ?? '', 'base64url').toString()) as {
      iat: number;
      exp: number;
    };
    expect(claims.exp - claims.iat).toBe(5);
  });
});

describe('a token', () => {
  test('is good at the API until its lifetime is over, by the clock of the provider', async () => {
    const provider = await openProvider({ api: THINGS_API, behaviour: { lifetimeMs: 60_000 } });
    const { access } = await signIn(provider);
    expect(await callApi(provider, access)).toBe(200);
    provider.advance(59_000);
    expect(await callApi(provider, access)).toBe(200);
    provider.advance(1_001);
    expect(await callApi(provider, access)).toBe(401);
    expect(provider.counters().api).toMatchObject({ ok: 2, unauthorized: 1 });
  });

  test('dates of answers follow that clock', async () => {
    const provider = await openProvider();
    provider.advance(86_400_000);
    const { headers } = await requestToken(provider, CLIENT_GRANT);
    expect(Date.parse(headers.get('date') ?? '') - Date.now()).toBeGreaterThan(86_000_000);
  });
});

describe('the client says who it is', () => {
  const odd = { client_id: 'my-app:1', client_secret: 'a:+/% é-_.~' };
  const basic = (id: string, secret: string): string => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
  const encoded = (text: string): string => encodeURIComponent(text).replaceAll('%20', '+');

  async function ask(
    provider: Provider,
    authorization: string | undefined,
    form: Record<string, string>,
  ): Promise<string> {
    const response = await fetch(provider.tokenUrl, {
      method: 'POST',
      headers: authorization === undefined ? {} : { authorization },
      body: new URLSearchParams({ grant_type: 'client_credentials', ...form }),
    });
    const { error = 'ok' } = (await response.json()) as { error?: string };
    return `${response.status} ${error}`;
  }

  test.each<[reading: ProviderBehaviour['basic'], presented: string, expected: string]>([
    ['encoded', basic(encoded(odd.client_id), encoded(odd.client_secret)), '200 ok'],
    ['encoded', basic(odd.client_id, odd.client_secret), '401 invalid_client'],
    ['raw', basic(encoded(odd.client_id), encoded(odd.client_secret)), '401 invalid_client'],
    ['either', basic(encoded(odd.client_id), encoded(odd.client_secret)), '200 ok'],
  ])('by Basic read as %s', async (reading, presented, expected) => {
    const provider = await openProvider({ clients: [odd], behaviour: { basic: reading } });
    expect(await ask(provider, presented, {})).toBe(expected);
  });

  test('by Basic read raw, where the id has no colon', async () => {
    const plain = { client_id: 'my-app', client_secret: 'a:+/%20' };
    const provider = await openProvider({ clients: [plain], behaviour: { basic: 'raw' } });
    expect(await ask(provider, basic(plain.client_id, plain.client_secret), {})).toBe('200 ok');
    expect(await ask(provider, basic(plain.client_id, encoded(plain.client_secret)), {})).toBe('401 invalid_client');
  });

  test.each<[title: string, authorization: string | undefined, form: Record<string, string>, expected: string]>([
    ['in the body', undefined, { ...DEFAULT_CLIENT }, '200 ok'],
    ['with a wrong secret in the body', undefined, { ...DEFAULT_CLIENT, client_secret: 'x' }, '400 invalid_client'],
    ['with a wrong secret by Basic', basic(DEFAULT_CLIENT.client_id, 'x'), {}, '401 invalid_client'],
    ['as somebody unknown', basic('x', 'x'), {}, '401 invalid_client'],
    [
      'in two ways',
      basic(DEFAULT_CLIENT.client_id, DEFAULT_CLIENT.client_secret),
      { ...DEFAULT_CLIENT },
      '400 invalid_request',
    ],
    ['not at all', undefined, {}, '401 invalid_client'],
    ['by another scheme', 'Digest x', {}, '400 invalid_request'],
  ])('%s', async (_title, authorization, form, expected) => {
    expect(await ask(await openProvider(), authorization, form)).toBe(expected);
  });

  test('or needn’t, for the password grant of a provider that does without', async () => {
    const provider = await openProvider({ behaviour: { clientRequired: false } });
    expect(await ask(provider, undefined, PASSWORD_GRANT)).toBe('200 ok');
    expect(await ask(provider, undefined, {})).toBe('401 invalid_client');
  });

  test.each<[title: string, contentType: string, body: string, expected: string]>([
    ['JSON', 'application/json', '{}', 'invalid_request'],
    [
      'a repeated parameter',
      'application/x-www-form-urlencoded',
      'grant_type=password&grant_type=password',
      'invalid_request',
    ],
    ['no grant', 'application/x-www-form-urlencoded', 'grant_type=', 'invalid_request'],
    ['an unknown grant', 'application/x-www-form-urlencoded', 'grant_type=magic', 'unsupported_grant_type'],
  ])('and %s is refused', async (_title, contentType, body, expected) => {
    const provider = await openProvider();
    const response = await fetch(provider.tokenUrl, { method: 'POST', headers: { 'content-type': contentType }, body });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: expected });
  });
});

describe('a wrong password', () => {
  const wrong = { ...PASSWORD_GRANT, password: 'wrong' };

  test('is refused as invalid_grant, and counted', async () => {
    const provider = await openProvider();
    expect(await requestToken(provider, wrong)).toMatchObject({ status: 400, fields: { error: 'invalid_grant' } });
    expect(provider.counters()).toMatchObject({ wrongCredentials: 1, refused: 1, issued: 0, byGrant: { password: 1 } });
  });

  test('locks the account after the given number of tries in a row, also for the right one, until it is set anew', async () => {
    const provider = await openProvider({ behaviour: { lockOutAfter: 3 } });
    await requestToken(provider, wrong);
    await requestToken(provider, wrong);
    expect((await requestToken(provider, PASSWORD_GRANT)).status).toBe(200);
    for (let count = 0; count < 3; count++) await requestToken(provider, wrong);
    const locked = await requestToken(provider, PASSWORD_GRANT);
    expect(locked).toMatchObject({ status: 400, fields: { error_description: 'The account is locked.' } });
    expect(provider.counters()).toMatchObject({ wrongCredentials: 5, lockedOut: 1 });
    provider.setUser(DEFAULT_USER.username, DEFAULT_USER.password);
    expect((await requestToken(provider, PASSWORD_GRANT)).status).toBe(200);
  });
});

describe('the log', () => {
  test('has one line a request, tokens as fingerprints and no secret', async () => {
    const lines: string[] = [];
    const provider = await openProvider({ onTokenRequest: (entry) => lines.push(entry.outcome) });
    const { refresh: first, access } = await signIn(provider);
    await refresh(provider, first);
    await requestToken(provider, { ...PASSWORD_GRANT, password: 'wrong' });
    const [signedIn, refreshed, refused] = provider.log();
    expect(signedIn).toMatchObject({
      sequence: 1,
      grant: 'password',
      outcome: 'issued',
      status: 200,
      username: 'demo-user',
    });
    expect(refreshed).toMatchObject({ sequence: 2, grant: 'refresh_token', presented: signedIn?.refresh_token });
    expect(refused).toMatchObject({ sequence: 3, outcome: 'refused', error: 'invalid_grant' });
    expect(lines).toEqual(['issued', 'issued', 'refused']);
    const text = JSON.stringify(provider.log());
    for (const secret of [first, access, DEFAULT_USER.password, DEFAULT_CLIENT.client_secret, 'wrong'])
      expect(text).not.toContain(secret);
  });

  test('knows how many requests were in flight at once', async () => {
    const provider = await openProvider();
    provider.script({ name: 'hold', times: 3 });
    const asked = Array.from({ length: 3 }, () => requestToken(provider, CLIENT_GRANT));
    await expect.poll(() => provider.held()).toBe(3);
    expect(provider.counters().inFlight).toBe(3);
    provider.release();
    await Promise.all(asked);
    await expect.poll(() => provider.counters().inFlight).toBe(0);
    await requestToken(provider, CLIENT_GRANT);
    expect(provider.counters()).toMatchObject({ maxInFlight: 3, issued: 4, tokenRequests: 4 });
  });
});
