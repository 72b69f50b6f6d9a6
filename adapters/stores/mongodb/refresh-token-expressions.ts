/** The refresh token in aggregation expressions: whether it may be presented, its doubt (M6, M7), and what is written of it. */
import type { RefreshTokenPart } from '../../../src/token/token-record.ts';
import type { Acquire, Extend, NewRefreshToken, Release, Save } from '../../../src/token/token-transition.ts';
import type { NowExpression } from './store-clock.ts';
import { storedPart } from './stored-part.ts';
import {
  composed,
  equals,
  instantOf,
  isMissing,
  isObjectAt,
  literal,
  next,
  textOrNull,
  when,
  withFields,
} from './transition-expressions.ts';
import type { Expression } from './transition-expressions.ts';

/** Whether `rt.fp` is as it was read; `null`: there was none. */
export function hasRefreshToken(fingerprint: string | null): Expression {
  return { $eq: [textOrNull('$rt.fp'), literal(fingerprint)] };
}

/** Whether a stored refresh token may be presented: there, not expired, not refused (or offered by a person all the same). */
export function isPresentable(now: NowExpression, offersRefused = false): Expression {
  const expiresAt = instantOf('$rt.expires_at');
  const isAlive = { $or: [{ $eq: [expiresAt, null] }, { $gt: [expiresAt, now] }] };
  return { $and: [isObjectAt('$rt'), isAlive, ...(offersRefused ? [] : [isMissing('$rt.refused')])] };
}

/** From here on the refresh token may have been presented. A doubt that is there is another attempt's, and stays (M6). */
export function takenUp(by: Acquire, now: NowExpression): Expression {
  const doubt = composed({ attempt: by.attempt, replayed: false }, { at: now });
  const isTakenUp = { $and: [isPresentable(now, by.offersRefused), isMissing('$rt.doubt')] };
  return when(isTakenUp, withFields('$rt', { doubt }), '$rt');
}

/** The stored token as an extended lease needs it known beforehand: refused, presented although it is in doubt, or both. */
export function presentedAgain(by: Extend, now: NowExpression): Expression {
  const doubt = composed({ attempt: by.attempt, replayed: true }, { at: now });
  if (by.replaysRt !== true) return refused(now);
  if (by.refusesRt === true) return onRefreshToken(withFields(asRefused(now), { doubt }));
  const kept = { $mergeObjects: [doubt, withFields('$rt.doubt', literal({ replayed: true }))] };
  return onRefreshToken(withFields('$rt', { doubt: kept }));
}

/** A refused refresh token stays stored, marked. Nothing is in doubt then. */
export function refused(now: NowExpression): Expression {
  return onRefreshToken(asRefused(now));
}

function asRefused(now: NowExpression): Expression {
  return withFields(without('doubt', '$rt'), { refused: { at: now, n: next('$rt.refused.n') } });
}

/** After the success of its own refresh: neither in doubt nor refused. */
export function settled(): Expression {
  return onRefreshToken(without('refused', without('doubt', '$rt')));
}

/** Whether the doubt is this attempt's, and nobody replayed the token meanwhile. */
export function hasOwnDoubt(attempt: string): Expression {
  return { $and: [equals('$rt.doubt.attempt', attempt), { $ne: ['$rt.doubt.replayed', true] }] };
}

/** Only who took the refresh token up, and knows that it was not spent, ends the doubt. */
export function withoutOwnDoubt({ attempt, unspent }: Pick<Release, 'attempt' | 'unspent'>): Expression {
  return unspent ? when(hasOwnDoubt(attempt), without('doubt', '$rt'), '$rt') : '$rt';
}

export function successor(by: Save, rt: NewRefreshToken): Expression {
  const known = {
    ...storedPart(rt),
    by: by.attempt,
    ...(by.presented === undefined ? {} : { from: by.presented }),
    epoch: by.epoch,
  } satisfies Partial<Record<keyof RefreshTokenPart, unknown>>;
  return composed(known, {
    gen: by.presented === undefined ? literal(0) : when(isObjectAt('$rt'), next('$rt.gen'), literal(0)),
  });
}

/** A token by hand begins a line of its own. */
export function byHand(rt: NewRefreshToken): Expression {
  return composed({ ...storedPart(rt), gen: 0, by: 'manual' }, { epoch: '$epoch' });
}

/** `changed` where there is a refresh token; else what stands there. */
function onRefreshToken(changed: Expression): Expression {
  return when(isObjectAt('$rt'), changed, '$rt');
}

function without(field: 'doubt' | 'refused', input: Expression): Expression {
  return { $unsetField: { field, input } };
}
