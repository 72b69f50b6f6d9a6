import { describe, expect, test } from 'vitest';
import type { ExchangeRequest } from '../../src/exchange/exchange-request.ts';
import type { Exchange, Extraction } from '../../src/exchange/exchange.ts';
import { readyExchange } from '../../src/exchange/ready-exchanges.ts';
import { jwtWith, PASSWORD, runScripted, type ScriptedAnswer } from './support/exchange-runs.ts';

const LOGIN: Partial<ExchangeRequest> = { exchange: readyExchange('password'), inputs: PASSWORD };
const REFRESH: Partial<ExchangeRequest> = { ...LOGIN, phase: 'refresh', token: { refresh_token: 'old-rt' } };

const extracting = (extraction: Extraction): Partial<ExchangeRequest> => ({
  exchange: {
    id: 'one',
    title: 'One',
    inputs: [],
    acquire: [{ name: 'login', url: 'https://as.example.com/login' }],
    refresh: null,
    end: null,
    extract: { access_token: extraction },
    apply: [],
  },
  inputs: {},
});

describe('the refresh token of an answer', () => {
  test.each([
    ['F10 absent: none, the old one stays', {}, undefined],
    ['F11 empty: none', { refresh_token: '' }, undefined],
    ['F11 null: none', { refresh_token: null }, undefined],
    ['F11 the same: told as it came, the caller sees that it did not rotate', { refresh_token: 'old-rt' }, 'old-rt'],
    ['F12 a new one: always taken', { refresh_token: 'new-rt' }, 'new-rt'],
  ])('%s', async (_rule, member, expected) => {
    const { outcome } = await runScripted(REFRESH, { body: { access_token: 't', ...member } });
    expect(outcome.ok && outcome.token.refresh_token).toBe(expected);
  });

  test('an empty access token is none', async () => {
    const { outcome } = await runScripted(LOGIN, { body: { access_token: '' } });
    expect(outcome).toMatchObject({ ok: false, failure: { class: 'configuration', error: 'no_token' } });
  });
});

