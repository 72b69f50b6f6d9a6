/** A login of two steps that breaks in the middle: nothing is extracted, and what the first step opened is closed (F67). */
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Fault } from '../../src/demo/fault.ts';
import { DEFAULT_USER } from '../../src/demo/provider-behaviour.ts';
import { startProvider, type Provider, type ProviderOptions } from '../../src/demo/provider.ts';
import { fingerprint } from '../../src/demo/request-log.ts';
import type { ExchangeOutcome } from '../../src/exchange/exchange-outcome.ts';
import type { ExchangeRequest } from '../../src/exchange/exchange-request.ts';
import { parseExchange } from '../../src/exchange/parse-exchange.ts';
import { runExchange } from '../../src/exchange/run-exchange.ts';
import { createHttpClient } from '../../src/io/http-client.ts';
import { createSystemClock } from '../../src/io/system-clock.ts';
import { LIMITS, LOOPBACK } from '../exchange/support/exchange-runs.ts';
import { failureOf, shownOf, tokenOf } from './support/token-endpoint.ts';

const EXCHANGE = parseExchange({
  id: 'two_steps',
  title: 'Two steps',
  inputs: [
    { name: 'base_url', required: true },
    { name: 'username', required: true },
    { name: 'password', secret: true, required: true },
  ],
  acquire: [
    {
      name: 'login',
      url: '{{ inputs.base_url }}/-/login',
      json: { username: '{{ inputs.username }}', password: '{{ inputs.password }}' },
      outputs: { session: { pointer: '/session' } },
    },
    {
      name: 'token',
      url: '{{ inputs.base_url }}/-/session-token',
      headers: { 'X-Session': '{{ steps.login.session }}' },
    },
  ],
  refresh: null,
  end: [
    { name: 'logout', url: '{{ inputs.base_url }}/-/logout', headers: { 'X-Session': '{{ token.extra.session }}' } },
  ],
  extract: { access_token: { from: 'token', pointer: '/token' }, session: { from: 'login', pointer: '/session' } },
  apply: [{ in: 'header', name: 'Authorization', value: 'Bearer {{ token.access_token }}' }],
});

async function openLogin(options: Partial<ProviderOptions> = {}): Promise<{
  readonly provider: Provider;
  readonly signIn: (more?: Partial<ExchangeRequest>) => Promise<ExchangeOutcome>;
}> {
  const clock = createSystemClock();
  const provider = await startProvider({ clock, ...options });
  const http = createHttpClient();
  onTestFinished(async () => {
    await http.close();
    await provider.close();
  });
  const inputs = { ...DEFAULT_USER, base_url: provider.origin };
  const request = { exchange: EXCHANGE, phase: 'acquire', inputs, destination: LOOPBACK, limits: LIMITS } as const;
  return { provider, signIn: (more) => runExchange({ ...request, ...more }, { http, clock }) };
}

describe('test 52: the second step fails: nothing is extracted, the session of the first is closed, the class is right', () => {
  test.each<readonly [how: string, fault: Fault, failure: object]>([
    ['is not available', { name: 'status', status: 503 }, { class: 'transient', error: 'http_503', status: 503 }],
    ['is refused', { name: 'status', status: 403 }, { class: 'credentials', error: 'http_403', status: 403 }],
    ['is not there', { name: 'status', status: 404 }, { class: 'configuration', error: 'http_404', status: 404 }],
    ['times out', { name: 'never' }, { class: 'transient', error: 'timeout', sent: true }],
    ['drips', { name: 'drip' }, { class: 'transient', error: 'timeout', status: 200 }],
    ['breaks off', { name: 'reset' }, { class: 'transient', error: 'reset', sent: true }],
    ['gives a page', { name: 'html' }, { class: 'transient', error: 'not_json', contentType: 'text/html' }],
    ['gives no token', { name: 'answer', body: '{"other":1}' }, { class: 'configuration', error: 'no_token' }],
    ['redirects', { name: 'redirect' }, { class: 'configuration', error: 'redirect' }],
  ])('test 52: it %s', async (_how, fault, expected) => {
    const { provider, signIn } = await openLogin();
    provider.script({ ...fault, at: 'session_token' });
    const failure = failureOf(await signIn({ limits: { ...LIMITS, totalMs: 300 } }));
    expect(failure).toMatchObject({ step: 'token', ...expected });
    expect(shownOf(failure)).not.toMatch(/at_\w/);
    const [login] = provider.log();
    expect(login).toMatchObject({ grant: 'login', outcome: 'issued' });
    expect(provider.ended()).toEqual([login?.access_token]);
    expect(tokenOf(await signIn()).access_token, 'the next sign-in starts anew').toMatch(/^at_/);
  });

  test('test 52: it is not begun any more', async () => {
    const { provider, signIn } = await openLogin();
    let steps = 0;
    const failure = failureOf(await signIn({ mayStart: () => (steps += 1) === 1 }));
    expect(failure).toMatchObject({ class: 'transient', error: 'aborted', step: 'token', sent: true });
    expect(provider.log().map(({ grant }) => grant)).toEqual(['login']);
    expect(provider.ended()).toHaveLength(1);
  });

  test('test 52: the log-out fails too: the failure of the step is what is told', async () => {
    const { provider, signIn } = await openLogin();
    provider.script({ name: 'status', status: 503, at: 'session_token' }, { name: 'reset', at: 'logout' });
    expect(failureOf(await signIn())).toMatchObject({ step: 'token', error: 'http_503' });
  });

  test('test 52: the log-out hangs: the failure does not wait for it as long as for a token', async () => {
    const { provider, signIn } = await openLogin();
    provider.script({ name: 'status', status: 503, at: 'session_token' }, { name: 'never', at: 'logout' });
    const started = performance.now();
    const limits = { ...LIMITS, connectMs: 60_000, totalMs: 60_000 };
    expect(failureOf(await signIn({ limits }))).toMatchObject({ step: 'token', error: 'http_503' });
    expect(performance.now() - started).toBeLessThan(12_000);
  });

  test('test 52: the first fails: nothing was opened, nothing is closed', async () => {
    const { provider, signIn } = await openLogin();
    provider.script({ name: 'status', status: 401, at: 'login' });
    expect(failureOf(await signIn())).toMatchObject({ class: 'credentials', error: 'http_401', step: 'login' });
    expect([provider.log().length, provider.ended().length]).toEqual([1, 0]);
  });

  test('test 52: both succeed: nothing is closed', async () => {
    const { provider, signIn } = await openLogin();
    const token = tokenOf(await signIn());
    expect(provider.log().map(({ access_token }) => access_token)).toEqual(
      [token.extra['session'] ?? '', token.access_token].map(fingerprint),
    );
    expect(provider.ended()).toEqual([]);
  });

  test('test 52: a provider that allows one session at a time is never locked up by failures', async () => {
    const { provider, signIn } = await openLogin({ behaviour: { maxSessions: 1, lifetimeMs: 3_600_000 } });
    provider.script({ name: 'status', status: 503, at: 'session_token', times: 5 });
    for (let count = 0; count < 5; count += 1) expect((await signIn()).ok).toBe(false);
    expect((await signIn()).ok).toBe(true);
    expect(provider.counters()).toMatchObject({ mostSessions: 1, refused: 0 });
  });
});
