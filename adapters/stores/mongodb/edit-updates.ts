/** What others than attempts write, compiled: edits of the integration and of the token, what calls saw, keys. */
import { NEW_RECORD_REV } from '../../../src/token/token-record.ts';
import type {
  BringUp,
  Clear,
  Observe,
  Reseal,
  Resealed,
  SetAside,
  SetByHand,
} from '../../../src/token/token-transition.ts';
import { hasFailures } from './failure-expressions.ts';
import { byHand } from './refresh-token-expressions.ts';
import type { NowExpression } from './store-clock.ts';
import { storedPart } from './stored-part.ts';
import {
  REMOVED,
  equals,
  hasAccessTokenId,
  literal,
  next,
  textOrNull,
  when,
  withFields,
} from './transition-expressions.ts';
import type { Expression } from './transition-expressions.ts';
import type { TransitionUpdate } from './transition-update.ts';

/** M1: by the marks of the integration, not by the kind of this edit. */
export function bringUp(to: BringUp, now: NowExpression): TransitionUpdate {
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
      manual: dropped('manual'),
      lease: dropped('lease'),
      rejected: reset('rejected'),
      fail: reset('fail'),
      updated_at: now,
      edited_at: when({ $eq: ['$rev', NEW_RECORD_REV] }, '$edited_at', now),
    },
  };
}

export function setByHand(edit: SetByHand, now: NowExpression): TransitionUpdate {
  return {
    guard: { $and: [isVersion(edit.ifVer), ...isManual(edit.ifManual)] },
    set: {
      ...(edit.at === undefined ? {} : { at: literal(storedPart(edit.at)), rejected: REMOVED }),
      ...(edit.rt === undefined ? {} : { rt: edit.rt === null ? REMOVED : byHand(edit.rt) }),
      fail: REMOVED,
      manual: REMOVED,
      ver: next('$ver'),
      updated_at: now,
      edited_at: now,
    },
  };
}

function isManual(expected: SetByHand['ifManual']): readonly Expression[] {
  if (expected === undefined) return [];
  return [
    // Missing and null sort before everything else.
    { $gt: ['$manual', null] },
    { $eq: [textOrNull('$manual.access_token'), literal(expected.access_token)] },
    { $eq: [textOrNull('$manual.refresh_token'), literal(expected.refresh_token)] },
  ];
}

export function clear(edit: Clear, now: NowExpression): TransitionUpdate {
  return {
    guard: isVersion(edit.ifVer),
    set: {
      at: literal({ id: edit.newId }),
      rt: REMOVED,
      rejected: REMOVED,
      extra: REMOVED,
      manual: REMOVED,
      ver: next('$ver'),
      updated_at: now,
      edited_at: now,
    },
  };
}

function isVersion(version: number | undefined): Expression {
  return version === undefined ? true : { $eq: ['$ver', version] };
}

export function forgive(now: NowExpression): TransitionUpdate {
  return { guard: hasFailures(), set: { fail: REMOVED, updated_at: now, edited_at: now } };
}

export function observe({ ifId, accepted, learned }: Observe, now: NowExpression): TransitionUpdate {
  return {
    guard: hasAccessTokenId(ifId),
    set: {
      ...(accepted ? { rejected: REMOVED } : {}),
      ...(learned === undefined ? {} : { learned: withFields('$learned', literal(learned)) }),
      updated_at: now,
    },
  };
}

export function reseal({ at, rt, extra }: Reseal, now: NowExpression): TransitionUpdate {
  const parts = [resealedPart('at', at), resealedPart('rt', rt), resealedExtra(extra)].filter(
    (part) => part !== undefined,
  );
  return {
    guard: { $or: parts.map(({ matches }) => matches) },
    set: { ...Object.fromEntries(parts.map(({ field, value }) => [field, value])), updated_at: now },
  };
}

interface ResealedField {
  readonly field: string;
  /** Whether the ciphertext that was opened still stands there. */
  readonly matches: Expression;
  readonly value: Expression;
}

function resealedPart(field: 'at' | 'rt', by: Resealed | undefined): ResealedField | undefined {
  if (by === undefined) return undefined;
  const matches = equals(`$${field}.sealed.ct`, by.ifCt);
  return { field, matches, value: when(matches, withFields(`$${field}`, literal({ sealed: by.sealed })), `$${field}`) };
}

function resealedExtra(by: Resealed | undefined): ResealedField | undefined {
  if (by === undefined) return undefined;
  const matches = equals('$extra.ct', by.ifCt);
  return { field: 'extra', matches, value: when(matches, literal(by.sealed), '$extra') };
}

export function setAside({ part, ifCt, newId }: SetAside, now: NowExpression): TransitionUpdate {
  return {
    guard: equals(`$${part}.sealed.ct`, ifCt),
    set: {
      ...(part === 'at' ? { at: literal({ id: newId }), extra: REMOVED } : { rt: REMOVED }),
      aside: withFields('$aside', { [part]: `$${part}.sealed` }),
      ver: next('$ver'),
      updated_at: now,
      edited_at: now,
    },
  };
}
