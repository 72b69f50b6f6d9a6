/** What an attempt writes, compiled: acquire, extend, save, fail, release. */
import type { Acquire, AcquiredBase, Extend, Fail, Release, Save } from '../../../src/token/token-transition.ts';
import { failuresWith, failuresWithout, isBarred } from './failure-expressions.ts';
import {
  hasOwnDoubt,
  hasRefreshToken,
  presentedAgain,
  refused,
  settled,
  successor,
  takenUp,
  withoutOwnDoubt,
} from './refresh-token-expressions.ts';
import type { NowExpression } from './store-clock.ts';
import { storedPart } from './stored-part.ts';
import {
  REMOVED,
  composed,
  equals,
  hasAccessTokenId,
  later,
  literal,
  next,
  withFields,
  when,
} from './transition-expressions.ts';
import type { Expression } from './transition-expressions.ts';
import type { TransitionUpdate } from './transition-update.ts';

type Fields = Readonly<Record<string, Expression>>;

export function acquire(by: Acquire, now: NowExpression): TransitionUpdate {
  const { holder, attempt, reason } = by;
  // Missing sorts before every date.
  const free = { $lt: ['$lease.until', now] };
  const mayTry = by.pastFailure ? [] : [{ $not: [isBarred(by, now)] }];
  return {
    guard: { $and: [hasAccessTokenId(by.ifId), { $eq: ['$rev', by.ifRev] }, free, ...mayTry] },
    set: {
      epoch: next('$epoch'),
      lease: composed({ holder, attempt, reason }, { until: later(now, by.ttlMs) }),
      ...(by.presents ? { rt: takenUp(by, now) } : {}),
      ...rejectedAgain(by, now),
      lw: literal(`${attempt}:acquire`),
      updated_at: now,
    },
  };
}

function rejectedAgain({ rejects }: Acquire, now: NowExpression): Fields {
  if (rejects === undefined) return {};
  const computed = { at: now, n: next('$rejected.n'), next_at: later(now, rejects.nextMs) };
  return { rejected: composed({ id: rejects.id }, computed) };
}

export function extend(by: Extend, now: NowExpression): TransitionUpdate {
  const base = by.base === undefined ? [] : [isOnBase(by.base)];
  return {
    guard: { $and: [holdsLease(by), ...base] },
    set: {
      ...(by.refusesRt === true || by.replaysRt === true ? { rt: presentedAgain(by, now) } : {}),
      lease: withFields('$lease', { until: later(now, by.ttlMs) }),
      lw: literal(`${by.attempt}:extend`),
      updated_at: now,
    },
  };
}

export function save(by: Save, now: NowExpression): TransitionUpdate {
  const { learned, failure } = by;
  return {
    guard: { $or: [holdsBase(by), ...bringsSuccessor(by)] },
    set: {
      ...savedAccessToken(by),
      ...savedRefreshToken(by),
      ...(learned === undefined ? {} : { learned: withFields('$learned', literal(learned)) }),
      fail: failure === undefined ? failuresWithout(by.cfgFp) : failuresWith(by.cfgFp, failure, now),
      lease: leaseAfter(by),
      ver: next('$ver'),
      lw: literal(`${by.attempt}:save`),
      updated_at: now,
    },
  };
}

/** With its other values, one version; beside a token that somebody else put there meanwhile, neither. */
function savedAccessToken(by: Save): Fields {
  if (by.at === undefined) return {};
  const unchanged = hasAccessTokenId(by.ifId);
  return {
    at: when(unchanged, literal(storedPart(by.at)), '$at'),
    extra: when(unchanged, by.extra === undefined ? REMOVED : literal(by.extra), '$extra'),
  };
}

/** A successor takes its place; without one it stays, and the success of its own refresh shows that it is good (M7). */
function savedRefreshToken(by: Save): Fields {
  if (by.rt !== undefined) return { rt: successor(by, by.rt) };
  return by.presented === undefined ? {} : { rt: settled() };
}

export function fail(by: Fail, now: NowExpression): TransitionUpdate {
  const held = holdsBase(by);
  const kept = withoutOwnDoubt(by);
  return {
    guard: hasOwnToRelease(by),
    set: {
      rt: by.refusesRt === true ? when(held, refused(now), kept) : kept,
      fail: when(held, failuresWith(by.cfgFp, by.failure, now), '$fail'),
      lw: when(held, literal(`${by.attempt}:fail`), '$lw'),
      lease: leaseAfter(by),
      updated_at: now,
    },
  };
}

/** Its own lease, and its own doubt: each may be somebody else's by now. */
export function release(by: Release, now: NowExpression): TransitionUpdate {
  return {
    guard: hasOwnToRelease(by),
    set: { rt: withoutOwnDoubt(by), lease: leaseAfter(by), updated_at: now },
  };
}

function hasOwnToRelease(by: Pick<Release, 'attempt' | 'unspent'>): Expression {
  return { $or: [holdsLease(by), ...(by.unspent ? [hasOwnDoubt(by.attempt)] : [])] };
}

function holdsLease({ attempt }: Pick<Release, 'attempt'>): Expression {
  return equals('$lease.attempt', attempt);
}

function leaseAfter(by: Pick<Release, 'attempt'>): Expression {
  return when(holdsLease(by), REMOVED, '$lease');
}

/** The base that an attempt acquired on, all three parts of it. */
function isOnBase({ ifCfgVer, ifId, ifRtFp }: AcquiredBase): Expression {
  return { $and: [{ $eq: ['$cfg_ver', ifCfgVer] }, hasAccessTokenId(ifId), hasRefreshToken(ifRtFp)] };
}

/** The guard of an attempt that still holds the lease on the base that it acquired (M9 a). */
function holdsBase(by: Save | Fail): Expression {
  return { $and: [holdsLease(by), isOnBase(by)] };
}

/** What lets a late attempt store the successor of the refresh token that it presented (M9 b). */
function bringsSuccessor(by: Save): readonly Expression[] {
  if (by.rt === undefined || by.presented === undefined) return [];
  const stillStored = equals('$rt.fp', by.presented);
  const laterOfSame = { $and: [equals('$rt.from', by.presented), { $lt: ['$rt.epoch', by.epoch] }] };
  return [{ $and: [{ $eq: ['$cfg_ver', by.ifCfgVer] }, { $or: [stillStored, laterOfSame] }] }];
}
