/** What a person is told to do about a refusal. */
import { describe, expect, test } from 'vitest';
import { EverbearerError } from '../../src/errors.ts';
import type { Json } from '../../src/kernel/json.ts';
import type { SecurityRequirement } from '../../src/openapi/operation.ts';
import { adviceOn } from '../../src/task/refusal-advice.ts';
import type { Delivery, PreparedRequest } from '../../src/task/send-request.ts';
import type { HeldToken } from '../../src/token/held-token.ts';

interface Answer {
  readonly status?: number;
  readonly challenge?: string;
  /** By scheme. `null`: the provider said nothing. */
  readonly granted?: Readonly<Record<string, string | null>>;
}

const delivery = ({ status = 403, challenge, granted = {} }: Answer, given: Partial<Delivery> = {}): Delivery => ({
  response: {
    status,
    statusText: '',
    headers: challenge === undefined ? {} : { 'www-authenticate': challenge },
    body: new Uint8Array(),
  },
  because: 'not_refused',
  tokens: Object.entries(granted).map(([scheme, scope]) => ({ scheme, token: { scope } as HeldToken })),
  sendings: [],
  ...given,
});

/** @param asked scope that each scheme asks for */
const prepared = (schemes: readonly string[], asked: Readonly<Record<string, Json>> = {}): PreparedRequest =>
  ({
    schemes,
    integration: {
      tokenConfiguration: (scheme: string) => ({
        inputs: Object.hasOwn(asked, scheme) ? { scope: asked[scheme] } : {},
      }),
    },
  }) as unknown as PreparedRequest;

describe('a 403', () => {
  const READ: readonly SecurityRequirement[] = [{ shop: ['read'] }];
  test.each<readonly [string, Answer, readonly SecurityRequirement[], PreparedRequest, string | undefined]>([
    [
      'names the scope that the token lacks',
      { granted: { shop: 'write' } },
      READ,
      prepared(['shop']),
      'The token of shop lacks the scope read: add it to authentication.shop.scope.',
    ],
    [
      'names all of them',
      { granted: { shop: '' } },
      [{ shop: ['read', 'write'] }],
      prepared(['shop']),
      'The token of shop lacks the scopes read write: add it to authentication.shop.scope.',
    ],
    [
      'says where the provider did not grant what was asked for',
      { granted: { shop: 'write' } },
      READ,
      prepared(['shop'], { shop: 'read write' }),
      'The token of shop lacks the scope read: it was asked for, and the provider did not grant it.',
    ],
    [
      'says where nobody knows',
      { granted: { shop: null } },
      READ,
      prepared(['shop']),
      'The operation needs the scope read; what the token of shop has is not known: name it in authentication.shop.scope.',
    ],
    [
      'is silent where the token has them all',
      { granted: { shop: 'write read' } },
      READ,
      prepared(['shop']),
      undefined,
    ],
    [
      'is silent where the operation names none',
      { granted: { shop: '' } },
      [{ shop: [] }],
      prepared(['shop']),
      undefined,
    ],
    ['is silent without a token', {}, READ, prepared(['shop']), undefined],
    [
      'takes the alternative over the same schemes that the token comes closest to',
      { granted: { shop: 'all' } },
      [{ shop: ['read', 'write'] }, { shop: ['read', 'all'] }, { other: [] }, { shop: [], other: [] }],
      prepared(['shop']),
      'The token of shop lacks the scope read: add it to authentication.shop.scope.',
    ],
    [
      'is silent where the token has all of one alternative',
      { granted: { shop: 'all write' } },
      [{ shop: ['read'] }, { shop: ['all', 'write'] }],
      prepared(['shop']),
      undefined,
    ],
    [
      'speaks of each scheme',
      { granted: { a: 'x', b: 'y' } },
      [{ a: ['y'], b: ['x'] }],
      prepared(['a', 'b']),
      'The token of a lacks the scope y: add it to authentication.a.scope. The token of b lacks the scope x: add it to authentication.b.scope.',
    ],
    [
      'believes the API more than the document (RFC 6750 §3)',
      { granted: { shop: 'read' }, challenge: 'Bearer error="insufficient_scope", scope="admin"' },
      READ,
      prepared(['shop']),
      'The token of shop lacks the scope admin: add it to authentication.shop.scope.',
    ],
    [
      'does not repeat what is no scope',
      { granted: { shop: 'read' }, challenge: `Bearer scope="${'x'.repeat(201)} \u0007"` },
      READ,
      prepared(['shop']),
      undefined,
    ],
    [
      'or a 401 that says insufficient_scope',
      { status: 401, granted: { shop: '' }, challenge: 'Bearer error="insufficient_scope"' },
      READ,
      prepared(['shop']),
      'The token of shop lacks the scope read: add it to authentication.shop.scope.',
    ],
    ['and nothing else', { status: 404, granted: { shop: '' } }, READ, prepared(['shop']), undefined],
  ])('%s', (_what, answer, security, request, expected) => {
    expect(adviceOn(delivery(answer), request, security)).toBe(expected);
  });
});

test.each<readonly [string, Partial<Delivery>, string]>([
  ['refused_again', { because: 'refused_again' }, 'The API refused a second token too'],
  ['not_resent', { because: 'not_resent' }, 'There is a new token now'],
  ['no_other_token', { because: 'no_other_token' }, 'The API refused the token, and no other one can be had.'],
  [
    'no_other_token, with the reason',
    {
      because: 'no_other_token',
      obstacle: new EverbearerError('token_blocked', 'The password is wrong.', { hint: 'Correct it.' }),
    },
    'The API refused the token, and no other one can be had. The password is wrong. Correct it.',
  ],
])('%s', (_what, given, expected) => {
  expect(adviceOn(delivery({ status: 401, granted: { shop: '' } }, given), prepared(['shop']), [])).toContain(expected);
});
