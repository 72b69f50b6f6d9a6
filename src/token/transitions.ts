/**
 * The meaning of every write to a token's record: pure, one function a transition. `undefined` says that a guard did not match and nothing is written.
 * The SQLite store runs these very functions inside a transaction; MongoDB's pipelines are held to them by a property test.
 */
import type { RecordedFailure, RefreshTokenPart, TokenRecord } from './token-record.ts';
import type {
  Acquire,
  BringUp,
  Clear,
  Fail,
  NewFailure,
  Release,
  Save,
  SetByHand,
  TokenTransition,
} from './token-transition.ts';
import type { NewTokenRecord } from './token-store.ts';

/** How many configurations a record remembers a failure of. */
export const FAILURES_KEPT = 8;

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
  }
}

function bringUp(record: TokenRecord, to: BringUp, now: number): TokenRecord | undefined {
  if (record.rev >= to.rev) return undefined;
  const stamped = { ...record, rev: to.rev, updated_at: now, edited_at: now };
  if (record.rev < to.accountRev) {
    const {
      rt: _rt,
      rejected: _rejected,
      extra: _extra,
      learned: _learned,
      fail: _fail,
      lease: _lease,
      ...kept
    } = stamped;
    return { ...kept, cfg_ver: to.accountRev, ver: record.ver + 1, at: { id: to.newId } };
  }
  if (record.rev < to.secretRev) {
    const { rejected: _rejected, fail: _fail, ...kept } = stamped;
    return { ...kept, ver: record.ver + 1, at: { id: to.newId } };
  }
  return stamped;
}

/** Whether a lease keeps others out at this instant. */
export function isLeased(record: TokenRecord, now: number): boolean {
  return record.lease !== undefined && record.lease.until >= now;
}

/** Whether a recorded failure still forbids a token request. */
export function isBarred(failure: RecordedFailure | undefined, now: number): boolean {
  return failure !== undefined && (failure.next_at === undefined || failure.next_at > now);
}

function acquire(record: TokenRecord, by: Acquire, now: number): TokenRecord | undefined {
  if (record.at.id !== by.ifId || record.rev !== by.ifRev || isLeased(record, now)) return undefined;
  if (!by.pastFailure && isBarred(record.fail?.[by.cfgFp], now)) return undefined;
  return {
    ...record,
    epoch: record.epoch + 1,
    lease: { holder: by.holder, until: now + by.ttlMs, attempt: by.attempt, reason: by.reason },
    ...(by.rejects === undefined
      ? {}
      : {
          rejected: {
            id: by.rejects.id,
            at: now,
            n: (record.rejected?.n ?? 0) + 1,
            next_at: now + by.rejects.nextMs,
          },
        }),
    lw: `${by.attempt}:acquire`,
    updated_at: now,
  };
}

/** The guard of an attempt that still holds the lease on the base that it acquired. */
function holdsBase(record: TokenRecord, by: Save | Fail): boolean {
  return (
    record.lease?.attempt === by.attempt &&
    record.cfg_ver === by.ifCfgVer &&
    record.at.id === by.ifId &&
    (record.rt?.fp ?? null) === by.ifRtFp
  );
}

/** The guard of a late attempt that brings the successor of the refresh token that is still stored, or a later successor of the same one. */
function bringsSuccessor(record: TokenRecord, by: Save): boolean {
  if (by.rt === undefined || by.presented === undefined || record.cfg_ver !== by.ifCfgVer || record.rt === undefined)
    return false;
  return record.rt.fp === by.presented || (record.rt.from === by.presented && record.rt.epoch < by.epoch);
}

function save(record: TokenRecord, by: Save, now: number): TokenRecord | undefined {
  const held = holdsBase(record, by);
  if (!held && !bringsSuccessor(record, by)) return undefined;
  const storesAccessToken = by.at !== undefined && (held || record.at.id === by.ifId);
  const { lease, extra, ...kept } = record;
  const extraAfter = storesAccessToken ? by.extra : extra;
  return withFailures(
    {
      ...kept,
      ...(lease === undefined || lease.attempt === by.attempt ? {} : { lease }),
      ...(storesAccessToken ? { at: by.at } : {}),
      ...(extraAfter === undefined ? {} : { extra: extraAfter }),
      ...(by.rt === undefined ? refused(record, by.refusesRt, now) : { rt: successor(record, by, by.rt) }),
      ...(by.learned === undefined ? {} : { learned: { ...record.learned, ...by.learned } }),
      ver: record.ver + 1,
      lw: `${by.attempt}:save`,
      updated_at: now,
    },
    failuresAfter(record, by.cfgFp, by.failure, now),
  );
}