describe('F23 the access token is where the document says, and nowhere else', () => {
  const json = (body: object): ScriptedAnswer => ({ body });
  test.each<readonly [string, Extraction, ScriptedAnswer, string]>([
    [
      'nested',
      { pointer: '/authed_user/access_token' },
      json({ access_token: 'bot', authed_user: { access_token: 'user' } }),
      'user',
    ],
    ['in a list', { pointer: '/tokens/1/value' }, json({ tokens: [{ value: 'a' }, { value: 'b' }] }), 'b'],
    ['under a key with a slash', { pointer: '/a~1b' }, json({ 'a/b': 't' }), 't'],
    ['a number', { pointer: '/token' }, json({ token: 12345 }), '12345'],
    ['the JSON string itself', { pointer: '' }, { body: '"tok"' }, 'tok'],
    [
      'by JSONPath',
      { jsonpath: "$.tokens[?@.type=='api'].value" },
      json({
        tokens: [
          { type: 'web', value: 'a' },
          { type: 'api', value: 'b' },
        ],
      }),
      'b',
    ],
    [
      'in XML',
      { pointer: '/response/operation/result/data/api/sessionid' },
      {
        body: '<response><operation><result><data><api><sessionid>s1</sessionid></api></data></result></operation></response>',
      },
      's1',
    ],
    ['in a form', { pointer: '/access_token' }, { body: 'access_token=a%2Bb&scope=x' }, 'a+b'],
    ['in a header', { header: 'X-Auth-Token' }, { headers: { 'x-auth-token': ' t1 ' } }, 't1'],
    ['the whole body', { text: true }, { body: '\n t1 \n' }, 't1'],
    ['what looks form-encoded stays as it is (`%3D`)', { pointer: '/t' }, json({ t: 'a%3Db' }), 'a%3Db'],
    [
      'a cookie, attributes left out',
      { cookie: 'sid' },
      { headers: { 'set-cookie': ['a=1', 'sid=abc==; Path=/; HttpOnly; Max-Age=60'] } },
      'abc==',
    ],
    [
      'a cookie by a part of its name',
      { cookie: 'PLATFORM', contains: true },
      { headers: { 'set-cookie': '.DWPLATFORMAUTH=x' } },
      'x',
    ],
    ['a cookie with its name', { cookie: 'sid', pair: true }, { headers: { 'set-cookie': 'sid=x; Secure' } }, 'sid=x'],
    ['the last of repeated cookies', { cookie: 'sid' }, { headers: { 'set-cookie': ['sid=a', 'sid=b'] } }, 'b'],
    [
      'a claim of a JWT',
      { pointer: '/Token', claim: '/urn:x~1ticket' },
      json({ Token: jwtWith({ 'urn:x/ticket': 't' }) }),
      't',
    ],
  ])('%s', async (_where, extraction, answer, expected) => {
    const { outcome } = await runScripted(extracting(extraction), answer);
    expect(outcome).toMatchObject({ ok: true, token: { access_token: expected } });
  });

  test.each<readonly [string, Extraction, ScriptedAnswer, RegExp]>([
    ['a key further down', { pointer: '/access_token' }, json({ data: { access_token: 't' } }), /at \/access_token\./],
    ['an inherited key', { pointer: '/constructor/name' }, json({}), /at \/constructor\/name/],
    ['an object', { pointer: '/token' }, json({ token: { a: 1 } }), /at \/token/],
    [
      'a number that JSON does not carry exactly',
      { pointer: '/token' },
      { body: '{"token":12345678901234567890}' },
      /at \/token/,
    ],
    ['several values', { jsonpath: '$..token' }, json({ a: { token: 'x' }, b: { token: 'y' } }), /at \$\.\.token/],
    ['a query that can not be read', { jsonpath: '$[' }, json({ a: 1 }), /at \$\[/],
    [
      'another header',
      { header: 'X-Auth-Token' },
      { headers: { authorization: 'x' }, body: '{}' },
      /the header X-Auth-Token/,
    ],
    [
      'two cookies with that part',
      { cookie: 'sid', contains: true },
      { headers: { 'set-cookie': ['sid1=a', 'sid2=b'] }, body: '{}' },
      /the cookie sid/,
    ],
    [
      'a cookie that is being deleted',
      { cookie: 'sid' },
      { headers: { 'set-cookie': 'sid=x; Max-Age=0' }, body: '{}' },
      /the cookie sid/,
    ],
    ['no JWT', { pointer: '/Token', claim: '/sub' }, json({ Token: 'opaque' }), /the claim \/sub of \/Token/],
  ])('%s is not it', async (_what, extraction, answer, words) => {
    const { outcome } = await runScripted(extracting(extraction), answer);
    expect(outcome).toMatchObject({
      ok: false,
      failure: { class: 'configuration', error: 'no_token', message: expect.stringMatching(words) },
    });
  });
});

test('F62 a token at a place nobody looks at is not shown: the sample of a success is its shape', async () => {
  const body = { data: { jwt: 'short', list: ['a', 'b'], n: 17, none: null } };
  const { outcome } = await runScripted(LOGIN, { body });
  expect(outcome).toMatchObject({
    failure: { error: 'no_token', sample: '{"data":{"jwt":"string","list":["string"],"n":"number","none":null}}' },
  });
});

describe('F63 an access token that no header can carry', () => {
  test.each([['a\r\nX-Evil: 1'], ['a\nb'], ['a\0b'], ['snow ☃'], ['\u007f']])('%j is refused', async (token) => {
    const { outcome } = await runScripted(LOGIN, { body: { access_token: token } });
    expect(outcome).toMatchObject({ ok: false, failure: { class: 'configuration', error: 'token_invalid' } });
  });

  test('the size is limited, and the error names the limit', async () => {
    const fits = 'x'.repeat(16_384);
    expect((await runScripted(LOGIN, { body: { access_token: fits } })).outcome.ok).toBe(true);
    const { outcome } = await runScripted(LOGIN, { body: { access_token: `${fits}x` } });
    expect(outcome).toMatchObject({
      failure: {
        error: 'token_invalid',
        message: expect.stringContaining('16385 bytes, more than the limit of 16384'),
      },
    });
    const smaller = await runScripted({ ...LOGIN, maxTokenBytes: 3 }, { body: { access_token: 'abcd' } });
    expect(smaller.outcome).toMatchObject({ failure: { message: expect.stringContaining('limit of 3') } });
  });
});

describe('the other fields', () => {
  test('are those of the answer; a list of scopes is joined', async () => {
    const body = {
      access_token: 't',
      token_type: 'bearer',
      scope: ['a', 'b'],
      refresh_expires_in: 1_800,
      expires_in: 60,
    };
    expect((await runScripted(LOGIN, { body })).outcome).toEqual({
      ok: true,
      status: 200,
      origin: 'https://as.example.com',
      token: {
        access_token: 't',
        token_type: 'bearer',
        scope: 'a b',
        refresh_expires_in_ms: 1_800_000,
        lifetime: { source: 'expires_in', ms: 60_000 },
        extra: {},
      },
    });
  });

  test.each([
    ['refresh_expires_in (Keycloak)', { refresh_expires_in: 60 }, 60_000],
    ['0 of an offline token: it does not expire', { refresh_expires_in: 0 }, undefined],
    ['refresh_token_expires_in (Microsoft)', { refresh_token_expires_in: '60' }, 60_000],
    ['x_refresh_token_expires_in (Intuit)', { x_refresh_token_expires_in: 60 }, 60_000],
  ])('%s', async (_who, member, expected) => {
    const { outcome } = await runScripted(LOGIN, { body: { access_token: 't', ...member } });
    expect(outcome.ok && outcome.token.refresh_expires_in_ms).toBe(expected);
  });

  const withExtra: Exchange = {
    ...readyExchange('password'),
    extract: { access_token: { pointer: '/a' }, refresh_token: { pointer: '/r' }, site: { pointer: '/site' } },
    refreshExtract: { access_token: { pointer: '/b' } },
  };

  test('a refresh reads where refreshExtract says, else where extract says; an extra that it does not bring again is kept', async () => {
    const first = await runScripted({ ...LOGIN, exchange: withExtra }, { body: { a: 't', r: 'rt', site: 's1' } });
    expect(first.outcome).toMatchObject({
      ok: true,
      token: { access_token: 't', refresh_token: 'rt', extra: { site: 's1' } },
    });
    const again = await runScripted(
      { ...REFRESH, exchange: withExtra, token: { refresh_token: 'rt', extra: { site: 's1' } } },
      { body: { a: 'wrong', b: 't2', r: 'rt2' } },
    );
    expect(again.outcome).toMatchObject({
      ok: true,
      token: { access_token: 't2', refresh_token: 'rt2', extra: { site: 's1' } },
    });
  });

  test('refreshBefore is told in milliseconds', async () => {
    const exchange = { ...readyExchange('password'), expiry: { refreshBefore: '30s' } };
    const { outcome } = await runScripted({ ...LOGIN, exchange }, { body: { access_token: 't' } });
    expect(outcome.ok && outcome.token.refreshBeforeMs).toBe(30_000);
  });
});
