/**
 * Compiles a transition to the filter and the pipeline of one `findOneAndUpdate`. `applyTransition` (src/token/transitions.ts) is the meaning; a property
 * test holds the two together. Every expression of a `$set` stage sees the document as it was before the write.
 */
import type { RefreshTokenPart } from '../../../src/token/token-record.ts';
import type {
  Acquire,
  BringUp,
  Clear,
  Fail,
  Release,
  Save,
  SetByHand,
  TokenTransition,
} from '../../../src/token/token-transition.ts';
import { failuresWith, failuresWithout, isBarred } from './failure-expressions.ts';
import type { NowExpression } from './store-clock.ts';
import { storedPart } from './token-document.ts';
import {
  REMOVED,
  composed,
  equals,
  hasAccessTokenId,
  hasRefreshToken,
  later,
  literal,
  next,
  when,
} from './transition-expressions.ts';
import type { Expression } from './transition-expressions.ts';

/** The parts of a `findOneAndUpdate` of one record. */
export interface TransitionUpdate {
  /** `$expr`: the guards, beside the record's id. */
  readonly guard: Expression;
  /** `$set`, by field; {@link REMOVED} takes a field away. `updated_at` is always the instant of the write. */
  readonly set: Readonly<Record<string, Expression>> & { readonly updated_at: NowExpression };
}

/** @param now the store's present, as one expression for guards and values */
export function compileTransition(transition: TokenTransition, now: NowExpression): TransitionUpdate {
  switch (transition.kind) {
    case 'bring-up':
      return bringUp(transition, now);
    case 'acquire':
      return acquire(transition, now);
    case 'save':
      return save(transition, now);
    case 'fail':
      return fail(transition, now);
    case 'release':
      return release(transition, now);
    case 'set-by-hand':
      return setByHand(transition, now);
    case 'clear':
      return clear(transition, now);
  }
}

function bringUp(to: BringUp, now: NowExpression): TransitionUpdate {
  const account = { $lt: ['$rev', to.accountRev] };
  const credentials = { $lt: ['$rev', Math.max(to.accountRev, to.secretRev)] };
  const dropped = (field: string): Expression => when(account, REMOVED, `$${field}`);
  const reset = (field: string): Expression => when(credentials, REMOVED, `$${field}`);
  return {
    guard: { $lt: ['$rev', to.rev] },
    set: {
      rev: to.rev,
      cfg_ver: when(account, to.accountRev, '$cfg_ver'),
      ver: when(credentials, next('$ver'), '$ver'),
      at: when(credentials, literal({ id: to.newId }), '$at'),
      rt: dropped('rt'),
      extra: dropped('extra'),
      learned: dropped('learned'),
      lease: dropped('lease'),
      rejected: reset('rejected'),
      fail: reset('fail'),
      updated_at: now,
      edited_at: now,
    },
  };
}

function acquire(by: Acquire, now: NowExpression): TransitionUpdate {
  const { holder, attempt, reason, rejects } = by;
  // Missing sorts before every date.
  const free = { $lt: ['$lease.until', now] };
  return {
    guard: {
      $and: [
        hasAccessTokenId(by.ifId),
        { $eq: ['$rev', by.ifRev] },
        free,
        ...(by.pastFailure ? [] : [{ $not: [isBarred(by.cfgFp, now)] }]),
      ],
    },
    set: {
      epoch: next('$epoch'),
      lease: composed({ holder, attempt, reason }, { until: later(now, by.ttlMs) }),
      ...(rejects === undefined
        ? {}
        : {
            rejected: composed(
              { id: rejects.id },
              { at: now, n: next('$rejected.n'), next_at: later(now, rejects.nextMs) },
            ),
          }),
      lw: literal(`${attempt}:acquire`),
      updated_at: now,
    },
  };
}

/** The base that an attempt acquired on, all three parts of it. */
function onBase(by: Save | Fail): Expression {
  return { $and: [{ $eq: ['$cfg_ver', by.ifCfgVer] }, hasAccessTokenId(by.ifId), hasRefreshToken(by.ifRtFp)] };
}

/** What lets a late attempt store the successor of the refresh token that it presented (M9 b). */
function bringsSuccessor(by: Save): readonly Expression[] {
  if (by.rt === undefined || by.presented === undefined) return [];
  const stillStored = equals('$rt.fp', by.presented);
  const laterOfSame = { $and: [equals('$rt.from', by.presented), { $lt: ['$rt.epoch', by.epoch] }] };
  return [{ $and: [{ $eq: ['$cfg_ver', by.ifCfgVer] }, { $or: [stillStored, laterOfSame] }] }];
}

