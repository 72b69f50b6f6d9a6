import { describe, expect, test } from 'vitest';
import { chooseFlow, schemeCredentials, type SchemeValues } from '../../src/integration/scheme-credentials.ts';
import type { OAuth2Scheme, OAuthFlow, SecurityScheme } from '../../src/openapi/security-scheme.ts';

const flow = (name: OAuthFlow['flow'], more: Partial<OAuthFlow> = {}): OAuthFlow => ({
  flow: name,
  token_url: 'https://as.example/token',
  token_url_source: 'document',
  refresh_url_source: 'missing',
  scopes: [],
  ...more,
});
const oauth = (...flows: readonly OAuthFlow[]): OAuth2Scheme => ({ name: 's', type: 'oauth2', flows });

describe('static credentials', () => {
  test.each<{ title: string; scheme: SecurityScheme; values: SchemeValues; expected: object }>([
    {
      title: 'an API key in a header',
      scheme: { name: 's', type: 'apiKey', in: 'header', parameter: 'X-Key' },
      values: { value: 'k' },
      expected: { headers: { 'X-Key': 'k' } },
    },
    {
      title: 'an API key in the query',
      scheme: { name: 's', type: 'apiKey', in: 'query', parameter: 'key' },
      values: { value: 'k' },
      expected: { query: { key: 'k' } },
    },
    {
      title: 'an API key in a cookie',
      scheme: { name: 's', type: 'apiKey', in: 'cookie', parameter: 'sid' },
      values: { value: 'k' },
      expected: { cookies: { sid: 'k' } },
    },
    {
      title: 'basic, in UTF-8 (RFC 7617 §2.1)',
      scheme: { name: 's', type: 'http', scheme: 'basic' },
      values: { username: 'test', password: '123£' },
      expected: { headers: { authorization: 'Basic dGVzdDoxMjPCow==' } },
    },
    {
      title: 'bearer as a string',
      scheme: { name: 's', type: 'http', scheme: 'bearer' },
      values: 'abc',
      expected: { headers: { authorization: 'Bearer abc' } },
    },
    {
      title: 'bearer as {token}',
      scheme: { name: 's', type: 'http', scheme: 'bearer' },
      values: { token: 'abc' },
      expected: { headers: { authorization: 'Bearer abc' } },
    },
    {
      title: 'basic without a password',
      scheme: { name: 's', type: 'http', scheme: 'basic' },
      values: { username: 'u' },
      expected: { kind: 'missing', missing: ['password'] },
    },
    {
      title: 'basic with an empty password, as API keys are often sent',
      scheme: { name: 's', type: 'http', scheme: 'basic' },
      values: { username: 'u', password: '' },
      expected: { headers: { authorization: 'Basic dTo=' } },
    },
    {
      title: 'digest',
      scheme: { name: 's', type: 'http', scheme: 'digest' },
      values: {},
      expected: { kind: 'unsupported' },
    },
  ])('$title', ({ scheme, values, expected }) => {
    expect(schemeCredentials(scheme, values)).toMatchObject(expected);
  });
});

describe('of two flows', () => {
  const both = oauth(flow('password'), flow('clientCredentials'));
  test.each<{ title: string; values: SchemeValues; expected: string }>([
    { title: 'the one given', values: { flow: 'password', client_id: 'c' }, expected: 'password' },
    {
      title: 'else the one whose inputs are complete',
      values: { client_id: 'c', username: 'u', password: 'p' },
      expected: 'password',
    },
    { title: 'else the other whose inputs are complete', values: { client_id: 'c' }, expected: 'clientCredentials' },
    { title: 'else clientCredentials', values: {}, expected: 'clientCredentials' },
  ])('$title', ({ values, expected }) => {
    expect(chooseFlow(both, values)?.flow).toBe(expected);
  });
});

describe('token credentials', () => {
  test('the defaults: client authentication as the exchange has it, no scope, the refresh token only where a refresh_url was given', () => {
    const made = schemeCredentials(oauth(flow('clientCredentials')), { client_id: 'c', client_secret: 's' });
    expect(made).toMatchObject({
      kind: 'token',
      missing: [],
      presentsRefreshToken: false,
    });
    expect(made).not.toHaveProperty('inputs.scope');
    expect(made).not.toHaveProperty('clientAuth');
  });

  test('a refresh_url of its own lets client credentials be refreshed', () => {
    const made = schemeCredentials(oauth(flow('clientCredentials', { refresh_url: 'https://as.example/refresh' })), {
      client_id: 'c',
    });
    expect(made).toMatchObject({ presentsRefreshToken: true });
  });

  test('the password flow may lack a client, and then sends none', () => {
    expect(schemeCredentials(oauth(flow('password')), { username: 'u', password: 'p' })).toMatchObject({
      missing: [],
    });
  });

  test('what the person gives wins over the document', () => {
    expect(
      schemeCredentials(oauth(flow('password')), { token_url: 'https://mine.example/t', username: 'u', password: 'p' }),
    ).toMatchObject({
      inputs: { token_url: 'https://mine.example/t' },
    });
  });

  test('a token_url whose variables are not filled is missing', () => {
    const incomplete = flow('clientCredentials', {
      token_url: 'https://{tenant}.example/token',
      token_url_source: 'incomplete',
    });
    expect(schemeCredentials(oauth(incomplete), { client_id: 'c' })).toMatchObject({ missing: ['token_url'] });
  });

  test('a list of scopes is joined by blanks', () => {
    expect(schemeCredentials(oauth(flow('clientCredentials')), { client_id: 'c', scope: ['a', 'b'] })).toMatchObject({
      inputs: { scope: 'a b' },
    });
  });

  test('the method that the document names is used where the person names none', () => {
    const post = flow('clientCredentials', { client_auth: 'client_secret_post' });
    expect(schemeCredentials(oauth(post), { client_id: 'c' })).toMatchObject({ clientAuth: 'client_secret_post' });
    expect(schemeCredentials(oauth(post), { client_id: 'c', client_auth: 'none' })).toMatchObject({
      clientAuth: 'none',
    });
  });

  test('a flow in which a person signs in lives on a token by hand, which is refreshed like any other', () => {
    const made = schemeCredentials(oauth(flow('authorizationCode')), { client_id: 'c', client_secret: 's' });
    expect(made).toMatchObject({
      kind: 'token',
      exchange: { id: 'refresh_token' },
      inputs: { token_url: 'https://as.example/token' },
      missing: ['token'],
      presentsRefreshToken: true,
    });
  });

  test('any scheme may have an exchange of its own', () => {
    const exchange = {
      id: 'mine',
      title: 'Mine',
      inputs: [{ name: 'code', secret: true, required: true }],
      acquire: [{ name: 'login', url: 'https://as.example/login', form: { code: '{{ inputs.code }}' } }],
      refresh: null,
      end: null,
      extract: { access_token: { pointer: '/token' } },
      apply: [{ in: 'header', name: 'X-Token', value: '{{ token.access_token }}' }],
    };
    const scheme: SecurityScheme = { name: 's', type: 'apiKey', in: 'header', parameter: 'X-Token' };
    expect(schemeCredentials(scheme, { exchange })).toMatchObject({
      kind: 'token',
      missing: ['code'],
      presentsRefreshToken: false,
    });
    expect(schemeCredentials(scheme, { exchange, code: 'x' })).toMatchObject({ missing: [] });
  });
});
