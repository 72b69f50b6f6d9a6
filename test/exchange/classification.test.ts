import { describe, expect, test } from 'vitest';
import type { ExchangeFailure, ExchangeOutcome } from '../../src/exchange/exchange-outcome.ts';
import type { ExchangeRequest } from '../../src/exchange/exchange-request.ts';
import type { Exchange } from '../../src/exchange/exchange.ts';
import { readyExchange } from '../../src/exchange/ready-exchanges.ts';
import { runExchange } from '../../src/exchange/run-exchange.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';
import { CLIENT, NOW, PASSWORD, requestOf, runScripted, type ScriptedAnswer } from './support/exchange-runs.ts';

type Class = ExchangeFailure['class'];

const LOGIN: Partial<ExchangeRequest> = { exchange: readyExchange('password'), inputs: PASSWORD };
const REFRESH: Partial<ExchangeRequest> = { ...LOGIN, phase: 'refresh', token: { refresh_token: 'rt-0123456789' } };

const failureOf = (outcome: ExchangeOutcome): ExchangeFailure => {
  if (outcome.ok) throw new Error('it succeeded');
  return outcome.failure;
};
const failure = async (request: Partial<ExchangeRequest>, answer: ScriptedAnswer): Promise<ExchangeFailure> =>
  failureOf((await runScripted(request, answer)).outcome);

describe('without an OAuth error the status says it', () => {
  test.each<readonly [number, Class, Class, Class]>([
    [400, 'configuration', 'credentials', 'in_doubt'],
    [401, 'configuration', 'credentials', 'in_doubt'],
    [403, 'configuration', 'credentials', 'in_doubt'],
    [404, 'configuration', 'configuration', 'in_doubt'],
    [405, 'configuration', 'configuration', 'in_doubt'],
    [415, 'configuration', 'configuration', 'in_doubt'],
    [407, 'configuration', 'configuration', 'configuration'],
    [408, 'transient', 'transient', 'in_doubt'],
    [425, 'transient', 'transient', 'in_doubt'],
    [429, 'transient', 'transient', 'transient'],
    [500, 'transient', 'transient', 'in_doubt'],
    [502, 'transient', 'transient', 'in_doubt'],
    [503, 'transient', 'transient', 'in_doubt'],
    [504, 'transient', 'transient', 'in_doubt'],
    [302, 'configuration', 'configuration', 'configuration'],
  ])('%i: client %s, login %s, refresh %s', async (status, client, login, refresh) => {
    const answer = { status, body: '<html>no</html>' };
    expect((await failure({}, answer)).class).toBe(client);
    expect((await failure(LOGIN, answer)).class).toBe(login);
    expect((await failure(REFRESH, answer)).class).toBe(refresh);
  });

  test('a 5xx that carries an error object does not settle what became of the refresh token', async () => {
    const body = { error: 'server_error' };
    expect((await failure(REFRESH, { status: 500, body })).class).toBe('in_doubt');
    expect((await failure({}, { status: 500, body })).class).toBe('transient');
  });

  test('a 429 is a 429, whatever its body says', async () => {
    expect(await failure(LOGIN, { status: 429, body: { error: 'invalid_grant' } })).toMatchObject({
      class: 'transient',
      error: 'http_429',
    });
  });
});

describe('F22 an error inside 200', () => {
  test.each([
    ['Slack', { ok: false, error: 'invalid_auth' }, 'invalid_auth'],
    ['an OAuth error object', { error: 'invalid_grant', error_description: 'no' }, 'invalid_grant'],
    ['an error beside a token', { error: 'invalid_grant', access_token: 't' }, 'invalid_grant'],
  ])('%s is a refusal', async (_who, body, error) => {
    expect(await failure(LOGIN, { body })).toMatchObject({ class: 'credentials', error, status: 200 });
  });

  test.each([
    [{ access_token: 't', error: '' }],
    [{ access_token: 't', error: null }],
    [{ access_token: 't', error: {} }],
  ])('%j is a token', async (body) => {
    expect((await runScripted(LOGIN, { body })).outcome).toMatchObject({ ok: true, token: { access_token: 't' } });
  });

  const withRules: Exchange = {
    id: 'rules',
    title: 'Rules',
    inputs: [],
    acquire: [
      {
        name: 'login',
        url: 'https://as.example.com/login',
        success: { status: [200], unless: { pointer: '/IsError', equals: true } },
        errors: [
          { when: { pointer: '/code', equals: 17 }, class: 'transient', message: { pointer: '/text' } },
          { when: { status: [401], contains: 'LICENSE' }, class: 'transient' },
          { when: { pointer: '/state', equals: 'locked', contains: 'lock' }, class: 'credentials' },
          { when: { status: [418] }, class: 'configuration' },
        ],
      },
    ],
    refresh: null,
    end: null,
    extract: { access_token: { pointer: '/AccessToken' } },
    apply: [],
  };
  test.each<readonly [string, ScriptedAnswer, Class, string]>([
    ['`unless` holds', { body: { IsError: true, AccessToken: 't' } }, 'credentials', 'refused'],
    ['a rule by value', { body: { code: 17, text: 'try later', AccessToken: 't' } }, 'transient', 'http_200'],
    ['a rule by status and text', { status: 401, body: 'no license left' }, 'transient', 'http_401'],
    ['the same status without the text', { status: 401, body: 'no' }, 'credentials', 'http_401'],
    ['a rule by value and text', { body: { state: 'locked' } }, 'credentials', 'http_200'],
    ['the text without the value', { body: { state: 'unlocked' } }, 'configuration', 'no_token'],
    ['a rule by status', { status: 418 }, 'configuration', 'http_418'],
    ['a 2xx that is not among the statuses', { status: 201, body: { AccessToken: 't' } }, 'configuration', 'http_201'],
  ])('%s', async (_rule, answer, expected, error) => {
    expect(await failure({ exchange: withRules, inputs: {} }, answer)).toMatchObject({ class: expected, error });
  });

  test("a rule's message is shown, redacted", async () => {
    const body = { code: 17, text: 'busy; your secret is correct horse battery staple' };
    const { message } = await failure({ exchange: withRules, inputs: CLIENT }, { body });
    expect(message).toContain('"busy; your secret is [client_secret]"');
  });
});

