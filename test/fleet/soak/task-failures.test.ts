/** Which failed tasks a soak takes for right: a table. */
import { expect, test } from 'vitest';
import type { TokenRequestEntry } from '../../../src/demo/request-log.ts';
import type { EverbearerEvent } from '../../../src/kernel/event.ts';
import type { Account, Incident } from '../support/account.ts';
import { reconcile } from '../support/reconciliation.ts';
import { whyFailed, type TaskFailure } from './task-failures.ts';

/** When the task failed, epoch milliseconds. */
const NOW = 1_000_000_000;
const MINUTE = 60_000;

const failure = (outcome: string, integration = 'north'): TaskFailure => ({
  ...{ at: NOW - 1_000, until: NOW, integration, actor: 'a', outcome },
});
const incident = (kind: Incident['kind'], more: Partial<Incident> = {}): Incident => ({ at: NOW - 100, kind, ...more });

function request(more: Partial<TokenRequestEntry>): TokenRequestEntry {
  return {
    ...{ sequence: 1, at: NOW - 5_000, grant: 'password', client_id: 'north', user_agent: 'a' },
    ...{ outcome: 'issued', status: 200 },
    ...more,
  };
}

function event(type: EverbearerEvent['type'], more: Partial<EverbearerEvent> = {}): EverbearerEvent {
  return {
    ...{ id: '1', at: new Date(NOW - 500).toISOString(), type, integration: 'north', actor: 'a', reason: 'expired' },
    ...{ outcome: 'failed', details: { grant: 'password', sent: true } },
    ...more,
  };
}

const unanswered = event('token_failed');
const lostRefreshToken: Partial<Account> = {
  requests: [request({ client_id: 'signed-in', refresh_token: 'rt', grant: 'refresh_token', fault: 'truncated' })],
  events: [event('token_failed', { integration: 'signed-in', at: new Date(NOW - 4_900).toISOString() })].map(
    (told) => ({
      ...told,
      details: { grant: 'refresh_token', status: 200, sent: true },
    }),
  ),
};

interface Row {
  readonly name: string;
  readonly failure: TaskFailure;
  readonly account?: Partial<Account>;
  /** Nothing: nobody knows. */
  readonly because?: string;
}

const ROWS: readonly Row[] = [
  {
    name: 'an API that was cut off',
    failure: failure('api_unreachable'),
    account: { incidents: [incident('provider-cut')] },
    because: 'provider-cut',
  },
  {
    name: 'an API that was there',
    failure: failure('api_unreachable'),
    account: { incidents: [incident('store-cut')] },
  },
  {
    name: 'a time-out of a process that stood still',
    failure: failure('api_unreachable'),
    account: { incidents: [incident('stopped', { actor: 'a' })] },
    because: 'stopped',
  },
  {
    name: 'a time-out while another process stood still',
    failure: failure('api_unreachable'),
    account: { incidents: [incident('stopped', { actor: 'b' })] },
  },
  {
    name: 'a store that was cut off',
    failure: failure('store_unavailable'),
    account: { incidents: [incident('store-cut')] },
    because: 'store-cut',
  },
  {
    name: 'a store that was slow',
    failure: failure('store_unavailable'),
    account: { events: [event('store_outage')] },
    because: 'store outage that was told',
  },
  {
    name: 'a store that was slow for another process',
    failure: failure('store_unavailable'),
    account: { events: [event('store_outage', { actor: 'b' })] },
  },
  {
    name: 'a provider that answers badly',
    failure: failure('token_unavailable'),
    account: { requests: [request({ outcome: 'fault', status: 503, fault: 'status' })] },
    because: 'provider fault',
  },
  {
    name: 'a holder that was killed',
    failure: failure('token_unavailable'),
    account: { incidents: [incident('killed', { actor: 'b' })] },
    because: 'killed',
  },
  {
    name: 'a holder that was killed long ago',
    failure: failure('token_unavailable'),
    account: { incidents: [incident('killed', { at: NOW - 2 * MINUTE })] },
  },
  {
    name: 'a holder that was killed two minutes ago with all there is',
    failure: failure('token_unavailable', 'signed-in'),
    account: { incidents: [incident('killed', { at: NOW - 2 * MINUTE })] },
    because: 'killed',
  },
  { name: 'no token, and all is well', failure: failure('token_unavailable'), account: { requests: [request({})] } },
  {
    name: 'a password tried twice without an answer',
    failure: failure('token_blocked'),
    account: { events: [unanswered, unanswered] },
    because: 'password tried twice without an answer',
  },
  { name: 'a password tried once', failure: failure('token_blocked'), account: { events: [unanswered] } },
  {
    name: 'a password tried twice, and answered since',
    failure: failure('token_blocked'),
    account: {
      events: [
        unanswered,
        unanswered,
        event('token_retrieved', { outcome: 'ok', at: new Date(NOW - 100).toISOString() }),
      ],
    },
  },
  {
    name: 'a password tried twice, and whoever heard the second answer died of it',
    failure: failure('token_blocked'),
    account: { events: [unanswered], requests: [request({ at: NOW - 200 })], incidents: [incident('killed')] },
    because: 'password tried twice without an answer',
  },
  {
    name: 'a refresh token that is lost',
    failure: failure('token_blocked', 'signed-in'),
    account: lostRefreshToken,
    because: 'refresh token lost',
  },
  {
    name: 'a refresh token that is not lost',
    failure: failure('token_blocked', 'signed-in'),
    account: { incidents: [incident('killed')] },
  },
  {
    name: 'a bug',
    failure: failure('internal'),
    account: { incidents: [incident('killed'), incident('store-cut'), incident('provider-cut')] },
  },
  {
    name: 'a token that ended while the process stood still',
    failure: failure('401'),
    account: { incidents: [incident('stopped', { actor: 'a', until: NOW - 50 })] },
    because: 'stopped',
  },
  { name: 'a token that the API refuses', failure: failure('401'), account: { incidents: [incident('killed')] } },
];

test.each(ROWS)('$failure.outcome: $name', ({ failure: what, account: given = {}, because }) => {
  const account: Account = { requests: [], events: [], incidents: [], held: new Set(), ...given };
  expect(whyFailed(what, account, reconcile(account))).toBe(because);
});
