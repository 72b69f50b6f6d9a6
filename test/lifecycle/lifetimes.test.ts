/** Test 28: what an answer says of its lifetime, through the whole reading of an answer to the instants of renewal. */
import { describe, expect, test } from 'vitest';
import type { ExchangeRequest } from '../../src/exchange/exchange-request.ts';
import type { Lifetime } from '../../src/exchange/exchange-outcome.ts';
import type { ExpiryRule } from '../../src/exchange/exchange.ts';
import { readyExchange } from '../../src/exchange/ready-exchanges.ts';
import { tokenTimes } from '../../src/token/lifetime.ts';
import { CLIENT, jwtWith, NOW, runScripted } from '../exchange/support/exchange-runs.ts';
import { failureOf, shownOf, tokenOf } from './support/token-endpoint.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const TEN_YEARS = 3_653 * 24 * HOUR;

/** The provider's clock is five hours behind ours, so that a lifetime judged by ours would be seen. */
const THEIRS = NOW - 5 * HOUR;
const at = (ms: number): number => Math.floor((THEIRS + ms) / SECOND);
const JWT = jwtWith({ iat: at(0), exp: at(HOUR) });

interface Case {
  readonly token?: string;
  readonly rule?: ExpiryRule;
  /** Default: the answer has its clock. */
  readonly date?: false;
  readonly lastKnownLifetimeMs?: number;
  readonly defaultLifetimeMs?: number;
}

/** Earliest and latest soft instant, hard instant, end: milliseconds after sending. `undefined`: there is none. */
interface Instants {
  readonly soft: readonly [earliest: number, latest: number];
  readonly hard?: number;
  readonly end?: number;
}

const AN_HOUR: Instants = { soft: [47 * MINUTE, 53 * MINUTE], hard: 59 * MINUTE, end: HOUR };
const UNKNOWN: Instants = { soft: [55 * MINUTE, 55 * MINUTE] };
const OVER: Instants = { soft: [0, 0], hard: 0, end: 0 };
const A_DECADE: Instants = {
  soft: [0.8 * TEN_YEARS - MINUTE, 0.9 * TEN_YEARS - MINUTE],
  hard: TEN_YEARS - MINUTE,
  end: TEN_YEARS,
};
const THOUSAND_HOURS: Instants = {
  soft: [800 * HOUR - MINUTE, 900 * HOUR - MINUTE],
  hard: 1_000 * HOUR - MINUTE,
  end: 1_000 * HOUR,
};
const ABSOLUTE = 'expires_in held an absolute instant';
const NO_NUMBER = 'expires_in is no number';
const ON_ARRIVAL = 'it was over on arrival';

function requestOf({ rule, lastKnownLifetimeMs, defaultLifetimeMs }: Case): Partial<ExchangeRequest> {
  const exchange = readyExchange('client_credentials');
  return {
    exchange: rule === undefined ? exchange : { ...exchange, expiry: rule },
    inputs: CLIENT,
    ...(lastKnownLifetimeMs === undefined ? {} : { lastKnownLifetimeMs }),
    ...(defaultLifetimeMs === undefined ? {} : { defaultLifetimeMs }),
  };
}

function instantsOf({ ms }: Lifetime): Instants {
  const [latest, earliest] = [tokenTimes(0, ms, { spread: 0 }), tokenTimes(0, ms, { spread: 1 })];
  return {
    soft: [Math.round(earliest.soft_at ?? Number.NaN), Math.round(latest.soft_at ?? Number.NaN)],
    ...(latest.hard_at === undefined ? {} : { hard: latest.hard_at }),
    ...(latest.expires_at === undefined ? {} : { end: latest.expires_at }),
  };
}

