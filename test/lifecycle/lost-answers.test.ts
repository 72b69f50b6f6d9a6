/** The authorization server has done its part of a refresh, and what arrives says little of it. */
import { describe, expect, test } from 'vitest';
import type { Fault } from '../../src/demo/fault.ts';
import type { ProviderBehaviour } from '../../src/demo/provider-behaviour.ts';
import { readyExchange } from '../../src/exchange/ready-exchanges.ts';
import { LIMITS, PASSWORD, runScripted } from '../exchange/support/exchange-runs.ts';
import { failureOf, openTokenEndpoint, shownOf, tokenOf } from './support/token-endpoint.ts';

const STRICT: Partial<ProviderBehaviour> = { rotation: 'rotate-revoke-family' };

describe('test 53: a refresh whose answer was lost behind the rotation is in doubt', () => {
  test.each<readonly [what: string, fault: Fault, told: object]>([
    ['502', { name: 'status', status: 502, processed: true }, { error: 'http_502', status: 502 }],
    ['504', { name: 'status', status: 504, processed: true }, { error: 'http_504', status: 504 }],
    [
      '502 with a page',
      { name: 'html', status: 502, processed: true },
      { error: 'http_502', contentType: 'text/html' },
    ],
    [
      '200, connection cut in the body',
      { name: 'truncated' },
      { error: 'reset', status: 200, contentType: 'application/json' },
    ],
    [
      '200 with half of the body',
      { name: 'half' },
      { error: 'not_json', status: 200, contentType: 'application/json' },
    ],
    [
      '200 with a page by a proxy',
      { name: 'html', processed: true },
      { error: 'not_json', status: 200, contentType: 'text/html' },
    ],
    ['200 without a body', { name: 'empty', processed: true }, { error: 'not_json', status: 200 }],
    ['a reset', { name: 'answer-lost' }, { error: 'reset' }],
    ['an orderly end of the connection', { name: 'closed' }, { error: 'reset' }],
    ['nothing in time', { name: 'drip' }, { error: 'timeout', status: 200, contentType: 'application/json' }],
    ['a bare 400', { name: 'status', status: 400, processed: true }, { error: 'http_400', status: 400 }],
  ])('test 53: %s', async (_what, fault, told) => {
    const { provider, signIn, refresh } = await openTokenEndpoint({ behaviour: STRICT });
    const { refresh_token = '' } = tokenOf(await signIn());
    provider.script({ ...fault, grant: 'refresh_token' });
    const failure = failureOf(await refresh(refresh_token, { limits: { ...LIMITS, totalMs: 300 } }));
    expect(failure).toMatchObject({ class: 'in_doubt', sent: true, step: 'refresh', ...told });
    expect(failure).not.toHaveProperty('refresh_token');
    expect(shownOf(failure)).not.toMatch(/[ar]t_\w/);
    // That it had been spent is what the doubt is about.
    expect(failureOf(await refresh(refresh_token))).toMatchObject({ class: 'refresh_token', error: 'invalid_grant' });
    expect(provider.counters()).toMatchObject({ replays: 1, familiesRevoked: 1 });
  });

  test.each<readonly [what: string, fault: Fault, failureClass: string, error: string]>([
    ['a 429', { name: 'status', status: 429 }, 'transient', 'http_429'],
    [
      'an OAuth error',
      { name: 'error', error: 'temporarily_unavailable', status: 503 },
      'transient',
      'temporarily_unavailable',
    ],
    ['a refusal', { name: 'invalid_grant' }, 'refresh_token', 'invalid_grant'],
    ['a redirect', { name: 'redirect' }, 'configuration', 'redirect'],
    ['a proxy that wants credentials', { name: 'status', status: 407 }, 'configuration', 'http_407'],
  ])('test 53: not so with %s, which says that nothing was spent', async (_what, fault, failureClass, error) => {
    const { provider, signIn, refresh } = await openTokenEndpoint({ behaviour: STRICT });
    const { refresh_token = '' } = tokenOf(await signIn());
    provider.script(fault);
    expect(failureOf(await refresh(refresh_token))).toMatchObject({ class: failureClass, error });
    expect((await refresh(refresh_token)).ok).toBe(true);
  });

  test('test 53: nor with a connection that never stood', async () => {
    const { provider, signIn, refresh } = await openTokenEndpoint({ behaviour: STRICT });
    const { refresh_token = '' } = tokenOf(await signIn());
    await provider.goOffline();
    expect(failureOf(await refresh(refresh_token))).toMatchObject({
      class: 'transient',
      error: 'connect',
      sent: false,
    });
    await provider.goOnline();
    expect((await refresh(refresh_token)).ok).toBe(true);
  });
});

