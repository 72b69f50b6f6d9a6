import { describe, expect, test } from 'vitest';
import type { ProviderBehaviour } from '../../src/demo/provider-behaviour.ts';
import {
  callApi,
  CLIENT_GRANT,
  openProvider,
  PASSWORD_GRANT,
  refresh,
  requestToken,
  signIn,
  THINGS_API,
  tokensOf,
  tryRefresh,
} from './provider-client.ts';

type Behaviour = Partial<ProviderBehaviour>;

describe('a refresh token', () => {
  test.each<[behaviour: Behaviour, answered: 'nothing' | 'the same' | 'empty' | 'a new one']>([
    [{ rotation: 'none' }, 'nothing'],
    [{ rotation: 'none', unrotatedAnswer: 'same' }, 'the same'],
    [{ rotation: 'none', unrotatedAnswer: 'empty' }, 'empty'],
    [{ rotation: 'rotate' }, 'a new one'],
    [{ rotation: 'rotate-revoke-family' }, 'a new one'],
  ])('under %j is answered with %s', async (behaviour, answered) => {
    const provider = await openProvider({ behaviour });
    const first = await signIn(provider);
    const { refresh_token: second } = (await tryRefresh(provider, first.refresh)).fields;
    const seen =
      second === undefined ? 'nothing' : second === '' ? 'empty' : second === first.refresh ? 'the same' : 'a new one';
    expect(seen).toBe(answered);
  });

  test.each<[behaviour: Behaviour, again: string, successor: string]>([
    [{ rotation: 'none' }, 'issued', 'none'],
    [{ rotation: 'rotate' }, 'refused', 'good'],
    [{ rotation: 'rotate-revoke-family' }, 'refused', 'revoked'],
    [{ rotation: 'rotate-revoke-family', graceMs: 60_000 }, 'issued', 'revoked'],
    [{ rotation: 'rotate', graceMs: 60_000, graceSuccessors: 'newest' }, 'issued', 'revoked'],
    [{ rotation: 'rotate', graceMs: 60_000, graceSuccessors: 'all' }, 'issued', 'good'],
  ])(
    'under %j used twice is %s the second time, and its first successor is %s',
    async (behaviour, again, successor) => {
      const provider = await openProvider({ behaviour });
      const first = await signIn(provider);
      const second = (await tryRefresh(provider, first.refresh)).fields['refresh_token'];
      expect((await tryRefresh(provider, first.refresh)).status).toBe(again === 'issued' ? 200 : 400);
      if (successor === 'none') expect(second).toBeUndefined();
      else expect((await tryRefresh(provider, String(second))).status).toBe(successor === 'good' ? 200 : 400);
    },
  );

  test('used again after the grace window is a replay, and costs the family its access tokens too', async () => {
    const behaviour: Behaviour = { rotation: 'rotate-revoke-family', graceMs: 10_000, lifetimeMs: 3_600_000 };
    const provider = await openProvider({ api: THINGS_API, behaviour });
    const first = await signIn(provider);
    const other = await signIn(provider);
    const second = await refresh(provider, first.refresh);
    provider.advance(9_000);
    const third = await refresh(provider, first.refresh);
    expect(provider.counters()).toMatchObject({ replays: 0, familiesRevoked: 0 });
    provider.advance(1_000);
    expect(await tryRefresh(provider, first.refresh)).toMatchObject({
      status: 400,
      fields: { error: 'invalid_grant' },
    });
    expect(provider.counters()).toMatchObject({ replays: 1, familiesRevoked: 1 });
    for (const { access } of [first, second, third]) expect(await callApi(provider, access)).toBe(401);
    expect(await callApi(provider, other.access), 'another sign-in is another family').toBe(200);
    expect(provider.log().at(-1)).toMatchObject({ replayed: true, family_revoked: true, outcome: 'refused' });
  });

  test('of the newest generation wins within the grace window, however long the chain', async () => {
    const provider = await openProvider({ behaviour: { rotation: 'rotate', graceMs: 60_000 } });
    const first = await signIn(provider);
    const second = await refresh(provider, first.refresh);
    const third = await refresh(provider, second.refresh);
    const late = await refresh(provider, first.refresh);
    expect((await tryRefresh(provider, third.refresh)).status).toBe(400);
    expect((await tryRefresh(provider, late.refresh)).status).toBe(200);
  });

  test('expires, is bound to its client, and covers no more than its scope', async () => {
    const provider = await openProvider({
      clients: [
        { client_id: 'a', client_secret: 'a' },
        { client_id: 'b', client_secret: 'b' },
      ],
      behaviour: { rotation: 'none', refreshLifetimeMs: 60_000 },
    });
    const a = { client_id: 'a', client_secret: 'a' };
    const { refresh: token } = tokensOf(await requestToken(provider, { ...PASSWORD_GRANT, ...a, scope: 'read write' }));
    const ask = async (form: Record<string, string>): Promise<number> =>
      (await requestToken(provider, { grant_type: 'refresh_token', refresh_token: token, ...a, ...form })).status;
    expect(await ask({})).toBe(200);
    expect(await ask({ scope: 'read' })).toBe(200);
    expect(await ask({ scope: 'admin' })).toBe(400);
    expect(await ask({ client_id: 'b', client_secret: 'b' })).toBe(400);
    provider.advance(60_000);
    expect(await ask({})).toBe(400);
  });
});

