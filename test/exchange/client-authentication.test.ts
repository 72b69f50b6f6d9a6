import { describe, expect, test } from 'vitest';
import { clientAuthenticationOf, formEncodeMinimally } from '../../src/exchange/client-authentication.ts';
import { formOf, runScripted, CLIENT, PASSWORD } from './support/exchange-runs.ts';
import { readyExchange } from '../../src/exchange/ready-exchanges.ts';

const basicOf = (
  inputs: Readonly<Record<string, string>>,
  name: 'client_secret_basic' | 'client_secret_basic_raw',
): string =>
  Buffer.from(
    clientAuthenticationOf(name, inputs)(inputs).headers?.['authorization']?.slice(6) ?? '',
    'base64',
  ).toString();

describe('F30 the id and the secret are form-encoded before base64, minimally', () => {
  test.each([
    // RFC 6749 Appendix B
    [' %&+£€', '+%25%26%2B%C2%A3%E2%82%AC'],
    ['my-app_v1.0~x*', 'my-app_v1.0~x*'],
    [':+/% é', '%3A%2B%2F%25+%C3%A9'],
    ["!'()", '%21%27%28%29'],
  ])('%j is written %j', (value, encoded) => {
    expect(formEncodeMinimally(value)).toBe(encoded);
    expect(new URLSearchParams(`v=${encoded}`).get('v')).toBe(value);
  });
});

describe('F31 the client proves itself by one method', () => {
  test('":" in client_id is encoded; raw it can not be told from the separator and is refused', () => {
    const inputs = { client_id: 'a:b', client_secret: 's' };
    expect(basicOf(inputs, 'client_secret_basic')).toBe('a%3Ab:s');
    expect(() => clientAuthenticationOf('client_secret_basic_raw', inputs)(inputs)).toThrow(/client_id with ":"/);
  });

  test('by basic no credential is in the body', async () => {
    const { requests } = await runScripted({}, { body: { access_token: 't' } });
    expect(formOf(requests[0])).toEqual({ grant_type: 'client_credentials' });
    expect(requests[0]?.headers['authorization']).toMatch(/^Basic /);
  });

  test('a secret among parameters beside basic is refused before anything is sent', async () => {
    const inputs = { ...CLIENT, parameters: { client_secret: 'twice' } };
    const { outcome, requests } = await runScripted({ inputs }, {});
    expect(requests).toEqual([]);
    expect(outcome).toMatchObject({
      ok: false,
      failure: { class: 'configuration', error: 'input_missing', sent: false },
    });
  });
});

describe('the method where none was chosen', () => {
  test.each([
    ['id and secret', { client_id: 'a', client_secret: 's' }, { headers: { authorization: `Basic ${btoa('a:s')}` } }],
    ['a public client', { client_id: 'a' }, { parameters: { client_id: 'a' } }],
    ['no client', {}, {}],
    ['an empty id', { client_id: '' }, {}],
  ])('%s', (_what, inputs, expected) => {
    expect(clientAuthenticationOf(undefined, inputs)(inputs)).toEqual(expected);
  });

  test('the password flow needs no client (RFC 6749 §4.3)', async () => {
    const { client_id: _id, client_secret: _secret, ...inputs } = PASSWORD;
    const { requests } = await runScripted(
      { exchange: readyExchange('password'), inputs },
      { body: { access_token: 't' } },
    );
    expect(formOf(requests[0])).toEqual({ grant_type: 'password', username: 'alice', password: 'wonderland-7' });
    expect(requests[0]?.headers).not.toHaveProperty('authorization');
  });

  test.each(['client_secret_basic', 'client_secret_basic_raw', 'client_secret_post'] as const)(
    '%s without a secret names what is missing',
    (name) => {
      expect(() => clientAuthenticationOf(name, { client_id: 'a' })({ client_id: 'a' })).toThrow(
        'client_secret is not set',
      );
    },
  );
});
