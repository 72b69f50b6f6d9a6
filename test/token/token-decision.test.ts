import { describe, expect, test } from 'vitest';
import { decide, type DecisionContext } from '../../src/token/token-decision.ts';
import type { RecordedFailure, TokenRecord } from '../../src/token/token-record.ts';

const HOUR = 3_600_000;
const SEALED = { ct: 'x', iv: 'x', kid: 'k' };
const EMPTY: TokenRecord = {
  id: 'i:s:k',
  integration_id: 'i',
  scheme: 's',
  ver: 0,
  epoch: 0,
  rev: 3,
  cfg_ver: 0,
  at: { id: 'a' },
  created_at: 0,
  updated_at: 0,
};
const HELD: TokenRecord = {
  ...EMPTY,
  ver: 1,
  at: { id: 'a', sealed: SEALED, issued_at: 0, soft_at: 0.8 * HOUR, hard_at: HOUR - 60_000, expires_at: HOUR },
};
const CONTEXT: DecisionContext = { rev: 3, cfgFp: 'mine', hasPrimary: true, presents: true, renewal: 'background' };
const LEASE = { holder: 'other', until: 10 * HOUR, attempt: 'x', reason: 'soft' } as const;

function failing(failure: Partial<RecordedFailure>): Readonly<Record<string, RecordedFailure>> {
  return { mine: { class: 'transient', code: 'timeout', n: 1, message: 'no answer', at: 0, ...failure } };
}

describe('what is done with a token, by its record and the time', () => {
  test.each<{
    title: string;
    record: TokenRecord | undefined;
    now: number;
    context?: Partial<DecisionContext>;
    expected: object;
  }>([
    { title: 'no record is inserted', record: undefined, now: 0, expected: { action: 'insert' } },
    {
      title: 'a record at no revision yet is as none',
      record: { ...HELD, rev: 0 },
      now: 0,
      expected: { action: 'insert' },
    },
    { title: 'an older revision is brought up', record: { ...HELD, rev: 2 }, now: 0, expected: { action: 'bring-up' } },
    {
      title: 'a newer revision makes the worker look again',
      record: { ...HELD, rev: 4 },
      now: 0,
      expected: { action: 'reload' },
    },
    {
      title: 'nothing held: acquire',
      record: EMPTY,
      now: 0,
      expected: { action: 'acquire', reason: 'empty', fallback: false },
    },
    { title: 'fresh: serve', record: HELD, now: 1, expected: { action: 'serve' } },
    {
      title: 'soft: serve and renew behind',
      record: HELD,
      now: 0.9 * HOUR,
      expected: { action: 'serve', renew: 'soft' },
    },
    {
      title: 'soft in a short-lived process: serve',
      record: HELD,
      now: 0.9 * HOUR,
      context: { renewal: 'inline' },
      expected: { action: 'serve' },
    },
    {
      title: 'soft under a lease: serve',
      record: { ...HELD, lease: LEASE },
      now: 0.9 * HOUR,
      expected: { action: 'serve' },
    },
    {
      title: 'soft while cooling: serve',
      record: { ...HELD, fail: failing({ next_at: HOUR }) },
      now: 0.9 * HOUR,
      expected: { action: 'serve' },
    },
    {
      title: 'hard: serve and renew at once',
      record: HELD,
      now: HOUR - 30_000,
      expected: { action: 'serve', renew: 'hard' },
    },
    {
      title: 'the last two seconds: wait for the renewal, with the old token to fall back on',
      record: HELD,
      now: HOUR - 1_000,
      expected: { action: 'acquire', reason: 'hard', fallback: true },
    },
    {
      title: 'the last two seconds while blocked: serve',
      record: { ...HELD, fail: failing({ class: 'credentials' }) },
      now: HOUR - 1_000,
      expected: { action: 'serve' },
    },
    {
      title: 'expired at its very instant: acquire',
      record: HELD,
      now: HOUR,
      expected: { action: 'acquire', reason: 'expired', fallback: false },
    },
    {
      title: 'expired under a lease: wait',
      record: { ...HELD, lease: LEASE },
      now: HOUR,
      expected: { action: 'wait', fallback: false },
    },
    {
      title: 'expired while cooling',
      record: { ...HELD, fail: failing({ next_at: 2 * HOUR }) },
      now: HOUR,
      expected: { action: 'cooling', nextAt: 2 * HOUR },
    },
    {
      title: 'expired and the cooling is over',
      record: { ...HELD, fail: failing({ next_at: HOUR }) },
      now: HOUR,
      expected: { action: 'acquire' },
    },
    {
      title: 'a refused password blocks',
      record: { ...HELD, fail: failing({ class: 'credentials' }) },
      now: HOUR,
      expected: { action: 'blocked' },
    },
    {
      title: "another configuration's failure does not",
      record: { ...HELD, fail: failing({ class: 'credentials' }) },
      now: HOUR,
      context: { cfgFp: 'other' },
      expected: { action: 'acquire' },
    },
    {
      title: 'a person passes the block',
      record: { ...HELD, fail: failing({ class: 'credentials' }) },
      now: HOUR,
      context: { newerThan: 'a' },
      expected: { action: 'acquire', reason: 'person' },
    },
    {
      title: 'a person wants a newer one than a fresh one',
      record: HELD,
      now: 1,
      context: { newerThan: 'a' },
      expected: { action: 'acquire', reason: 'person' },
    },
    {
      title: 'a person is served when somebody was faster',
      record: HELD,
      now: 1,
      context: { newerThan: 'before' },
      expected: { action: 'serve' },
    },
    {
      title: 'the token that the API refused is renewed',
      record: HELD,
      now: 1,
      context: { rejectedId: 'a' },
      expected: { action: 'acquire', reason: 'rejected' },
    },
    {
      title: 'a refused token that was replaced meanwhile: serve the other',
      record: HELD,
      now: 1,
      context: { rejectedId: 'older' },
      expected: { action: 'serve' },
    },
    {
      title: 'the token of a forced renewal is refused too: no further one yet',
      record: { ...HELD, rejected: { id: 'older', at: 0, n: 1, next_at: 60_000 } },
      now: 1,
      context: { rejectedId: 'a' },
      expected: { action: 'refused', nextAt: 60_000 },
    },
    {
      title: 'others are served meanwhile',
      record: { ...HELD, rejected: { id: 'older', at: 0, n: 1, next_at: 60_000 } },
      now: 1,
      expected: { action: 'serve' },
    },
    {
      title: 'a token without an end is served for good',
      record: { ...HELD, at: { id: 'a', sealed: SEALED } },
      now: 1_000 * HOUR,
      expected: { action: 'serve' },
    },
    {
      title: 'a token just obtained is not renewed at once',
      record: { ...HELD, at: { ...HELD.at, soft_at: 0 } },
      now: 1_000,
      expected: { action: 'serve' },
    },
  ])('$title', ({ record, now, context, expected }) => {
    const decision = decide(record, now, { ...CONTEXT, ...context });
    expect(decision).toMatchObject(expected);
    expect('renew' in decision).toBe('renew' in expected);
  });
});