describe('F24 an HTML page', () => {
  test.each([
    [200, 'text/html'],
    [200, 'application/json'],
    [200, undefined],
  ])('with %i as %s is transient, and never a token', async (status, type) => {
    const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type };
    const body = `<!doctype html><html><body>Sign in to the hotel Wi-Fi ${'x '.repeat(500)}</body></html>`;
    const got = await failure(LOGIN, { status, headers, body });
    expect(got).toMatchObject({ class: 'transient', error: 'not_json', status });
    expect(got.sample).toMatch(/^<!doctype html><html><body>Sign in/);
    expect(got.sample?.length).toBeLessThanOrEqual(200);
    expect((await failure(REFRESH, { status, headers, body })).class).toBe('in_doubt');
  });

  test('is no token either where the whole body is one', async () => {
    const exchange: Exchange = { ...readyExchange('snov_io'), extract: { access_token: { text: true } } };
    const inputs = { username: 'u', password: 'secret-password', base_url: 'https://as.example.com' };
    expect(await failure({ exchange, inputs }, { body: '<html>x</html>' })).toMatchObject({
      class: 'transient',
      error: 'not_json',
    });
    expect((await runScripted({ exchange, inputs }, { body: 'tok-1\n' })).outcome).toMatchObject({
      ok: true,
      token: { access_token: 'tok-1' },
    });
  });
});

describe('F28 a redirect', () => {
  test.each([
    ['https://login.example.org/path?client_secret=x', 'Location: login.example.org'],
    ['/elsewhere', 'Location: as.example.com'],
    ['//evil.example', 'Location: evil.example'],
    ['https://[', 'Location: no URL'],
    [undefined, 'Location: as.example.com'],
  ])('to %s names the host only', async (location, words) => {
    for (const status of [301, 302, 303, 307, 308]) {
      const headers: Record<string, string> = location === undefined ? {} : { location };
      const got = await failure(LOGIN, { status, headers });
      expect(got).toMatchObject({ class: 'configuration', error: 'redirect', status });
      expect(got.message).toContain(words);
      expect(got.message).not.toMatch(/path\?|client_secret=/);
    }
  });

  test('is an answer like another where the document says so', async () => {
    const exchange: Exchange = {
      ...readyExchange('docuware'),
      acquire: [{ name: 'logon', url: 'https://as.example.com/', success: { status: [302] } }],
    };
    const answer = { status: 302, headers: { location: '/home', 'set-cookie': '.DWPLATFORMAUTH=abc; path=/' } };
    const inputs = { base_url: 'https://as.example.com', username: 'u', password: 'p' };
    expect((await runScripted({ exchange, inputs }, answer)).outcome).toMatchObject({
      ok: true,
      token: { access_token: 'abc' },
    });
  });
});

test('a bug of ours is thrown, not told as a failure', async () => {
  const http = { request: () => Promise.reject(new TypeError('bug')), close: async () => {} };
  await expect(runExchange(requestOf(), { http, clock: createVirtualClock(NOW) })).rejects.toThrow('bug');
});

describe('F36 the message helps', () => {
  test('host, status, code, the redacted words of the provider, and what to change', async () => {
    const body = { error: 'invalid_grant', error_description: 'Account alice is locked (wonderland-7)' };
    const got = await failure(LOGIN, { status: 400, body });
    expect(got.message).toBe(
      'as.example.com answered 400 invalid_grant (step "token"): "Account [username] is locked ([password])". The user name, password or key is wrong, or the account is locked, expired or needs a second factor. Nothing is tried again until it is edited.',
    );
    expect(got).toMatchObject({
      contentType: 'application/json',
      origin: 'https://as.example.com',
      step: 'token',
      sent: true,
    });
  });

  test('Keycloak’s 401 unauthorized_client is the client’s configuration', async () => {
    const body = { error: 'unauthorized_client', error_description: 'Invalid client or Invalid client credentials' };
    expect(await failure({}, { status: 401, body })).toMatchObject({
      class: 'configuration',
      error: 'unauthorized_client',
    });
  });

  test('an Authorization header that comes back is not shown, however short', async () => {
    const inputs = { ...PASSWORD, client_id: 'a', client_secret: 'b' };
    const { sample, message } = await failure(
      { ...LOGIN, inputs },
      { status: 400, body: `{"header":"Basic ${btoa('a:b')}"}` },
    );
    expect(`${String(sample)}${message}`).not.toContain('YTpi');
  });

  test('an error code that is more than a word is not repeated', async () => {
    const got = await failure(LOGIN, { status: 400, body: { error: 'wonderland-7' } });
    expect(got).toMatchObject({ error: 'http_400', class: 'credentials' });
    expect(JSON.stringify(got)).not.toContain('wonderland-7');
  });
});
