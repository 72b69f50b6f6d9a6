/** The reconciliation itself: a table of small logs, each with what is amiss in it. */
import { describe, expect, test } from 'vitest';
import type { TokenRequestEntry } from '../../src/demo/request-log.ts';
import type { EverbearerEvent } from '../../src/kernel/event.ts';
import type { Account, Incident } from './support/account.ts';
import { pairInOrder } from './support/pair-in-order.ts';
import { reconcile } from './support/reconciliation.ts';

const MINUTE = 60_000;

/** The `n`th request of worker `a`, a minute after the one before it: presents the refresh token before, is issued `rt<n>`. */
function refresh(n: number, more: Partial<TokenRequestEntry> = {}): TokenRequestEntry {
  return {
    ...{ sequence: n, at: n * MINUTE, grant: 'refresh_token', client_id: 'shop', user_agent: 'a', outcome: 'issued' },
    ...{ status: 200, presented: `rt${n - 1}`, refresh_token: `rt${n}` },
    ...more,
  };
}

function signIn(n: number, more: Partial<TokenRequestEntry> = {}): TokenRequestEntry {
  const { presented: _presented, ...request } = refresh(n, { grant: 'password', ...more });
  return request;
}

/** The event of that request. */
function told({ sequence, grant, status, user_agent, at }: TokenRequestEntry, details: object = {}): EverbearerEvent {
  return {
    ...{ id: String(sequence), at: new Date(at).toISOString(), integration: 'shop', scheme: 'shop' },
    ...{ type: grant === 'password' ? 'token_retrieved' : 'token_refreshed', actor: user_agent ?? '' },
    ...{ reason: 'expired', outcome: 'ok' },
    details: { grant, status, saved: true, epoch: sequence, ...details },
  } as EverbearerEvent;
}

const failed = (request: TokenRequestEntry): EverbearerEvent => ({
  ...told(request, { status: undefined, saved: undefined, sent: true }),
  ...{ type: 'token_failed', outcome: 'failed' },
});

const incident = (at: number, kind: Incident['kind'], more: Partial<Incident> = {}): Incident => ({
  at,
  kind,
  ...more,
});
const killedA = (n: number): Incident => incident(n * MINUTE + 100, 'killed', { actor: 'a', point: 'save:before' });

interface Row {
  readonly name: string;
  readonly requests: readonly TokenRequestEntry[];
  readonly events: readonly EverbearerEvent[];
  readonly incidents?: readonly Incident[];
  /** Default: what the last request was issued. */
  readonly held?: readonly string[];
  readonly expected: object;
}

const chain = [signIn(1), refresh(2), refresh(3)];
const other = { user_agent: 'b' };
const lostAnswer = refresh(2, { fault: 'answer-lost' });

