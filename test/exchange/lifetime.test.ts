import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Lifetime } from '../../src/exchange/exchange-outcome.ts';
import type { ExpiryRule } from '../../src/exchange/exchange.ts';
import { resolveLifetime } from '../../src/exchange/lifetime.ts';
import { valueAt } from '../../src/kernel/json-pointer.ts';
import { jwtWith, NOW, runScripted } from './support/exchange-runs.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const TEN_YEARS = 3_653 * 24 * HOUR;
const seconds = (ms: number): number => Math.floor(ms / SECOND);
const at = (ms: number): number => seconds(NOW + ms);

interface Case {
  readonly rule?: ExpiryRule;
  readonly token?: string;
  readonly date?: number;
  readonly lastKnownMs?: number;
  readonly defaultMs?: number;
}

/** @param body the answer that the token stood in */
const lifetimeOf = (body: object, { token = 'opaque', ...more }: Case = {}): Lifetime =>
  resolveLifetime({
    read: ({ pointer }) => valueAt(body, pointer ?? ''),
    holder: body,
    accessToken: token,
    now: NOW + 5 * HOUR,
    ...more,
  });

/** The provider's clock is ours minus five hours, so that a lifetime judged by ours would be seen. */
const DATE = { date: NOW };
const JWT = jwtWith({ iat: at(0), exp: at(HOUR) });

describe('F16 absolute instants', () => {
  const ISO = new Date(NOW + HOUR).toISOString();
  test.each([
    ['expires_on in epoch seconds', { expires_on: at(HOUR) }, 'expires_on', undefined],
    ['expires_on as text (Azure)', { expires_on: String(at(HOUR)) }, 'expires_on', undefined],
    ['expires_at in epoch seconds', { expires_at: at(HOUR) }, 'expires_at', undefined],
    ['expires_at in epoch milliseconds', { expires_at: NOW + HOUR }, 'expires_at', undefined],
    ['expires_at ISO', { expires_at: ISO }, 'expires_at', undefined],
    ['expires_at ISO with an offset', { expires_at: '2026-01-02T06:04:05+02:00' }, 'expires_at', undefined],
    [
      'expires_at ISO without a zone is UTC, flagged',
      { expires_at: '2026-01-02T04:04:05' },
      'expires_at',
      'expires_at: it names no time zone and was read as UTC',
    ],
    [
      'expires_at as databases write it',
      { expires_at: '2026-01-02 04:04:05' },
      'expires_at',
      'expires_at: it names no time zone and was read as UTC',
    ],
    ['.expires RFC 1123 (ASP.NET)', { '.expires': 'Fri, 02 Jan 2026 04:04:05 GMT' }, 'expires_at', undefined],
  ])('%s', (_rule, body, source, note) => {
    expect(lifetimeOf(body, DATE)).toEqual({ source, ms: HOUR, ...(note === undefined ? {} : { note }) });
  });

  test.each([
    ['expires_at is no instant', { expires_at: 'tomorrow' }],
    ['expires_at that holds a relative lifetime', { expires_at: 3_600 }],
    ['expires_on 0', { expires_on: 0 }],
  ])('%s: the next rung is asked', (_rule, body) => {
    expect(lifetimeOf(body, { ...DATE, defaultMs: HOUR })).toMatchObject({ source: 'default', ms: HOUR });
  });

  test('expires_in comes before expires_on, expires_on before expires_at', () => {
    const all = { expires_in: 60, expires_on: at(HOUR), expires_at: at(2 * HOUR) };
    expect(lifetimeOf(all, DATE)).toMatchObject({ source: 'expires_in', ms: 60 * SECOND });
    expect(lifetimeOf({ ...all, expires_in: undefined }, DATE)).toMatchObject({ source: 'expires_on', ms: HOUR });
  });

  test('an instant in the past is over on arrival', () => {
    expect(lifetimeOf({ expires_at: at(-1) }, DATE)).toEqual({
      source: 'expires_at',
      ms: 0,
      note: 'it was over on arrival',
    });
  });
});

describe("absolute expiries count by the answer's own clock", () => {
  test.each([
    ['Date, where that is all', 'opaque', NOW, HOUR],
    ['iat, where that is all', JWT, undefined, HOUR],
    ['Date, where the token was signed earlier (F20: the same token again)', JWT, NOW + 0.75 * HOUR, HOUR / 4],
    ['iat, where it is later than Date', JWT, NOW - HOUR, HOUR],
    ['iat, where by Date the token were already over', JWT, NOW + 2 * HOUR, HOUR],
  ])('%s', (_rule, token, date, ms) => {
    const lifetime = lifetimeOf({ expires_at: at(HOUR) }, { token, ...(date === undefined ? {} : { date }) });
    expect(lifetime).toEqual({ source: 'expires_at', ms });
  });

  test('ours, flagged, where the answer has none', () => {
    expect(lifetimeOf({ expires_at: at(6 * HOUR) })).toEqual({
      source: 'expires_at',
      ms: HOUR,
      note: 'the answer brought no clock, ours was used',
    });
  });

  test('a JWT whose times are in milliseconds', () => {
    expect(lifetimeOf({}, { token: jwtWith({ iat: NOW, exp: NOW + HOUR }) })).toEqual({ source: 'jwt_exp', ms: HOUR });
  });
});