function successor(record: TokenRecord, by: Save, rt: NonNullable<Save['rt']>): RefreshTokenPart {
  return {
    sealed: rt.sealed,
    fp: rt.fp,
    gen: by.presented !== undefined && record.rt !== undefined ? record.rt.gen + 1 : 0,
    ...(rt.expires_at === undefined ? {} : { expires_at: rt.expires_at }),
    by: by.attempt,
    ...(by.presented === undefined ? {} : { from: by.presented }),
    epoch: by.epoch,
  };
}

function fail(record: TokenRecord, by: Fail, now: number): TokenRecord | undefined {
  if (!holdsBase(record, by)) return release(record, { kind: 'release', attempt: by.attempt }, now);
  const { lease: _lease, ...kept } = record;
  return withFailures(
    { ...kept, ...refused(record, by.refusesRt, now), lw: `${by.attempt}:fail`, updated_at: now },
    failuresAfter(record, by.cfgFp, by.failure, now),
  );
}

/** A refused refresh token stays stored, marked: a person may still offer it, and it goes with a successor or an edit. */
function refused(
  record: TokenRecord,
  fingerprint: string | undefined,
  now: number,
): { readonly rt?: RefreshTokenPart } {
  if (record.rt === undefined || record.rt.fp !== fingerprint) return {};
  return { rt: { ...record.rt, refused: { at: now, n: (record.rt.refused?.n ?? 0) + 1 } } };
}

function release(record: TokenRecord, by: Release, now: number): TokenRecord | undefined {
  if (record.lease?.attempt !== by.attempt) return undefined;
  const { lease: _lease, ...kept } = record;
  return { ...kept, updated_at: now };
}

function setByHand(record: TokenRecord, edit: SetByHand, now: number): TokenRecord | undefined {
  if (edit.ifVer !== undefined && edit.ifVer !== record.ver) return undefined;
  const { fail: _fail, rt, rejected, ...kept } = record;
  const refreshToken =
    edit.rt === undefined
      ? rt
      : edit.rt === null
        ? undefined
        : ({ ...edit.rt, gen: 0, by: 'manual', epoch: record.epoch } satisfies RefreshTokenPart);
  return {
    ...kept,
    ...(refreshToken === undefined ? {} : { rt: refreshToken }),
    ...(edit.at === undefined ? (rejected === undefined ? {} : { rejected }) : { at: edit.at }),
    ver: record.ver + 1,
    updated_at: now,
    edited_at: now,
  };
}

function clear(record: TokenRecord, edit: Clear, now: number): TokenRecord | undefined {
  if (edit.ifVer !== undefined && edit.ifVer !== record.ver) return undefined;
  const { rt: _rt, rejected: _rejected, extra: _extra, ...kept } = record;
  return { ...kept, at: { id: edit.newId }, ver: record.ver + 1, updated_at: now, edited_at: now };
}

type Failures = Readonly<Record<string, RecordedFailure>>;

/** The own entry replaced (or removed by a success), the newest eight kept. */
function failuresAfter(record: TokenRecord, cfgFp: string, failure: NewFailure | undefined, now: number): Failures {
  const others = Object.entries(record.fail ?? {}).filter(([fingerprint]) => fingerprint !== cfgFp);
  if (failure === undefined) return Object.fromEntries(others);
  const { nextMs, ...facts } = failure;
  const entry: RecordedFailure = {
    ...facts,
    n: (record.fail?.[cfgFp]?.n ?? 0) + 1,
    ...(nextMs === undefined ? {} : { next_at: now + nextMs }),
    at: now,
  };
  const newest = others.toSorted(([, a], [, b]) => b.at - a.at).slice(0, FAILURES_KEPT - 1);
  return Object.fromEntries([...newest, [cfgFp, entry]]);
}

function withFailures(record: TokenRecord, failures: Failures): TokenRecord {
  const { fail: _fail, ...kept } = record;
  return Object.keys(failures).length === 0 ? kept : { ...kept, fail: failures };
}
