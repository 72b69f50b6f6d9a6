/** What a no of the token endpoint means, however it is said. */
import { describe, expect, test } from 'vitest';
import type { ExchangeFailure } from '../../src/exchange/exchange-outcome.ts';
import type { ExchangeRequest } from '../../src/exchange/exchange-request.ts';
import { readyExchange } from '../../src/exchange/ready-exchanges.ts';
import { retryAfterMs } from '../../src/exchange/retry-after.ts';
import { NOW, PASSWORD, runScripted } from '../exchange/support/exchange-runs.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';
import { failureOf, openTokenEndpoint, tokenOf } from './support/token-endpoint.ts';

type Class = ExchangeFailure['class'];

const LOGIN: Partial<ExchangeRequest> = { exchange: readyExchange('password'), inputs: PASSWORD };
const REFRESH: Partial<ExchangeRequest> = { ...LOGIN, phase: 'refresh', token: { refresh_token: 'rt-0123456789' } };
const STATUSES = [400, 401, 403, 200];

describe('test 24: F33 an OAuth error has one class, whatever its status', () => {
  test.each(STATUSES)('test 24: invalid_client as %i, over the wire', async (status) => {
    const { provider, signIn, asClient, refresh } = await openTokenEndpoint();
    const token = tokenOf(await signIn());
    provider.script({ name: 'invalid_client', status, times: 3 });
    const shared = { error: 'invalid_client', status, contentType: 'application/json', sent: true };
    expect(failureOf(await asClient())).toMatchObject({ ...shared, class: 'configuration' });
    expect(failureOf(await signIn())).toMatchObject({ ...shared, class: 'credentials' });
    expect(failureOf(await refresh(token.refresh_token ?? ''))).toMatchObject({ ...shared, class: 'configuration' });
  });

  test.each<readonly [code: string, client: Class, login: Class, refresh: Class]>([
    ['invalid_client', 'configuration', 'credentials', 'configuration'],
    ['unauthorized_client', 'configuration', 'credentials', 'configuration'],
    ['invalid_grant', 'configuration', 'credentials', 'refresh_token'],
    ['access_denied', 'configuration', 'credentials', 'configuration'],
    ['unsupported_grant_type', 'configuration', 'configuration', 'configuration'],
    ['invalid_scope', 'configuration', 'configuration', 'configuration'],
    ['invalid_target', 'configuration', 'configuration', 'configuration'],
    ['invalid_request', 'configuration', 'configuration', 'configuration'],
    ['interaction_required', 'configuration', 'credentials', 'refresh_token'],
    ['temporarily_unavailable', 'transient', 'transient', 'transient'],
    ['server_error', 'transient', 'transient', 'transient'],
    ['some_code_of_theirs', 'configuration', 'credentials', 'refresh_token'],
  ])('test 24: %s: client %s, login %s, refresh %s', async (code, client, login, refresh) => {
    for (const status of STATUSES) {
      const answer = { status, body: { error: code } };
      const classOf = async (request: Partial<ExchangeRequest>): Promise<unknown> => {
        const failure = failureOf((await runScripted(request, answer)).outcome);
        expect(failure).toMatchObject({ error: code, status });
        return failure.class;
      };
      expect([await classOf({}), await classOf(LOGIN), await classOf(REFRESH)]).toEqual([client, login, refresh]);
    }
  });
});

describe('test 25: F37 Retry-After', () => {
  test.each<readonly [what: string, fault: object, expected: number | undefined]>([
    ['120', { retryAfter: 120 }, 120_000],
    ['an HTTP date', { retryAfterDateMs: 120_000 }, 120_000],
    ['absent', {}, undefined],
    ['10 d', { retryAfter: 864_000 }, 3_600_000],
    ['an HTTP date in 10 d', { retryAfterDateMs: 864_000_000 }, 3_600_000],
  ])('test 25: a 429 with %s', async (_what, fault, expected) => {
    // Its clock stands, far from ours: a date counts by its own.
    const { provider, signIn, refresh } = await openTokenEndpoint({ clock: createVirtualClock() });
    provider.script({ name: 'status', status: 429, times: 2, ...fault });
    for (const outcome of [await signIn(), await refresh('rt-0123456789')]) {
      expect(failureOf(outcome)).toMatchObject({ class: 'transient', error: 'http_429', status: 429 });
      expect(failureOf(outcome).retryAfterMs).toBe(expected);
    }
  });

  test.each([
    ['120', undefined, 120_000],
    ['0', undefined, 0],
    ['864000', undefined, 3_600_000],
    ['Fri, 02 Jan 2026 03:06:05 GMT', undefined, 120_000],
    ['Fri, 02 Jan 2026 03:06:05 GMT', 'Fri, 02 Jan 2026 03:05:05 GMT', 60_000],
    ['Fri, 02 Jan 2026 03:00:00 GMT', undefined, 0],
    ['Mon, 12 Jan 2026 03:04:05 GMT', undefined, 3_600_000],
    ['Friday, 02-Jan-26 03:06:05 GMT', undefined, 120_000],
    ['soon', undefined, undefined],
    ['-5', undefined, undefined],
    [undefined, undefined, undefined],
  ])('test 25: %s (Date %s) is %s ms', (value, date, expected) => {
    const headers = {
      ...(value === undefined ? {} : { 'retry-after': value }),
      ...(date === undefined ? {} : { date }),
    };
    expect(retryAfterMs(headers, NOW)).toBe(expected);
  });

  test('test 25: is told of a 503 too', async () => {
    const { provider, signIn } = await openTokenEndpoint();
    provider.script({ name: 'status', status: 503, retryAfter: 120 });
    expect(failureOf(await signIn())).toMatchObject({ class: 'transient', retryAfterMs: 120_000 });
  });
});
