/**
 * Compiles what an attempt writes (src/token/attempt-transitions.ts) to the filter and the pipeline of one `findOneAndUpdate`. Every expression of a `$set`
 * stage sees the document as it was before the write.
 */
import type { RefreshTokenPart } from '../../../src/token/token-record.ts';
import type { Acquire, AcquiredBase, Extend, Fail, Release, Save } from '../../../src/token/token-transition.ts';
import { failuresWith, failuresWithout, isBarred } from './failure-expressions.ts';
import type { NowExpression } from './store-clock.ts';
import { storedPart } from './token-document.ts';
import {
  REMOVED,
  composed,
  equals,
  hasAccessTokenId,
  hasRefreshToken,
  isPresent,
  later,
  literal,
  next,
  when,
  without,
} from './transition-expressions.ts';
import type { Expression, TransitionUpdate } from './transition-expressions.ts';

export function acquire(by: Acquire, now: NowExpression): TransitionUpdate {
  const { holder, attempt, reason, rejects } = by;
  // Missing sorts before every date.
  const free = { $lt: ['$lease.until', now] };
  return {
    guard: {
      $and: [
        hasAccessTokenId(by.ifId),
        { $eq: ['$rev', by.ifRev] },
        free,
        ...(by.pastFailure ? [] : [{ $not: [isBarred(by.cfgFp, now, by.presents && isPresentable(now, false))] }]),
      ],
    },
    set: {
      epoch: next('$epoch'),
      lease: composed({ holder, attempt, reason }, { until: later(now, by.ttlMs) }),
      ...takenUp(by, now),
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

/** Whether the stored refresh token may be presented. */
function isPresentable(now: NowExpression, offersRefused: boolean): Expression {
  const lives = { $or: [{ $not: [isPresent('$rt.expires_at')] }, { $lt: [now, '$rt.expires_at'] }] };
  return { $and: [isPresent('$rt'), lives, ...(offersRefused ? [] : [{ $not: [isPresent('$rt.refused')] }])] };
}

function takenUp(by: Acquire, now: NowExpression): { readonly rt?: Expression } {
  if (!by.presents) return {};
  const isFree = { $and: [isPresentable(now, by.offersRefused), { $not: [isPresent('$rt.doubt')] }] };
  const doubt = composed({ attempt: by.attempt, replayed: false }, { at: now });
  return { rt: when(isFree, { $mergeObjects: ['$rt', { doubt }] }, '$rt') };
}

/** The base that an attempt acquired on, all three parts of it. */
function onBase(by: AcquiredBase): Expression {
  return { $and: [{ $eq: ['$cfg_ver', by.ifCfgVer] }, hasAccessTokenId(by.ifId), hasRefreshToken(by.ifRtFp)] };
}

export function extend(by: Extend, now: NowExpression): TransitionUpdate {
  const mine = equals('$lease.attempt', by.attempt);
  return {
    guard: by.base === undefined ? mine : { $and: [mine, onBase(by.base)] },
    set: {
      ...extendedRefreshToken(by, now),
      lease: { $mergeObjects: ['$lease', { until: later(now, by.ttlMs) }] },
      lw: literal(`${by.attempt}:extend`),
      updated_at: now,
    },
  };
}

function extendedRefreshToken(by: Extend, now: NowExpression): { readonly rt?: Expression } {
  if (by.refusesRt !== true && by.replaysRt !== true) return {};
  const marked = by.refusesRt === true ? refused(now) : '$rt';
  // What is refused is in doubt no more.
  const known = by.refusesRt === true ? {} : '$rt.doubt';
  const doubt = { $mergeObjects: [composed({ attempt: by.attempt }, { at: now }), known, { replayed: true }] };
  const presented = by.replaysRt === true ? { $mergeObjects: [marked, { doubt }] } : marked;
  return { rt: when(isPresent('$rt'), presented, '$rt') };
}

/** What lets a late attempt store the successor of the refresh token that it presented (M9 b). */
function bringsSuccessor(by: Save): readonly Expression[] {
  if (by.rt === undefined || by.presented === undefined) return [];
  const stillStored = equals('$rt.fp', by.presented);
  const laterOfSame = { $and: [equals('$rt.from', by.presented), { $lt: ['$rt.epoch', by.epoch] }] };
  return [{ $and: [{ $eq: ['$cfg_ver', by.ifCfgVer] }, { $or: [stillStored, laterOfSame] }] }];
}

export function save(by: Save, now: NowExpression): TransitionUpdate {
  const mine = equals('$lease.attempt', by.attempt);
  return {
    guard: { $or: [{ $and: [mine, onBase(by)] }, ...bringsSuccessor(by)] },
    set: {
      ...savedAccessToken(by),
      ...savedRefreshToken(by),
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

/** A successor takes its place; without one the success of its own refresh shows that it is good. */
function savedRefreshToken(by: Save): { readonly rt?: Expression } {
  if (by.rt !== undefined) return { rt: successor(by, by.rt) };
  if (by.presented === undefined) return {};
  return { rt: when(isPresent('$rt'), without('$rt', 'doubt', 'refused'), '$rt') };
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

export function fail(by: Fail, now: NowExpression): TransitionUpdate {
  const mine = equals('$lease.attempt', by.attempt);
  const held = { $and: [mine, onBase(by)] };
  const settled = withoutOwnDoubt(by);
  const marked = by.refusesRt === true ? when(isPresent('$rt'), refused(now), '$rt') : settled;
  return {
    guard: { $or: [mine, ...ownDoubt(by)] },
    set: {
      rt: when(held, marked, settled),
      fail: when(held, failuresWith(by.cfgFp, by.failure, now), '$fail'),
      lw: when(held, literal(`${by.attempt}:fail`), '$lw'),
      lease: when(mine, REMOVED, '$lease'),
      updated_at: now,
    },
  };
}

/** The mark on a refused refresh token, whose doubt is over. */
function refused(now: NowExpression): Expression {
  return { $mergeObjects: [without('$rt', 'doubt'), { refused: { at: now, n: next('$rt.refused.n') } }] };
}

export function release(by: Release, now: NowExpression): TransitionUpdate {
  const mine = equals('$lease.attempt', by.attempt);
  return {
    guard: { $or: [mine, ...ownDoubt(by)] },
    set: { rt: withoutOwnDoubt(by), lease: when(mine, REMOVED, '$lease'), updated_at: now },
  };
}

/** Whether the doubt is this attempt's to end (M7); nothing where it never is. */
function ownDoubt({ attempt, unspent }: Pick<Release, 'attempt' | 'unspent'>): readonly Expression[] {
  return unspent ? [{ $and: [equals('$rt.doubt.attempt', attempt), equals('$rt.doubt.replayed', false)] }] : [];
}

function withoutOwnDoubt(by: Pick<Release, 'attempt' | 'unspent'>): Expression {
  const [own] = ownDoubt(by);
  return own === undefined ? '$rt' : when(own, without('$rt', 'doubt'), '$rt');
}

function hasText(path: string): Expression {
  return { $eq: [{ $type: path }, 'string'] };
}
