/**
 * The meaning of every write to a token's record: pure, one function a transition. `undefined` says that a guard did not match and nothing is written.
 * The SQLite store runs these very functions inside a transaction; MongoDB's pipelines are held to them by a property test.
 */
import { acquire, extend, fail, release, save } from './attempt-transitions.ts';
import { bringUp, clear, forgive, observe, reseal, setAside, setByHand } from './edit-transitions.ts';
import type { TokenRecord } from './token-record.ts';
import type { NewTokenRecord } from './token-store.ts';
import type { TokenTransition } from './token-transition.ts';

/** A record as insert-if-absent makes it: nothing is held yet. */
export function newTokenRecord(made: NewTokenRecord, now: number): TokenRecord {
  const { atId, ...identity } = made;
  return { ...identity, ver: 0, epoch: 0, at: { id: atId }, created_at: now, updated_at: now };
}

/** @returns the record after the write, or `undefined` where its guards do not match */
export function applyTransition(
  record: TokenRecord,
  transition: TokenTransition,
  now: number,
): TokenRecord | undefined {
  switch (transition.kind) {
    case 'bring-up':
      return bringUp(record, transition, now);
    case 'acquire':
      return acquire(record, transition, now);
    case 'extend':
      return extend(record, transition, now);
    case 'save':
      return save(record, transition, now);
    case 'fail':
      return fail(record, transition, now);
    case 'release':
      return release(record, transition, now);
    case 'set-by-hand':
      return setByHand(record, transition, now);
    case 'clear':
      return clear(record, transition, now);
    case 'forgive':
      return forgive(record, now);
    case 'observe':
      return observe(record, transition, now);
    case 'reseal':
      return reseal(record, transition, now);
    case 'set-aside':
      return setAside(record, transition, now);
  }
}
