/** What each rule is for: the protocol without it, and the invariant that breaks then. A mutant wraps the real functions; it copies none. */
import type { AttemptState, AttemptStep } from '../../../src/token/attempt.ts';
import { failOf } from '../../../src/token/attempt-writes.ts';
import type { RefreshTokenPart, TokenRecord } from '../../../src/token/token-record.ts';
import type { Acquire, Fail, Save, TokenTransition } from '../../../src/token/token-transition.ts';
import type { CONFIGURATIONS } from './configurations.ts';
import { PROTOCOL, type Protocol } from './protocol.ts';
import { NOW, type Invariant } from './world.ts';

export interface Mutant {
  readonly rule: string;
  readonly what: string;
  readonly protocol: Protocol;
  readonly configuration: keyof typeof CONFIGURATIONS;
  readonly caughtBy: Invariant;
}

type Apply = Protocol['applyTransition'];
type NextStep = Protocol['nextStep'];

const real = PROTOCOL;

/** The record after a write is another one. */
function writing(change: (after: TokenRecord, before: TokenRecord, by: TokenTransition) => TokenRecord): Protocol {
  const applyTransition: Apply = (record, transition, now) => {
    const after = real.applyTransition(record, transition, now);
    return after === undefined ? undefined : change(after, record, transition);
  };
  return { ...real, applyTransition };
}

/** The write itself is another one. */
function asking(change: (by: TokenTransition, record: TokenRecord) => TokenTransition): Protocol {
  return {
    ...real,
    applyTransition: (record, transition, now) => real.applyTransition(record, change(transition, record), now),
  };
}

/** The attempt goes on in another way. */
function going(change: (next: AttemptState, ...given: Parameters<NextStep>) => AttemptState): Protocol {
  return { ...real, nextStep: (...given) => change(real.nextStep(...given), ...given) };
}

function withoutDoubt(record: TokenRecord): TokenRecord {
  if (record.rt === undefined) return record;
  const { doubt: _doubt, ...rt } = record.rt;
  return { ...record, rt };
}

function withoutLease({ lease: _lease, ...record }: TokenRecord): TokenRecord {
  return record;
}

/** The base that is asked for is whatever stands there, as long as the lease is the attempt's. */
function onWhateverStands<By extends Save | Fail>(by: By, record: TokenRecord): By {
  if (record.lease?.attempt !== by.attempt) return by;
  return { ...by, ifCfgVer: record.cfg_ver, ifId: record.at.id, ifRtFp: record.rt?.fp ?? null };
}

function takenOver(rt: RefreshTokenPart, { attempt }: Acquire): RefreshTokenPart {
  return { ...rt, doubt: { attempt, at: NOW, replayed: false } };
}

function released(state: AttemptState): AttemptState {
  const write = { kind: 'release', attempt: state.plan.attempt, unspent: true } as const;
  return { ...state, step: { do: 'release', write, then: { kind: 'again' } } };
}

function forGood(state: AttemptState, step: AttemptStep & { readonly do: 'fail' }): AttemptState {
  const { nextMs: _nextMs, ...failure } = step.write.failure;
  return { ...state, step: { ...step, write: { ...step.write, failure } } };
}

const countingWhatIsMissed: Protocol['applyCredentialTransition'] = (id, record, transition, now) => {
  const after = real.applyCredentialTransition(id, record, transition, now);
  if (after === undefined) return undefined;
  if (transition.kind === 'admit') return { ...after, tries: record?.tries ?? 0 };
  const isMissed = transition.kind === 'settle' && transition.outcome.kind === 'unanswered';
  return isMissed ? { ...after, tries: after.tries + 1 } : after;
};

