/** F30, F31: how an id and a secret with every awkward character reach servers that decode and servers that don't. */
import { describe, expect, test } from 'vitest';
import type { ProviderBehaviour } from '../../src/demo/provider-behaviour.ts';
import { clientAuthenticationOf } from '../../src/exchange/client-authentication.ts';
import type { ClientAuthName } from '../../src/exchange/exchange-request.ts';
import { CLIENT, formOf, runScripted } from '../exchange/support/exchange-runs.ts';
import { failureOf, openTokenEndpoint } from './support/token-endpoint.ts';

const AWKWARD = ':+/% é-_.~';

describe('test 36: client id and secret', () => {
  const plain = { client_id: 'my-app_v1.0~x', client_secret: 'correct-horse_battery.staple~' };
  const odd = { client_id: `id${AWKWARD}`, client_secret: `secret${AWKWARD}` };
  const oddSecret = { client_id: 'my-app', client_secret: AWKWARD };
  const percent = { client_id: 'my-app', client_secret: '100%41' };

  test.each<
    readonly [
      method: ClientAuthName,
      reading: ProviderBehaviour['basic'],
      client: typeof plain,
      outcome: 'token' | 'invalid_client',
    ]
  >([
    ['client_secret_basic', 'encoded', odd, 'token'],
    ['client_secret_basic', 'encoded', oddSecret, 'token'],
    ['client_secret_basic', 'encoded', percent, 'token'],
    // What most clients are called reaches both kinds of server.
    ['client_secret_basic', 'encoded', plain, 'token'],
    ['client_secret_basic', 'raw', plain, 'token'],
    ['client_secret_basic', 'raw', oddSecret, 'invalid_client'],
    ['client_secret_basic_raw', 'raw', oddSecret, 'token'],
    ['client_secret_basic_raw', 'raw', percent, 'token'],
    ['client_secret_basic_raw', 'raw', plain, 'token'],
    ['client_secret_basic_raw', 'encoded', percent, 'invalid_client'],
    ['client_secret_post', 'encoded', odd, 'token'],
    ['client_secret_post', 'raw', odd, 'token'],
    ['client_secret_post', 'raw', percent, 'token'],
  ])(
    'test 36: by %s at a server that reads Basic %s: %j is answered with %s',
    async (method, basic, client, expected) => {
      const { provider, inputs, asClient } = await openTokenEndpoint({ clients: [client], behaviour: { basic } });
      const outcome = await asClient({ inputs: { ...inputs, ...client }, clientAuth: method });
      if (expected === 'token') expect(outcome.ok).toBe(true);
      else {
        const failure = failureOf(outcome);
        expect(failure).toMatchObject({ class: 'configuration', error: 'invalid_client', status: 401 });
        expect(failure.message).toMatch(/Check client_id, client_secret and client_auth/);
      }
      expect(provider.counters().tokenRequests, 'no second method is tried (F32)').toBe(1);
    },
  );

  test('test 36: the published vector (RFC 6749 §2.3.1, AppAuth-Android 337)', () => {
    const inputs = { client_id: '1PpG/Q 1', client_secret: 'z/tZ9VwFZqApmIQ+ZH1I5pLk/uB4ud:X2/8bL+wfFTt1rFw=' };
    expect(clientAuthenticationOf('client_secret_basic', inputs)(inputs)).toEqual({
      headers: {
        authorization:
          'Basic MVBwRyUyRlErMTp6JTJGdFo5VndGWnFBcG1JUSUyQlpIMUk1cExrJTJGdUI0dWQlM0FYMiUyRjhiTCUyQndmRlR0MXJGdyUzRA==',
      },
    });
  });

  test.each<readonly [method: 'client_secret_basic' | 'client_secret_basic_raw', id: string, sent: string]>([
    ['client_secret_basic', 'my-app', `my-app:%3A%2B%2F%25+%C3%A9-_.~`],
    ['client_secret_basic', 'a:b', `a%3Ab:%3A%2B%2F%25+%C3%A9-_.~`],
    ['client_secret_basic_raw', 'a b', `a b:${AWKWARD}`],
  ])('test 36: %s of %j is %j in base64', (method, client_id, sent) => {
    const inputs = { client_id, client_secret: AWKWARD };
    const { authorization = '' } = clientAuthenticationOf(method, inputs)(inputs).headers ?? {};
    expect(Buffer.from(authorization.slice('Basic '.length), 'base64').toString()).toBe(sent);
  });

  test('test 36: ":" in the id cannot be told from the separator raw, and is refused before anything is sent', async () => {
    const { provider, inputs, asClient } = await openTokenEndpoint({ clients: [odd], behaviour: { basic: 'raw' } });
    const outcome = await asClient({ inputs: { ...inputs, ...odd }, clientAuth: 'client_secret_basic_raw' });
    const failure = failureOf(outcome);
    expect(failure).toMatchObject({ class: 'configuration', sent: false });
    expect(failure.message).toMatch(/Set client_auth to client_secret_basic or client_secret_post/);
    expect(provider.counters().tokenRequests).toBe(0);
  });

  test('test 36: by post everything is in the body, form-encoded, nothing in a header or the URL', async () => {
    const inputs = { ...CLIENT, client_id: 'a b', client_secret: AWKWARD };
    const { requests } = await runScripted(
      { inputs, clientAuth: 'client_secret_post' },
      { body: { access_token: 't' } },
    );
    expect(formOf(requests[0])).toEqual({
      grant_type: 'client_credentials',
      client_id: 'a b',
      client_secret: AWKWARD,
    });
    expect(requests[0]?.body).toContain('client_secret=%3A%2B%2F%25+%C3%A9-_.%7E');
    expect(requests[0]?.headers).not.toHaveProperty('authorization');
    expect(requests[0]?.url).toBe(CLIENT.token_url);
  });
});
