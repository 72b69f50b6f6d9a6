/** What counts as "the API refused the token": F48, RFC 6750 §3.1, RFC 9449 §9. */
import { describe, expect, test } from 'vitest';
import type { ExpirySign } from '../../src/integration/expiry-sign.ts';
import type { HttpResponse } from '../../src/kernel/http-client.ts';
import type { Json } from '../../src/kernel/json.ts';
import { challengesOf } from '../../src/task/challenge.ts';
import { refusesToken } from '../../src/task/token-refusal.ts';

interface Scripted {
  readonly challenge?: string | readonly string[];
  readonly body?: Json;
  readonly type?: string;
}

function answer(status: number, { challenge, body = null, type = 'application/json' }: Scripted = {}): HttpResponse {
  return {
    status,
    statusText: '',
    headers: { 'content-type': type, ...(challenge === undefined ? {} : { 'www-authenticate': challenge }) },
    body: new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)),
  };
}

const BEARER = (error: string): string => `Bearer realm="x", error="${error}"`;

describe('without signs of its own', () => {
  test.each<readonly [boolean, string, HttpResponse]>([
    [true, '401', answer(401)],
    [true, '401 invalid_token', answer(401, { challenge: BEARER('invalid_token') })],
    [true, '401 of Basic', answer(401, { challenge: 'Basic realm="insufficient_scope"' })],
    [true, '401 that speaks of a scope', answer(401, { challenge: 'Bearer error="invalid_token", scope="a b"' })],
    [false, '401 insufficient_scope', answer(401, { challenge: BEARER('insufficient_scope') })],
    [false, '401 invalid_request', answer(401, { challenge: BEARER('invalid_request') })],
    [false, '401 use_dpop_nonce', answer(401, { challenge: 'DPoP error="use_dpop_nonce"' })],
    [false, '401 of two challenges', answer(401, { challenge: ['Basic', BEARER('insufficient_scope')] })],
    [false, '403', answer(403)],
    [false, '403 invalid_token', answer(403, { challenge: BEARER('invalid_token') })],
    [false, '400', answer(400)],
    [false, '200', answer(200)],
    [false, '407', answer(407)],
  ])('%s: %s', async (expected, _what, response) => {
    expect(await refusesToken(response)).toBe(expected);
  });
});