export const MUTANTS: readonly Mutant[] = [
  {
    rule: 'M1',
    what: 'a record is brought up by the kind of the last edit, not by the marks of all',
    protocol: asking((by) => (by.kind === 'bring-up' && by.accountRev < by.rev ? { ...by, accountRev: 0 } : by)),
    configuration: 'two edits of account and secret',
    caughtBy: 'G6',
  },
  {
    rule: 'M2',
    what: 'a record is inserted at the revision of the copy that its worker holds',
    protocol: {
      ...real,
      newRecord: (held, atId) => ({ ...real.newRecord(held, atId), rev: held.rev, cfg_ver: held.accountRev }),
    },
    configuration: 'no record yet, and edits',
    caughtBy: 'G6',
  },
  {
    rule: 'M3',
    what: 'an emptied access token keeps its id',
    protocol: writing((after, before) =>
      after.at.sealed === undefined ? { ...after, at: { ...after.at, id: before.at.id } } : after,
    ),
    configuration: 'two edits of account and secret',
    caughtBy: 'G6',
  },
  {
    rule: 'M4',
    what: 'refused credentials hide a refresh token in doubt',
    protocol: going((next) =>
      next.step.do === 'watch' && next.barred !== undefined && next.base !== undefined
        ? {
            ...next,
            step: {
              do: 'fail',
              write: failOf(next.plan, next.base, { failed: next.barred, unspent: true, refusesRt: false }),
              failed: next.barred,
            },
          }
        : next,
    ),
    configuration: 'a wrong password beside a refresh token',
    caughtBy: 'liveness',
  },
  {
    rule: 'M5',
    what: 'a try is counted when its answer is missed, not before it is sent',
    protocol: { ...real, applyCredentialTransition: countingWhatIsMissed },
    configuration: 'a wrong password that has never worked',
    caughtBy: 'G4',
  },
  {
    rule: 'M5',
    what: 'an admission that was not used is not given back',
    protocol: going((next, _state, result) =>
      result.kind === 'held-up' && next.step.do === 'settle' ? { ...next, step: next.step.then } : next,
    ),
    configuration: 'a password that has never worked',
    caughtBy: 'liveness',
  },
  {
    rule: 'M5',
    what: 'what the guard said is kept in the record until an edit',
    protocol: going((next, _state, result) =>
      result.kind === 'barred' && next.step.do === 'fail' ? forGood(next, next.step) : next,
    ),
    configuration: 'a password that has never worked',
    caughtBy: 'liveness',
  },
  {
    rule: 'M6',
    what: 'an acquire overwrites the doubt of another attempt',
    protocol: writing((after, _before, by) =>
      by.kind === 'acquire' && after.rt !== undefined ? { ...after, rt: takenOver(after.rt, by) } : after,
    ),
    configuration: 'a refresh token and other credentials: crashes, stalls, lost answers',
    caughtBy: 'G1',
  },
  {
    rule: 'M6',
    what: 'an acquire of unknown outcome goes on with whatever stands when it is confirmed',
    protocol: {
      ...real,
      nextStep: (state, result, tools) =>
        state.step.do === 'confirm' && result.kind === 'applied'
          ? real.nextStep({ ...real.startAttempt(state.plan), plan: state.plan }, result, tools)
          : real.nextStep(state, result, tools),
    },
    configuration: 'tokens by hand beside a login whose sessions are ended',
    caughtBy: 'G3',
  },
  {
    rule: 'M7',
    what: 'a doubt ends with whoever gives the lease back',
    protocol: writing((after, _before, by) =>
      by.kind === 'release' || by.kind === 'fail' ? withoutDoubt(after) : after,
    ),
    configuration: 'a refresh token and other credentials: crashes, stalls, lost answers',
    caughtBy: 'G1',
  },
  {
    rule: 'M8',
    what: 'the second request of a lease is sent without an extension',
    protocol: going((next, _state, _result, tools) =>
      next.step.do === 'extend' && next.step.grant === 'primary' && next.base !== undefined
        ? real.nextStep(next, { kind: 'applied', record: next.base.record, now: NOW }, tools)
        : next,
    ),
    configuration: 'a refresh token and other credentials: crashes, stalls, lost answers',
    caughtBy: 'G1',
  },
  {
    rule: 'M9',
    what: 'a save lands by its lease alone',
    protocol: asking((by, record) => (by.kind === 'save' ? onWhateverStands(by, record) : by)),
    configuration: 'tokens by hand beside a sole refresh token',
    caughtBy: 'G3',
  },
  {
    rule: 'M9',
    what: 'a late save lands only as it was acquired',
    protocol: asking((by) => {
      if (by.kind !== 'save') return by;
      const { presented: _presented, ...save } = by;
      return save;
    }),
    configuration: 'a sole refresh token: crashes, stalls, lost answers',
    caughtBy: 'G2',
  },
  {
    rule: 'M9',
    what: 'a failure is recorded by its lease alone',
    protocol: asking((by, record) => (by.kind === 'fail' ? onWhateverStands(by, record) : by)),
    configuration: 'commands beside a refused refresh token',
    caughtBy: 'G3',
  },
  {
    rule: 'M10',
    what: 'the token of a primary grant that was dropped is not ended',
    protocol: going((next) => (next.step.do === 'end' ? { ...next, step: next.step.then } : next)),
    configuration: 'tokens by hand beside a login whose sessions are ended',
    caughtBy: 'M10',
  },
  {
    rule: 'M10',
    what: 'a token that may stand somewhere is ended',
    protocol: {
      ...real,
      nextStep: (state, result, tools) =>
        real.nextStep(state, result.kind === 'refused' ? { ...result, repeated: false } : result, tools),
    },
    configuration: 'tokens by hand beside a login whose sessions are ended',
    caughtBy: 'M10',
  },
  {
    rule: 'M11',
    what: 'a refresh token in doubt is presented again once and never more',
    protocol: going((next) =>
      next.step.do === 'watch' && next.base?.record.rt?.doubt?.replayed === true ? released(next) : next,
    ),
    configuration: 'a sole refresh token: crashes, stalls, lost answers',
    caughtBy: 'liveness',
  },
  {
    rule: 'M12',
    what: 'clear ends the lease',
    protocol: writing((after, _before, by) => (by.kind === 'clear' ? withoutLease(after) : after)),
    configuration: 'tokens by hand beside a login whose sessions are ended',
    caughtBy: 'G1',
  },
  {
    rule: 'M12',
    what: 'a token by hand ends the lease',
    protocol: writing((after, _before, by) => (by.kind === 'set-by-hand' ? withoutLease(after) : after)),
    configuration: 'tokens by hand beside a sole refresh token',
    caughtBy: 'G1',
  },
];
