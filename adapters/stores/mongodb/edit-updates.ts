/**
 * Compiles what others than attempts write (src/token/edit-transitions.ts) to the filter and the pipeline of one `findOneAndUpdate`. Every expression of a
 * `$set` stage sees the document as it was before the write.
 */
import type {
  BringUp,
  Clear,
  Observe,
  Reseal,
  Resealed,
  SetAside,
  SetByHand,
} from '../../../src/token/token-transition.ts';
import type { NowExpression } from './store-clock.ts';
import { storedPart } from './token-document.ts';
import {
  REMOVED,
  composed,
  equals,
  hasAccessTokenId,
  isPresent,
  literal,
  next,
  textOrNull,
  when,
} from './transition-expressions.ts';
import type { Expression, TransitionUpdate } from './transition-expressions.ts';

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
      edited_at: now,
    },
  };
}

export function setByHand(edit: SetByHand, now: NowExpression): TransitionUpdate {
  return {
    guard: { $and: [isVersion(edit.ifVer), isManual(edit.ifManual)] },
    set: {
      ...(edit.at === undefined ? {} : { at: literal(storedPart(edit.at)), rejected: REMOVED }),
      ...(edit.rt === undefined ? {} : { rt: edit.rt === null ? REMOVED : handMade(edit.rt) }),
      fail: REMOVED,
      manual: REMOVED,
      ver: next('$ver'),
      updated_at: now,
      edited_at: now,
    },
  };
}

/** The token that a person wrote there still stands, as far as it is text. */
function isManual(expected: SetByHand['ifManual']): Expression {
  if (expected === undefined) return true;
  return {
    $and: [
      isPresent('$manual'),
      { $eq: [textOrNull('$manual.access_token'), literal(expected.access_token)] },
      { $eq: [textOrNull('$manual.refresh_token'), literal(expected.refresh_token)] },
    ],
  };
}

function handMade(rt: NonNullable<SetByHand['rt']>): Expression {
  return composed({ ...storedPart(rt), gen: 0, by: 'manual' }, { epoch: '$epoch' });
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
  return { guard: isPresent('$fail'), set: { fail: REMOVED, updated_at: now, edited_at: now } };
}

export function observe(seen: Observe, now: NowExpression): TransitionUpdate {
  return {
    guard: hasAccessTokenId(seen.ifId),
    set: {
      ...(seen.accepted ? { rejected: REMOVED } : {}),
      ...(seen.learned === undefined ? {} : { learned: { $mergeObjects: ['$learned', literal(seen.learned)] } }),
      updated_at: now,
    },
  };
}

/** Each part where it still is what was opened; at least one must be. */
export function reseal(by: Reseal, now: NowExpression): TransitionUpdate {
  const parts = [
    { field: 'at', sealed: 'at.sealed', by: by.at },
    { field: 'rt', sealed: 'rt.sealed', by: by.rt },
    { field: 'extra', sealed: 'extra', by: by.extra },
  ].flatMap(({ field, sealed, by: given }) => (given === undefined ? [] : [{ field, sealed, by: given }]));
  const stands = (sealed: string, { ifCt }: Resealed): Expression => equals(`$${sealed}.ct`, ifCt);
  return {
    guard: { $or: [false, ...parts.map((part) => stands(part.sealed, part.by))] },
    set: {
      ...Object.fromEntries(
        parts.map((part) => {
          const whole = literal(part.by.sealed);
          const resealed = part.field === 'extra' ? whole : { $mergeObjects: [`$${part.field}`, { sealed: whole }] };
          return [part.field, when(stands(part.sealed, part.by), resealed, `$${part.field}`)];
        }),
      ),
      updated_at: now,
    },
  };
}

export function setAside({ part, ifCt, newId }: SetAside, now: NowExpression): TransitionUpdate {
  return {
    guard: equals(`$${part}.sealed.ct`, ifCt),
    set: {
      aside: { $mergeObjects: ['$aside', { [part]: `$${part}.sealed` }] },
      ...(part === 'at' ? { at: literal({ id: newId }), extra: REMOVED } : { rt: REMOVED }),
      ver: next('$ver'),
      updated_at: now,
      edited_at: now,
    },
  };
}
