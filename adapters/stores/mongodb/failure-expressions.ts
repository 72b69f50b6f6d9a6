/** The list of failures in aggregation expressions: each writer touches its own entry only. */
import { FAILURES_KEPT } from '../../../src/token/attempt-transitions.ts';
import type { Acquire, NewFailure } from '../../../src/token/token-transition.ts';
import { isPresentable } from './refresh-token-expressions.ts';
import type { NowExpression } from './store-clock.ts';
import { REMOVED, composed, equals, isMissing, later, literal, next, when } from './transition-expressions.ts';
import type { Expression } from './transition-expressions.ts';

/** Also where somebody put something else there by hand. */
const LIST: Expression = { $cond: [{ $isArray: '$fail' }, '$fail', []] };

/** Whether the own entry still forbids a token request. A refused password never hides a refresh token that can be presented (M4). */
export function isBarred({ cfgFp, presents }: Acquire, now: NowExpression): Expression {
  const notDue = { $or: [isMissing('$$own.next_at'), { $gt: ['$$own.next_at', now] }] };
  const hides = { $and: [equals('$$own.class', 'credentials'), isPresentable(now)] };
  const bars = presents ? { $and: [notDue, { $not: [hides] }] } : notDue;
  return { $anyElementTrue: [{ $map: { input: ownEntries(cfgFp), as: 'own', in: bars } }] };
}

/** Whether any failure is remembered. */
export function hasFailures(): Expression {
  const isEntry = { $eq: [{ $type: '$$entry.cfg_fp' }, 'string'] };
  return { $anyElementTrue: [{ $map: { input: LIST, as: 'entry', in: isEntry } }] };
}

/** `fail` without the own entry: the field goes with its last one. */
export function failuresWithout(cfgFp: string): Expression {
  return { $let: { vars: { others: otherEntries(cfgFp) }, in: when({ $eq: ['$$others', []] }, REMOVED, '$$others') } };
}

/** `fail` with the own entry counted on and put first; the oldest beyond the limit go. */
export function failuresWith(cfgFp: string, { nextMs, ...facts }: NewFailure, now: NowExpression): Expression {
  const entry = composed(
    { cfg_fp: cfgFp, ...facts },
    { n: next('$$own.n'), at: now, ...(nextMs === undefined ? {} : { next_at: later(now, nextMs) }) },
  );
  const others = { $slice: [otherEntries(cfgFp), FAILURES_KEPT - 1] };
  return { $let: { vars: { own: { $first: ownEntries(cfgFp) } }, in: { $concatArrays: [[entry], others] } } };
}

function ownEntries(cfgFp: string): Expression {
  return { $filter: { input: LIST, as: 'entry', cond: equals('$$entry.cfg_fp', cfgFp) } };
}

function otherEntries(cfgFp: string): Expression {
  return { $filter: { input: LIST, as: 'entry', cond: { $ne: ['$$entry.cfg_fp', literal(cfgFp)] } } };
}
