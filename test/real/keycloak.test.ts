/** The shipped grants against Keycloak: 5 s tokens, rotating refresh tokens, a reuse revokes the session. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExchangedToken, ExchangeOutcome } from '../../src/exchange/exchange-outcome.ts';
import type { ExchangeRequest } from '../../src/exchange/exchange-request.ts';
import { readyExchange } from '../../src/exchange/ready-exchanges.ts';
import { runExchange } from '../../src/exchange/run-exchange.ts';
import { createHttpClient } from '../../src/io/http-client.ts';
import { createSystemClock } from '../../src/io/system-clock.ts';
import { jwtPayload } from '../../src/kernel/jwt-payload.ts';
import { LIMITS, LOOPBACK } from '../exchange/support/exchange-runs.ts';
import { startRealProduct } from './product-under-test.ts';
import { findKeycloak, startKeycloak, type KeycloakServer } from './keycloak-server.ts';

const found = await findKeycloak();
if (found.home === undefined) {
  console.warn(`\nSKIPPED: the tests against Keycloak. ${found.reason}.\n`);
  if (process.env['CI'] !== undefined && found.why === 'missing') throw new Error(found.reason);
}

describe.skipIf(found.home === undefined)('Keycloak', () => {
  const http = createHttpClient();
  let server: KeycloakServer;
  beforeAll(async () => {
    server = await startKeycloak(found.home ?? '');
  });
  afterAll(async () => {
    await http.close();
    // Undefined where it did not come up.
    await (server as KeycloakServer | undefined)?.close();
  });

  const run = (id: string, { inputs, ...more }: Partial<ExchangeRequest> = {}): Promise<ExchangeOutcome> =>
    runExchange(
      {
        exchange: readyExchange(id),
        phase: 'acquire',
        inputs: {
          client_id: 'everbearer',
          client_secret: 'everbearer-secret',
          username: 'alice',
          password: 'alice-password',
          token_url: server.tokenUrl,
          ...inputs,
        },
        destination: LOOPBACK,
        limits: { ...LIMITS, totalMs: 20_000 },
        ...more,
      },
      { http, clock: createSystemClock() },
    );

  const refresh = (refresh_token: string | undefined): Promise<ExchangeOutcome> =>
    run('password', { phase: 'refresh', token: refresh_token === undefined ? {} : { refresh_token } });

  const tokenOf = (outcome: ExchangeOutcome): ExchangedToken => {
    if (!outcome.ok) throw new Error(outcome.failure.message);
    return outcome.token;
  };

  test.each([undefined, 'client_secret_post'] as const)('password, client_auth %s', async (clientAuth) => {
    const token = tokenOf(await run('password', clientAuth === undefined ? {} : { clientAuth }));
    expect(token).toMatchObject({
      token_type: 'Bearer',
      lifetime: { source: 'expires_in' },
      refresh_token: expect.any(String),
    });
    // Keycloak rounds down: 4 is possible.
    expect([4_000, 5_000]).toContain(token.lifetime.ms);
    expect(token.refresh_expires_in_ms).toBeGreaterThan(60_000);
    expect(jwtPayload(token.access_token)).toMatchObject({ aud: 'everbearer' });
  });

  test('client credentials bring no refresh token', async () => {
    const token = tokenOf(await run('client_credentials'));
    expect(token.refresh_token).toBeUndefined();
    expect([4_000, 5_000]).toContain(token.lifetime.ms);
  });

  test('each refresh brings a successor', async () => {
    const first = tokenOf(await run('password'));
    const second = tokenOf(await refresh(first.refresh_token));
    const third = tokenOf(await refresh(second.refresh_token));
    expect(new Set([first, second, third].map(({ refresh_token }) => refresh_token)).size).toBe(3);
    expect(new Set([first, second, third].map(({ access_token }) => access_token)).size).toBe(3);
  });

  test('a refresh token that was used before is dead, and its successor with it', async () => {
    const first = tokenOf(await run('password'));
    const second = tokenOf(await refresh(first.refresh_token));
    const dead = { ok: false, failure: { class: 'refresh_token', error: 'invalid_grant', status: 400, sent: true } };
    expect(await refresh(first.refresh_token)).toMatchObject(dead);
    expect(await refresh(second.refresh_token)).toMatchObject(dead);
  });

  test.each([
    ['a wrong password', 'password', { password: 'wrong-password' }, 400, 'credentials', 'invalid_grant'],
    [
      'a wrong client secret beside a password',
      'password',
      { client_secret: 'wrong-secret' },
      401,
      'credentials',
      'unauthorized_client',
    ],
    [
      'a wrong client secret',
      'client_credentials',
      { client_secret: 'wrong-secret' },
      401,
      'configuration',
      'unauthorized_client',
    ],
    [
      'a client that does not exist',
      'client_credentials',
      { client_id: 'nobody' },
      401,
      'configuration',
      'invalid_client',
    ],
    [
      'a scope that does not exist',
      'client_credentials',
      { scope: 'no-such-scope' },
      400,
      'configuration',
      'invalid_scope',
    ],
  ] as const)('%s', async (_what, id, inputs, status, failureClass, error) => {
    const outcome = await run(id, { inputs });
    expect(outcome).toMatchObject({ ok: false, failure: { class: failureClass, error, status } });
    expect(JSON.stringify(outcome)).not.toMatch(/wrong-password|wrong-secret|alice-password|everbearer-secret/);
  });

  test('a whole Everbearer, two workers: 5 s tokens expire under their tasks, none fails, no refresh token is used twice', async () => {
    const product = await startRealProduct(server.tokenUrl.replace(/token$/, 'userinfo'), server.tokenUrl, {
      flow: 'password',
      client_id: 'everbearer',
      client_secret: 'everbearer-secret',
      username: 'alice',
      password: 'alice-password',
      scope: 'openid',
    });
    try {
      const statuses = new Map<unknown, number>();
      const until = performance.now() + 13_000;
      while (performance.now() < until) {
        const responses = await Promise.all(
          product.workers.map((worker) => worker.tasks.run({ integration: 'realm', operationId: 'whoAmI' })),
        );
        for (const response of responses) {
          const outcome = 'status' in response ? response.status : response.error;
          statuses.set(outcome, (statuses.get(outcome) ?? 0) + 1);
        }
      }
      expect([...statuses.keys()]).toEqual([200]);
      const { items } = await product.workers[0].events.list({ order: 'oldest' });
      const grants = items.filter(({ type }) => type.startsWith('token_')).map(({ details }) => details?.['grant']);
      expect(grants[0]).toBe('password');
      expect(grants.length).toBeGreaterThanOrEqual(3);
      expect(new Set(grants.slice(1))).toEqual(new Set(['refresh_token']));
    } finally {
      await product.dispose();
    }
  });
});