describe('test 54: a new refresh token without a usable access token is kept, and the error says what to fix', () => {
  test.each<readonly [what: string, behaviour: Partial<ProviderBehaviour>, error: string, advice: RegExp]>([
    [
      'no access token',
      { omitFields: ['access_token'] },
      'no_token',
      /no value for the access token at \/access_token/,
    ],
    [
      'one at another place',
      { omitFields: ['access_token'], fields: { jwt: 'x' } },
      'no_token',
      /Perhaps it is at \/jwt\./,
    ],
    ['a line break in it', { fields: { access_token: 'a\nb' } }, 'token_invalid', /line break/],
    [
      'a type that needs a proof',
      { fields: { token_type: 'DPoP' } },
      'token_invalid',
      /Ask the provider for bearer tokens/,
    ],
    ['one that is too long', { fields: { access_token: 'x'.repeat(16_385) } }, 'token_invalid', /limit of 16384/],
    ['an empty one', { fields: { access_token: '' } }, 'no_token', /no value for the access token/],
  ])('test 54: %s', async (_what, behaviour, error, advice) => {
    const { provider, signIn, refresh } = await openTokenEndpoint({ behaviour: STRICT });
    const { refresh_token: first = '' } = tokenOf(await signIn());
    provider.configure(behaviour);
    const failure = failureOf(await refresh(first));
    expect(failure).toMatchObject({ class: 'configuration', error, status: 200, contentType: 'application/json' });
    expect(failure.message).toMatch(advice);
    expect(shownOf(failure)).not.toMatch(/[ar]t_\w/);
    expect(failure.refresh_token).toMatch(/^rt_/);
    expect(failure.refresh_token).not.toBe(first);
    provider.configure({ omitFields: [], fields: {} });
    expect((await refresh(failure.refresh_token ?? '')).ok, 'the next refresh uses it').toBe(true);
    expect(provider.counters().replays).toBe(0);
  });

  test.each<readonly [what: string, body: object, refreshToken: string | undefined]>([
    ['the same refresh token again', { token: 't', refresh_token: 'old-rt' }, 'old-rt'],
    ['no refresh token', { token: 't' }, undefined],
    ['an empty one', { token: 't', refresh_token: '' }, undefined],
  ])('test 54: with %s what was presented is in doubt', async (_what, body, refreshToken) => {
    const request = {
      exchange: readyExchange('password'),
      inputs: PASSWORD,
      phase: 'refresh',
      token: { refresh_token: 'old-rt' },
    } as const;
    const failure = failureOf((await runScripted(request, { body })).outcome);
    expect(failure).toMatchObject({ class: 'in_doubt', error: 'no_token' });
    expect(failure.refresh_token).toBe(refreshToken);
    expect(shownOf(failure)).not.toContain('old-rt');
  });

  test('test 54: also where the grant was a first one', async () => {
    const { provider, signIn, refresh } = await openTokenEndpoint({ behaviour: STRICT });
    provider.script({ name: 'no-access-token' });
    const failure = failureOf(await signIn());
    expect(failure).toMatchObject({ class: 'configuration', error: 'no_token' });
    expect((await refresh(failure.refresh_token ?? '')).ok).toBe(true);
  });
});