describe('earlier access tokens', () => {
  const long: Behaviour = { lifetimeMs: 3_600_000 };

  test('stay good by default', async () => {
    const provider = await openProvider({ api: THINGS_API, behaviour: long });
    const first = await signIn(provider);
    await refresh(provider, first.refresh);
    await signIn(provider);
    expect(await callApi(provider, first.access)).toBe(200);
  });

  test('end with the next grant where only one may be active, of this account alone', async () => {
    const provider = await openProvider({ api: THINGS_API, behaviour: { ...long, singleActive: true } });
    const machine = tokensOf(await requestToken(provider, CLIENT_GRANT));
    const first = await signIn(provider);
    const second = await refresh(provider, first.refresh);
    expect(await callApi(provider, first.access)).toBe(401);
    const third = await signIn(provider);
    expect(await callApi(provider, second.access)).toBe(401);
    expect(await callApi(provider, third.access)).toBe(200);
    expect(await callApi(provider, machine.access)).toBe(200);
  });

  test('end with the refresh token that they came with, where companions are revoked', async () => {
    const provider = await openProvider({ api: THINGS_API, behaviour: { ...long, companionRevoke: true } });
    const other = await signIn(provider);
    const first = await signIn(provider);
    const second = await refresh(provider, first.refresh);
    expect(await callApi(provider, first.access)).toBe(401);
    expect(await callApi(provider, second.access)).toBe(200);
    expect(await callApi(provider, other.access)).toBe(200);
  });

  test('come again, with the lifetime that is left, where the provider keeps one token until it expires', async () => {
    const provider = await openProvider({ behaviour: { lifetimeMs: 60_000, sameToken: true } });
    const first = await requestToken(provider, PASSWORD_GRANT);
    provider.advance(20_000);
    const second = await requestToken(provider, PASSWORD_GRANT);
    expect(second.fields['access_token']).toBe(first.fields['access_token']);
    expect(second.fields['expires_in']).toBe(40);
    const third = await tryRefresh(provider, String(second.fields['refresh_token']));
    expect(third.fields['access_token']).toBe(first.fields['access_token']);
    provider.advance(40_001);
    expect((await requestToken(provider, PASSWORD_GRANT)).fields['access_token']).not.toBe(
      first.fields['access_token'],
    );
  });

  test('are counted where sessions are limited, until they are revoked', async () => {
    const provider = await openProvider({ api: THINGS_API, behaviour: { ...long, maxSessions: 2 } });
    const first = await signIn(provider);
    await signIn(provider);
    expect((await requestToken(provider, PASSWORD_GRANT)).fields).toMatchObject({
      error_description: 'Too many sessions.',
    });
    const revoked = await fetch(provider.revocationUrl, {
      method: 'POST',
      body: new URLSearchParams({ token: first.access }),
    });
    expect(revoked.status).toBe(200);
    expect(await callApi(provider, first.access)).toBe(401);
    expect((await requestToken(provider, PASSWORD_GRANT)).status).toBe(200);
    expect(provider.counters().revocations).toBe(1);
  });

  test('can all be ended at once, and refresh tokens stay', async () => {
    const provider = await openProvider({ api: THINGS_API, behaviour: long });
    const [first, second] = [await signIn(provider), await signIn(provider)];
    expect(provider.revoke()).toBe(2);
    expect([await callApi(provider, first.access), await callApi(provider, second.access)]).toEqual([401, 401]);
    expect((await tryRefresh(provider, first.refresh)).status).toBe(200);
  });
});