describe('with signs', () => {
  const by = (...signs: ExpirySign[]): readonly ExpirySign[] => signs;
  const expired = by({ status: [200, 401], pointer: '/error', equals: 'token_expired' });
  test.each<readonly [boolean, string, readonly ExpirySign[], HttpResponse]>([
    [false, 'none: not even 401', by(), answer(401)],
    [true, '403 by status', by({ status: [401, 403] }), answer(403)],
    [false, '401 that is not among them', by({ status: [403] }), answer(401)],
    [false, '403 insufficient_scope', by({ status: [403] }), answer(403, { challenge: BEARER('insufficient_scope') })],
    [
      false,
      '403 insufficient_scope by its own name',
      by({ wwwAuthenticate: 'insufficient_scope' }),
      answer(403, { challenge: BEARER('insufficient_scope') }),
    ],
    [false, '400 invalid_request', by({ status: [400] }), answer(400, { challenge: BEARER('invalid_request') })],
    [
      true,
      '400 invalid_request by its own name',
      by({ status: [400], wwwAuthenticate: 'invalid_request' }),
      answer(400, { challenge: BEARER('invalid_request') }),
    ],
    [true, 'a value of a 200', expired, answer(200, { body: { error: 'token_expired' } })],
    [false, 'another value', expired, answer(200, { body: { error: 'busy' } })],
    [false, 'no value', expired, answer(200, { body: {} })],
    [false, 'the value with another status', expired, answer(500, { body: { error: 'token_expired' } })],
    [true, 'a value that is there', by({ pointer: '/fault' }), answer(500, { body: { fault: 1 } })],
    [true, 'a number', by({ pointer: '/code', equals: 17 }), answer(200, { body: { code: 17 } })],
    [false, 'a number as text', by({ pointer: '/code', equals: '17' }), answer(200, { body: { code: 17 } })],
    [true, 'false', by({ pointer: '/ok', equals: false }), answer(200, { body: { ok: false } })],
    [
      true,
      'text',
      by({ contains: 'Session EXPIRED' }),
      answer(200, { body: 'the session expired', type: 'text/plain' }),
    ],
    [
      true,
      'text of a page',
      by({ contains: 'sign in' }),
      answer(200, { body: '<html>Sign in</html>', type: 'text/html' }),
    ],
    [true, 'text at a place', by({ pointer: '/m', contains: 'expired' }), answer(200, { body: { m: 'Expired.' } })],
    [false, 'text elsewhere', by({ pointer: '/m', contains: 'expired' }), answer(200, { body: { n: 'expired' } })],
    [
      true,
      'XML',
      by({ pointer: '/Fault/code', equals: 'expired' }),
      answer(500, { body: '<Fault><code>expired</code></Fault>', type: 'text/xml' }),
    ],
    [false, 'a body that is none', expired, answer(200, { body: '{"error":', type: 'application/json' })],
    [true, 'a header', by({ wwwAuthenticate: 'Invalid_Token' }), answer(400, { challenge: BEARER('invalid_token') })],
    [
      true,
      'one of two headers',
      by({ wwwAuthenticate: 'expired' }),
      answer(400, { challenge: ['Basic', 'X expired'] }),
    ],
    [false, 'no header', by({ wwwAuthenticate: 'expired' }), answer(401)],
    [
      false,
      'header and body, of which one holds',
      by({ wwwAuthenticate: 'invalid_token', contains: 'expired' }),
      answer(401, { challenge: BEARER('invalid_token'), body: { m: 'revoked' } }),
    ],
    [true, 'one of two signs', by({ status: [419] }, { status: [440] }), answer(440)],
  ])('%s: %s', async (expected, _what, signs, response) => {
    expect(await refusesToken(response, signs)).toBe(expected);
  });
});

describe('WWW-Authenticate (RFC 9110 §11.6.1)', () => {
  const read = (challenge: string | readonly string[]): unknown =>
    challengesOf({ 'www-authenticate': challenge }).map(({ scheme, parameters }) => [
      scheme,
      Object.fromEntries(parameters),
    ]);
  test.each<readonly [string | readonly string[], unknown]>([
    ['Bearer', [['bearer', {}]]],
    ['Bearer realm="a, b=\\"c\\"", error=invalid_token', [['bearer', { realm: 'a, b="c"', error: 'invalid_token' }]]],
    ['BEARER Error = "x"', [['bearer', { error: 'x' }]]],
    [
      'Newauth realm="apps", type=1, title="Login to \\"apps\\"", Basic realm="simple"',
      [
        ['newauth', { realm: 'apps', type: '1', title: 'Login to "apps"' }],
        ['basic', { realm: 'simple' }],
      ],
    ],
    [
      'Negotiate YWJj==, Bearer error="x"',
      [
        ['negotiate', {}],
        ['bearer', { error: 'x' }],
      ],
    ],
    [
      'Negotiate, Basic',
      [
        ['negotiate', {}],
        ['basic', {}],
      ],
    ],
    [
      ['Basic', ' , Bearer error="x",'],
      [
        ['basic', {}],
        ['bearer', { error: 'x' }],
      ],
    ],
    ['error="x"', []],
    ['', []],
    [
      'Bearer error="x',
      [
        ['bearer', {}],
        ['error', {}],
      ],
    ],
    [`Bearer ${'a'.repeat(100_000)} b`, expect.arrayContaining([['bearer', {}]])],
  ])('%j', (challenge, expected) => {
    expect(read(challenge)).toEqual(expected);
  });
});
