/** The shipped grants against oidc-provider, an authorization server that others wrote. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExchangeOutcome } from '../../src/exchange/exchange-outcome.ts';
import type { ExchangeRequest } from '../../src/exchange/exchange-request.ts';
import { readyExchange } from '../../src/exchange/ready-exchanges.ts';
import { runExchange } from '../../src/exchange/run-exchange.ts';
import { createHttpClient } from '../../src/io/http-client.ts';
import { createSystemClock } from '../../src/io/system-clock.ts';
import type { HttpClient } from '../../src/kernel/http-client.ts';
import { LIMITS, LOOPBACK } from '../exchange/support/exchange-runs.ts';
import { startRealProduct } from './product-under-test.ts';
import { startOidcServer, type OidcClient, type OidcServer } from './oidc-provider-server.ts';

/** oidc-provider form-decodes Basic credentials as RFC 6749 §2.3.1 wants: these differ from themselves encoded. */
const SECRET = 'secret with :+/% and -_.~*';
const CLIENTS: readonly OidcClient[] = [
  {
    client_id: 'basic',
    client_secret: 'basic-client-secret',
    token_endpoint_auth_method: 'client_secret_basic',
    scope: 'openid offline_access read',
  },
  { client_id: 'odd:id +1', client_secret: SECRET, token_endpoint_auth_method: 'client_secret_basic' },
  { client_id: 'post', client_secret: SECRET, token_endpoint_auth_method: 'client_secret_post' },
  { client_id: 'public', token_endpoint_auth_method: 'none' },
];

let server: OidcServer;
let http: HttpClient;
beforeAll(async () => {
  server = await startOidcServer(CLIENTS);
  http = createHttpClient();
});
afterAll(async () => {
  await http.close();
  await server.close();
});

const run = (
  id: string,
  clientId: string,
  { inputs, ...more }: Partial<ExchangeRequest> = {},
): Promise<ExchangeOutcome> => {
  const { client_secret } = CLIENTS.find(({ client_id }) => client_id === clientId) ?? {};
  return runExchange(
    {
      exchange: readyExchange(id),
      phase: 'acquire',
      inputs: {
        client_id: clientId,
        token_url: server.tokenUrl,
        ...(client_secret === undefined ? {} : { client_secret }),
        ...inputs,
      },
      destination: LOOPBACK,
      limits: LIMITS,
      ...more,
    },
    { http, clock: createSystemClock() },
  );
};

describe('client credentials', () => {
  test.each([
    ['basic', undefined],
    ['odd:id +1', undefined],
    ['post', 'client_secret_post'],
  ] as const)('as client %s', async (clientId, clientAuth) => {
    const outcome = await run('client_credentials', clientId, {
      inputs: { scope: 'read' },
      ...(clientAuth === undefined ? {} : { clientAuth }),
    });
    expect(outcome).toMatchObject({
      ok: true,
      status: 200,
      token: { token_type: 'Bearer', scope: 'read', lifetime: { source: 'expires_in', ms: 60_000 } },
    });
  });

  test.each([
    ['a wrong secret', { client_secret: 'wrong-secret-0' }, 'configuration', 'invalid_client'],
    ['a scope that this client may not have', { scope: 'write' }, 'configuration', 'invalid_scope'],
    ['a client that does not exist', { client_id: 'nobody' }, 'configuration', 'invalid_client'],
  ] as const)('%s', async (_what, inputs, failureClass, error) => {
    const outcome = await run('client_credentials', 'basic', { inputs });
    expect(outcome).toMatchObject({ ok: false, failure: { class: failureClass, error, sent: true } });
    expect(JSON.stringify(outcome)).not.toMatch(/wrong-secret-0|basic-client-secret/);
  });
});

describe('refresh with rotation', () => {
  test.each(['basic', 'odd:id +1', 'public'])('as client %s: each use brings a successor', async (clientId) => {
    let refreshToken = await server.mintRefreshToken(clientId);
    for (let use = 0; use < 3; use += 1) {
      const outcome = await run('refresh_token', clientId, {
        phase: 'refresh',
        token: { refresh_token: refreshToken },
      });
      if (!outcome.ok) throw new Error(outcome.failure.message);
      expect(outcome.token.refresh_token).toBeTypeOf('string');
      expect(outcome.token.refresh_token).not.toBe(refreshToken);
      refreshToken = outcome.token.refresh_token ?? '';
    }
  });

  test('a refresh token that was used before is dead, and its successor with it', async () => {
    const first = await server.mintRefreshToken('basic');
    const refresh = (refresh_token: string): Promise<ExchangeOutcome> =>
      run('refresh_token', 'basic', { phase: 'refresh', token: { refresh_token } });
    const outcome = await refresh(first);
    const successor = outcome.ok ? outcome.token.refresh_token : undefined;
    expect(await refresh(first)).toMatchObject({
      ok: false,
      failure: { class: 'refresh_token', error: 'invalid_grant', status: 400 },
    });
    expect(await refresh(successor ?? '')).toMatchObject({
      ok: false,
      failure: { class: 'refresh_token', error: 'invalid_grant' },
    });
  });
});

test('a whole Everbearer lives on a refresh token that a person gave, and keeps each successor', async () => {
  const product = await startRealProduct(server.tokenUrl.replace(/token$/, 'me'), server.tokenUrl, {
    client_id: 'basic',
    client_secret: 'basic-client-secret',
    flow: 'password',
  });
  const [one, other] = product.workers;
  try {
    await one.tokens.set({ integration: 'realm' }, { refresh_token: await server.mintRefreshToken('basic') });
    for (const worker of [one, other, one]) {
      expect(await worker.tasks.run({ integration: 'realm', operationId: 'whoAmI' })).toMatchObject({
        ok: true,
        body: { sub: 'alice' },
      });
      await worker.tokens.refresh({ integration: 'realm' });
    }
    const { items } = await one.events.list({ order: 'oldest' });
    const refreshed = items.filter(({ type }) => type === 'token_refreshed');
    expect(refreshed.map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok', 'ok']);
  } finally {
    await product.dispose();
  }
});