function save(by: Save, now: NowExpression): TransitionUpdate {
  const mine = equals('$lease.attempt', by.attempt);
  return {
    guard: { $or: [{ $and: [mine, onBase(by)] }, ...bringsSuccessor(by)] },
    set: {
      ...savedAccessToken(by),
      ...(by.rt === undefined ? refused(by.refusesRt, now) : { rt: successor(by, by.rt) }),
      ...(by.learned === undefined ? {} : { learned: { $mergeObjects: ['$learned', literal(by.learned)] } }),
      fail: by.failure === undefined ? failuresWithout(by.cfgFp) : failuresWith(by.cfgFp, by.failure, now),
      lease: when(mine, REMOVED, '$lease'),
      ver: next('$ver'),
      lw: literal(`${by.attempt}:save`),
      updated_at: now,
    },
  };
}

/** With its other values, one version; beside a token that somebody else put there meanwhile, neither. */
function savedAccessToken(by: Save): Readonly<Record<string, Expression>> {
  if (by.at === undefined) return {};
  const unchanged = hasAccessTokenId(by.ifId);
  return {
    at: when(unchanged, literal(storedPart(by.at)), '$at'),
    extra: when(unchanged, by.extra === undefined ? REMOVED : literal(by.extra), '$extra'),
  };
}

function successor(by: Save, rt: NonNullable<Save['rt']>): Expression {
  const known = {
    ...storedPart(rt),
    by: by.attempt,
    ...(by.presented === undefined ? {} : { from: by.presented }),
    epoch: by.epoch,
  } satisfies Partial<Record<keyof RefreshTokenPart, unknown>>;
  const gen = by.presented === undefined ? literal(0) : when(hasText('$rt.fp'), next('$rt.gen'), literal(0));
  return composed(known, { gen });
}

function fail(by: Fail, now: NowExpression): TransitionUpdate {
  const held = onBase(by);
  const failures = failuresWith(by.cfgFp, by.failure, now);
  const marked = refused(by.refusesRt, now);
  return {
    guard: equals('$lease.attempt', by.attempt),
    set: {
      ...(marked.rt === undefined ? {} : { rt: when(held, marked.rt, '$rt') }),
      fail: when(held, failures, '$fail'),
      lw: when(held, literal(`${by.attempt}:fail`), '$lw'),
      lease: REMOVED,
      updated_at: now,
    },
  };
}

/** The mark on a refused refresh token, where it is still the one stored. */
function refused(fingerprint: string | undefined, now: NowExpression): { readonly rt?: Expression } {
  if (fingerprint === undefined) return {};
  const mark = { $mergeObjects: ['$rt', { refused: { at: now, n: next('$rt.refused.n') } }] };
  return { rt: when(equals('$rt.fp', fingerprint), mark, '$rt') };
}

function release(by: Release, now: NowExpression): TransitionUpdate {
  return { guard: equals('$lease.attempt', by.attempt), set: { lease: REMOVED, updated_at: now } };
}

function setByHand(edit: SetByHand, now: NowExpression): TransitionUpdate {
  return {
    guard: isVersion(edit.ifVer),
    set: {
      ...(edit.at === undefined ? {} : { at: literal(storedPart(edit.at)), rejected: REMOVED }),
      ...(edit.rt === undefined ? {} : { rt: edit.rt === null ? REMOVED : handMade(edit.rt) }),
      fail: REMOVED,
      ver: next('$ver'),
      updated_at: now,
      edited_at: now,
    },
  };
}

function handMade(rt: NonNullable<SetByHand['rt']>): Expression {
  return composed({ ...storedPart(rt), gen: 0, by: 'manual' }, { epoch: '$epoch' });
}

function clear(edit: Clear, now: NowExpression): TransitionUpdate {
  return {
    guard: isVersion(edit.ifVer),
    set: {
      at: literal({ id: edit.newId }),
      rt: REMOVED,
      rejected: REMOVED,
      extra: REMOVED,
      ver: next('$ver'),
      updated_at: now,
      edited_at: now,
    },
  };
}

function isVersion(version: number | undefined): Expression {
  return version === undefined ? true : { $eq: ['$ver', version] };
}

function hasText(path: string): Expression {
  return { $eq: [{ $type: path }, 'string'] };
}