const ROWS: readonly Row[] = [
  {
    name: 'an unbroken chain',
    requests: chain,
    events: chain.map((each) => told(each)),
    expected: { paired: 3, unexplained: 0 },
  },
  {
    name: 'a request without an event',
    requests: chain,
    events: [told(chain[0]!), told(chain[2]!)],
    expected: { paired: 2, withoutEvent: [{ what: { sequence: 2 } }], unexplained: 1 },
  },
  {
    name: 'an event without a request',
    requests: [signIn(1)],
    events: [told(signIn(1)), told(refresh(2))],
    expected: { paired: 1, withoutRequest: [{ id: '2' }], unexplained: 1 },
  },
  {
    name: 'an event that waited for a store that was away',
    requests: [signIn(1)],
    events: [{ ...told(signIn(1)), at: new Date(10 * MINUTE).toISOString() }],
    incidents: [incident(MINUTE, 'store-cut', { until: 2 * MINUTE })],
    expected: { paired: 1, unexplained: 0 },
  },
  {
    name: 'an event long after its request',
    requests: [signIn(1)],
    events: [{ ...told(signIn(1)), at: new Date(10 * MINUTE).toISOString() }],
    expected: { paired: 0, unexplained: 2 },
  },
  {
    name: 'an event of a request that never left',
    requests: [signIn(1)],
    events: [told(signIn(1)), { ...failed(refresh(2)), details: { grant: 'refresh_token', sent: false } }],
    expected: { paired: 1, withoutRequest: [], unexplained: 0 },
  },
  {
    name: 'an event with another status than the answer',
    requests: [refresh(1, { status: 400, outcome: 'refused' })],
    events: [told(refresh(1))],
    held: ['rt1'],
    expected: { paired: 0, unexplained: 2 },
  },
  {
    name: 'a killed process: its last request has no event, its answer is lost',
    requests: [signIn(1), refresh(2), signIn(3, other)],
    events: [told(signIn(1)), told(signIn(3, other))],
    incidents: [killedA(2)],
    expected: {
      withoutEvent: [{ what: { sequence: 2 }, because: 'its process was killed at save:before' }],
      lost: [{ what: { refresh_token: 'rt2' }, because: expect.stringContaining('killed, a, save:before') }],
      unexplained: 0,
    },
  },
  {
    name: 'a killed process: an earlier request of it has no event either',
    requests: chain,
    events: [told(signIn(1))],
    incidents: [killedA(3)],
    expected: {
      withoutEvent: [{ what: { sequence: 2 } }, { because: 'its process was killed at save:before' }],
      unexplained: 1,
    },
  },
  {
    name: 'a killed process that had stored it: the next one presents it',
    requests: [signIn(1), refresh(2), refresh(3, other)],
    events: [told(signIn(1)), told(refresh(3, other))],
    incidents: [killedA(2)],
    expected: { lost: [], unexplained: 0 },
  },
  {
    name: 'an answer that was lost on its way',
    requests: [signIn(1), lostAnswer, signIn(3)],
    events: [told(signIn(1)), failed(lostAnswer), told(signIn(3))],
    expected: { paired: 3, lost: [{ because: 'the answer was lost on its way' }], unexplained: 0 },
  },
  {
    name: 'an answer that was lost, and nothing was done to it',
    requests: [signIn(1), refresh(2), signIn(3)],
    events: [told(signIn(1)), failed(refresh(2)), told(signIn(3))],
    expected: { lost: [{ what: { refresh_token: 'rt2' } }], unexplained: 1 },
  },
  {
    name: 'an answer that was not stored, of a process that stood still',
    requests: [signIn(1), refresh(2), signIn(3, other)],
    events: [told(signIn(1)), told(refresh(2), { saved: false }), told(signIn(3, other))],
    incidents: [incident(2 * MINUTE, 'stopped', { actor: 'a', until: 3 * MINUTE })],
    expected: { lost: [{ because: expect.stringContaining('stood still') }], unexplained: 0 },
  },
  {
    name: 'an answer that was not stored, for no reason',
    requests: [signIn(1), refresh(2), signIn(3, other)],
    events: [told(signIn(1)), told(refresh(2), { saved: false }), told(signIn(3, other))],
    expected: { lost: [{ what: { refresh_token: 'rt2' } }], unexplained: 1 },
  },
  {
    name: 'a token that a person cleared',
    requests: [signIn(1), signIn(2)],
    events: [told(signIn(1)), told(signIn(2))],
    incidents: [incident(1.5 * MINUTE, 'edited', { integration: 'shop' })],
    expected: { superseded: [{ because: 'a person changed the token' }], unexplained: 0 },
  },
  {
    name: 'a token that was given up behind a process that died before it sent',
    requests: [signIn(1), signIn(2, other)],
    events: [told(signIn(1)), told(signIn(2, other), { epoch: 3 })],
    incidents: [incident(1.8 * MINUTE, 'killed', { actor: 'a', point: 'send:before' })],
    expected: { superseded: [{ because: expect.stringContaining('not heard of again') }], unexplained: 0 },
  },
  {
    name: 'a token that was given up although nobody had taken it up',
    requests: [signIn(1), signIn(2, other)],
    events: [told(signIn(1)), told(signIn(2, other))],
    incidents: [incident(1.8 * MINUTE, 'killed', { actor: 'a', point: 'send:before' })],
    expected: { superseded: [{ what: { refresh_token: 'rt1' } }], unexplained: 1 },
  },
  {
    name: 'a replay of a token whose successor is known to be lost',
    requests: [
      signIn(1),
      refresh(2),
      refresh(3, { ...other, presented: 'rt1', status: 400, outcome: 'refused', replayed: true, family_revoked: true }),
    ].map((each) => (each.sequence === 3 ? (({ refresh_token: _none, ...rest }) => rest)(each) : each)),
    events: [told(signIn(1)), told(refresh(3, { ...other, status: 400 }))],
    incidents: [killedA(2)],
    held: [],
    expected: {
      replays: [{ because: expect.stringContaining('its successor was lost') }],
      familyRevocations: 1,
      unexplained: 0,
    },
  },
  {
    name: 'a replay for no reason',
    requests: [...chain, refresh(4, { ...other, presented: 'rt1', replayed: true })],
    events: [...chain, refresh(4, other)].map((each) => told(each)),
    held: ['rt3', 'rt4'],
    expected: { replays: [{ what: { sequence: 4 } }], unexplained: 1 },
  },
];

describe('reconcile', () => {
  test.each(ROWS)('$name', ({ requests, events, incidents = [], held, expected }) => {
    const last = requests.at(-1)?.refresh_token;
    const account: Account = {
      ...{ requests, events, incidents },
      held: new Set(held ?? (last === undefined ? [] : [last])),
    };
    expect(reconcile(account)).toMatchObject(expected);
  });
});

describe('pairInOrder', () => {
  test.each([
    ['abc', 'abc', 'abc', '', ''],
    ['abc', 'ac', 'ac', 'b', ''],
    ['ac', 'abc', 'ac', '', 'b'],
    ['aab', 'ab', 'ab', 'a', ''],
    ['ab', 'ba', 'b', 'a', 'a'],
    ['', 'a', '', '', 'a'],
    ['a', '', '', 'a', ''],
  ])('%s + %s → %s, left over %s and %s', (left, right, paired, leftOver, rightOver) => {
    const made = pairInOrder(left.split(''), right.split(''), (a, b) => a === b);
    expect([made.pairs.map(([a]) => a), made.leftOver, made.rightOver].map((each) => each.join(''))).toEqual([
      paired,
      leftOver,
      rightOver,
    ]);
  });
});