describe('what a document configures comes first', () => {
  const OSLO = 'Europe/Oslo';
  const table: readonly (readonly [string, object, ExpiryRule, Lifetime])[] = [
    [
      'a path in minutes',
      { ttl: 60, expires_in: 1 },
      { in: { pointer: '/ttl', unit: 'm' } },
      { source: 'configured', ms: HOUR },
    ],
    ['a path in hours', { ttl: '1' }, { in: { pointer: '/ttl', unit: 'h' } }, { source: 'configured', ms: HOUR }],
    ['a fixed lifetime', { expires_in: 1 }, { after: '48h' }, { source: 'configured', ms: 48 * HOUR }],
    [
      'a path that is not there: the standard fields',
      { expires_in: 1 },
      { in: { pointer: '/ttl', unit: 's' } },
      { source: 'expires_in', ms: SECOND },
    ],
    [
      'an instant in a format and zone: midnight in Oslo',
      { d: '2026-01-04' },
      { at: { pointer: '/d', format: 'yyyy-MM-dd', zone: OSLO } },
      { source: 'configured', ms: Date.UTC(2026, 0, 3, 23) - NOW },
    ],
    [
      'the same date in summer is an hour earlier',
      { d: '2026-07-04' },
      { at: { pointer: '/d', format: 'yyyy-MM-dd', zone: OSLO } },
      { source: 'configured', ms: Date.UTC(2026, 6, 3, 22) - NOW },
    ],
    ['epoch', { d: at(HOUR) }, { at: { pointer: '/d', format: 'epoch' } }, { source: 'configured', ms: HOUR }],
    [
      'epoch_ms',
      { d: String(NOW + HOUR) },
      { at: { pointer: '/d', format: 'epoch_ms' } },
      { source: 'configured', ms: HOUR },
    ],
    [
      'rfc1123',
      { d: 'Fri, 02 Jan 2026 04:04:05 GMT' },
      { at: { pointer: '/d', format: 'rfc1123' } },
      { source: 'configured', ms: HOUR },
    ],
    [
      'an instant that does not have its format',
      { d: 'x', expires_in: 1 },
      { at: { pointer: '/d', format: 'yyyy-MM-dd' } },
      { source: 'expires_in', ms: SECOND, note: 'the configured instant does not have its format' },
    ],
    [
      'a time of day: the next midnight in Oslo',
      {},
      { daily: { time: '00:00', zone: OSLO } },
      { source: 'configured', ms: Date.UTC(2026, 0, 2, 23) - NOW },
    ],
  ];
  test.each(table)('%s', (_rule, body, rule, expected) => {
    expect(lifetimeOf(body, { ...DATE, rule })).toEqual(expected);
  });

  test.each([
    ['the night that has 23 hours', Date.UTC(2026, 2, 28, 23, 30), Date.UTC(2026, 2, 29, 22)],
    ['the night that has 25 hours', Date.UTC(2026, 9, 24, 22, 30), Date.UTC(2026, 9, 25, 23)],
    ['midnight itself', Date.UTC(2026, 0, 1, 23), Date.UTC(2026, 0, 2, 23)],
  ])('a time of day across daylight saving: %s', (_night, date, midnight) => {
    expect(lifetimeOf({}, { date, rule: { daily: { time: '00:00', zone: OSLO } } })).toEqual({
      source: 'configured',
      ms: midnight - date,
    });
  });
});

test('a lifetime is never negative, never beyond ten years, never NaN', () => {
  const value = fc.oneof(
    fc.jsonValue(),
    fc.double(),
    fc.integer(),
    fc.string(),
    fc.date({ noInvalidDate: true }).map((d) => d.toISOString()),
  );
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom('expires_in', 'expires_on', 'expires_at', '.expires'), value),
      fc.record({ iat: value, exp: value }),
      fc.option(fc.integer({ min: 0, max: 4e12 }), { nil: undefined }),
      (body, claims, date) => {
        const { ms = 0 } = lifetimeOf(body, { token: jwtWith(claims), ...(date === undefined ? {} : { date }) });
        expect(ms).toBeGreaterThanOrEqual(0);
        expect(ms).toBeLessThanOrEqual(TEN_YEARS);
      },
    ),
  );
});

test('the expiry stands beside the token it belongs to, nowhere else', async () => {
  const exchange = {
    id: 'nested',
    title: 'Nested',
    inputs: [],
    acquire: [{ name: 'login', url: 'https://as.example.com/login' }],
    refresh: null,
    end: null,
    extract: { access_token: { pointer: '/authed_user/access_token' } },
    apply: [],
  };
  const { outcome } = await runScripted(
    { exchange, inputs: {} },
    { body: { expires_in: 1, authed_user: { access_token: 't', expires_in: 60 } } },
  );
  expect(outcome).toMatchObject({ ok: true, token: { lifetime: { source: 'expires_in', ms: 60_000 } } });
});
