import { describe, expect, test } from 'vitest';
import type { SchemeCredentials } from '../../src/integration/scheme-credentials.ts';
import { chooseSecurity } from '../../src/integration/security-choice.ts';
import type { SecurityRequirement } from '../../src/openapi/operation.ts';

const STATIC: SchemeCredentials = { kind: 'static', headers: {}, query: {}, cookies: {} };
const MISSING: SchemeCredentials = { kind: 'missing', missing: ['value'] };
const token = (missing: readonly string[]): SchemeCredentials => ({
  kind: 'token',
  exchange: {
    id: 'x',
    title: 'x',
    inputs: [],
    acquire: [],
    refresh: null,
    end: null,
    extract: { access_token: {} },
    apply: [],
  },
  inputs: {},
  missing,
  presentsRefreshToken: true,
});

describe('of the alternatives that an operation names', () => {
  const known = new Map<string, SchemeCredentials>([
    ['key', STATIC],
    ['app', STATIC],
    ['none', MISSING],
    ['oauth', token([])],
    ['half', token(['client_id'])],
  ]);
  test.each<{ title: string; security: readonly SecurityRequirement[]; expected: object }>([
    { title: 'none asked: anonymous', security: [], expected: { kind: 'anonymous' } },
    {
      title: 'the first complete one',
      security: [{ none: [] }, { oauth: [] }, { key: [] }],
      expected: { kind: 'schemes', schemes: ['oauth'] },
    },
    {
      title: 'all of an AND',
      security: [
        { key: [], none: [] },
        { key: [], app: [] },
      ],
      expected: { kind: 'schemes', schemes: ['key', 'app'] },
    },
    {
      title: 'credentials that are there are used even where anonymous is allowed',
      security: [{}, { key: [] }],
      expected: { kind: 'schemes', schemes: ['key'] },
    },
    {
      title: 'anonymous where it is allowed and nothing is there',
      security: [{ none: [] }, {}],
      expected: { kind: 'anonymous' },
    },
    {
      title: 'a token by hand may stand in for missing inputs',
      security: [{ none: [] }, { half: [] }],
      expected: { kind: 'schemes', schemes: ['half'] },
    },
    {
      title: 'what the closest one lacks',
      security: [{ none: [], unknown: [] }, { none: [] }],
      expected: { kind: 'missing', missing: [{ scheme: 'none', what: 'value' }] },
    },
  ])('$title', ({ security, expected }) => {
    expect(chooseSecurity(security, known)).toEqual(expected);
  });
});