describe('test 28: expires_in', () => {
  const table: readonly (readonly [
    what: string,
    fields: object,
    more: Case,
    lifetime: Lifetime,
    instants: Instants,
  ])[] = [
    ['3600', { expires_in: 3_600 }, {}, { source: 'expires_in', ms: HOUR }, AN_HOUR],
    ['"3600" (F13)', { expires_in: '3600' }, {}, { source: 'expires_in', ms: HOUR }, AN_HOUR],
    ['" 3600 "', { expires_in: ' 3600 ' }, {}, { source: 'expires_in', ms: HOUR }, AN_HOUR],
    [
      '60',
      { expires_in: 60 },
      {},
      { source: 'expires_in', ms: MINUTE },
      { soft: [43_000, 49_000], hard: 55_000, end: MINUTE },
    ],
    [
      '5',
      { expires_in: 5 },
      {},
      { source: 'expires_in', ms: 5_000 },
      { soft: [3_500, 4_000], hard: 4_500, end: 5_000 },
    ],
    ['0.5', { expires_in: 0.5 }, {}, { source: 'expires_in', ms: 500 }, { soft: [350, 400], hard: 450, end: 500 }],
    ['"3600s" is no number', { expires_in: '3600s' }, {}, { source: 'unknown', note: NO_NUMBER }, UNKNOWN],
    ['"0x10" is no number', { expires_in: '0x10' }, {}, { source: 'unknown', note: NO_NUMBER }, UNKNOWN],
    ['true is no number', { expires_in: true }, {}, { source: 'unknown', note: NO_NUMBER }, UNKNOWN],
    [
      '3600000 with its unit (F14)',
      { ttl: 3_600_000 },
      { rule: { in: { pointer: '/ttl', unit: 'ms' } } },
      { source: 'configured', ms: HOUR },
      AN_HOUR,
    ],
    [
      '3600000 without a unit, corroborated by the JWT',
      { expires_in: 3_600_000 },
      { token: JWT },
      { source: 'expires_in', ms: HOUR, note: "expires_in was in milliseconds, as the token's own exp says" },
      AN_HOUR,
    ],
    [
      '3600000 without a unit or a JWT',
      { expires_in: 3_600_000 },
      {},
      { source: 'expires_in', ms: 1_000 * HOUR },
      THOUSAND_HOURS,
    ],
    [
      '3600000 and a JWT that says 1,000 hours',
      { expires_in: 3_600_000 },
      { token: jwtWith({ iat: at(0), exp: at(1_000 * HOUR) }) },
      { source: 'expires_in', ms: 1_000 * HOUR },
      THOUSAND_HOURS,
    ],
    [
      '3600 and a JWT that says an hour',
      { expires_in: 3_600 },
      { token: JWT },
      { source: 'expires_in', ms: HOUR },
      AN_HOUR,
    ],
    ['epoch s (F15)', { expires_in: at(HOUR) }, {}, { source: 'expires_in', ms: HOUR, note: ABSOLUTE }, AN_HOUR],
    ['epoch ms', { expires_in: THEIRS + HOUR }, {}, { source: 'expires_in', ms: HOUR, note: ABSOLUTE }, AN_HOUR],
    [
      'epoch s as text',
      { expires_in: String(at(HOUR)) },
      {},
      { source: 'expires_in', ms: HOUR, note: ABSOLUTE },
      AN_HOUR,
    ],
    [
      'epoch s in an answer without a clock: by ours',
      { expires_in: Math.floor(NOW / SECOND) + 3_600 },
      { date: false },
      { source: 'expires_in', ms: HOUR, note: `${ABSOLUTE}; the answer brought no clock, ours was used` },
      AN_HOUR,
    ],
    ['0 (F18)', { expires_in: 0 }, {}, { source: 'expires_in', ms: 0, note: ON_ARRIVAL }, OVER],
    ['-1', { expires_in: -1 }, {}, { source: 'expires_in', ms: 0, note: ON_ARRIVAL }, OVER],
    ['"-1"', { expires_in: '-1' }, {}, { source: 'expires_in', ms: 0, note: ON_ARRIVAL }, OVER],
    ['null', { expires_in: null }, {}, { source: 'unknown' }, UNKNOWN],
    ['"NaN"', { expires_in: 'NaN' }, {}, { source: 'unknown', note: NO_NUMBER }, UNKNOWN],
    [
      '1e16',
      { expires_in: 1e16 },
      {},
      { source: 'expires_in', ms: TEN_YEARS, note: 'it was cut to ten years' },
      A_DECADE,
    ],
    [
      '5e9',
      { expires_in: 5e9 },
      {},
      { source: 'expires_in', ms: TEN_YEARS, note: 'it was cut to ten years' },
      A_DECADE,
    ],
    ['absent (F17)', {}, {}, { source: 'unknown' }, UNKNOWN],
    ['absent, JWT exp', {}, { token: JWT }, { source: 'jwt_exp', ms: HOUR }, AN_HOUR],
    [
      'absent, last known',
      {},
      { lastKnownLifetimeMs: HOUR, defaultLifetimeMs: 1 },
      { source: 'last_known', ms: HOUR },
      AN_HOUR,
    ],
    ['absent, default', {}, { defaultLifetimeMs: HOUR }, { source: 'default', ms: HOUR }, AN_HOUR],
    [
      'unreadable, JWT exp; what was odd is kept',
      { expires_in: 'soon' },
      { token: JWT },
      { source: 'jwt_exp', ms: HOUR, note: NO_NUMBER },
      AN_HOUR,
    ],
  ];

  test.each(table)('test 28: %s', async (_what, fields, more, lifetime, instants) => {
    const headers: Record<string, string> = more.date === false ? {} : { date: new Date(THEIRS).toUTCString() };
    const body = { access_token: more.token ?? 'opaque', ...fields };
    const token = tokenOf((await runScripted(requestOf(more), { headers, body })).outcome);
    expect(token.lifetime).toEqual(lifetime);
    expect(instantsOf(token.lifetime)).toEqual(instants);
  });

  test('test 28: NaN is no JSON: a typed failure that shows what came, and no token', async () => {
    const headers = { 'content-type': 'application/json' };
    const body = '{"access_token":"at_1","expires_in":NaN}';
    const failure = failureOf((await runScripted(requestOf({}), { headers, body })).outcome);
    expect(failure).toMatchObject({
      class: 'transient',
      error: 'not_json',
      status: 200,
      contentType: 'application/json',
      sample: expect.stringContaining('"expires_in":NaN'),
      message: expect.stringContaining('check token_url'),
    });
    expect(shownOf(failure)).not.toContain('at_1');
  });
});
