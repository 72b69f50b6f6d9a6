/** What an attempt writes: acquire, extend, save, fail, release. Pure. */
import type { RecordedFailure, RefreshTokenPart, TokenRecord } from './token-record.ts';
import { findBar, isLeased, isPresentable } from './token-state.ts';
import type { Acquire, AcquiredBase, Extend, Fail, NewFailure, Release, Save } from './token-transition.ts';

/** How many configurations a record remembers a failure of. */
export const FAILURES_KEPT = 8;

export function acquire(record: TokenRecord, by: Acquire, now: number): TokenRecord | undefined {
  if (record.at.id !== by.ifId || record.rev !== by.ifRev || isLeased(record, now)) return undefined;
  if (!by.pastFailure && findBar(record, by, now) !== undefined) return undefined;
  return {
    ...record,
    epoch: record.epoch + 1,
    lease: { holder: by.holder, until: now + by.ttlMs, attempt: by.attempt, reason: by.reason },
    ...takenUp(record.rt, by, now),
    ...(by.rejects === undefined ? {} : { rejected: rejectedAgain(record, by.rejects, now) }),
    lw: `${by.attempt}:acquire`,
    updated_at: now,
  };
}

/** From here on the refresh token may have been presented. A doubt that is there is another attempt's, and stays (M6). */
function takenUp(rt: RefreshTokenPart | undefined, by: Acquire, now: number): { readonly rt?: RefreshTokenPart } {
  if (!by.presents || !isPresentable(rt, now, by.offersRefused) || rt.doubt !== undefined) return {};
  return { rt: { ...rt, doubt: { attempt: by.attempt, at: now, replayed: false } } };
}

function rejectedAgain(
  { rejected }: TokenRecord,
  { id, nextMs }: NonNullable<Acquire['rejects']>,
  now: number,
): NonNullable<TokenRecord['rejected']> {
  return { id, at: now, n: (rejected?.n ?? 0) + 1, next_at: now + nextMs };
}

function isOnBase(record: TokenRecord, base: AcquiredBase): boolean {
  return record.cfg_ver === base.ifCfgVer && record.at.id === base.ifId && (record.rt?.fp ?? null) === base.ifRtFp;
}

/** The guard of an attempt that still holds the lease on the base that it acquired (M9 a). */
function holdsBase(record: TokenRecord, by: AcquiredBase & { readonly attempt: string }): boolean {
  return record.lease?.attempt === by.attempt && isOnBase(record, by);
}

export function extend(record: TokenRecord, by: Extend, now: number): TokenRecord | undefined {
  const { lease, rt } = record;
  if (lease?.attempt !== by.attempt || (by.base !== undefined && !isOnBase(record, by.base))) return undefined;
  return {
    ...record,
    ...(rt === undefined ? {} : { rt: presentedAgain(by.refusesRt === true ? refused(rt, now) : rt, by, now) }),
    lease: { ...lease, until: now + by.ttlMs },
    lw: `${by.attempt}:extend`,
    updated_at: now,
  };
}

function presentedAgain(rt: RefreshTokenPart, by: Extend, now: number): RefreshTokenPart {
  if (by.replaysRt !== true) return rt;
  const { attempt, at } = rt.doubt ?? { attempt: by.attempt, at: now };
  return { ...rt, doubt: { attempt, at, replayed: true } };
}

/** A refused refresh token stays stored, marked: a person may still offer it, and it goes with a successor or an edit. Nothing is in doubt then. */
function refused({ doubt: _doubt, ...rt }: RefreshTokenPart, now: number): RefreshTokenPart {
  return { ...rt, refused: { at: now, n: (rt.refused?.n ?? 0) + 1 } };
}

/** The guard of a late attempt that brings the successor of the refresh token that is still stored, or a later successor of the same one (M9 b). */
function bringsSuccessor(record: TokenRecord, by: Save): boolean {
  if (by.rt === undefined || by.presented === undefined || record.cfg_ver !== by.ifCfgVer || record.rt === undefined)
    return false;
  return record.rt.fp === by.presented || (record.rt.from === by.presented && record.rt.epoch < by.epoch);
}

export function save(record: TokenRecord, by: Save, now: number): TokenRecord | undefined {
  const held = holdsBase(record, by);
  if (!held && !bringsSuccessor(record, by)) return undefined;
  const storesAccessToken = by.at !== undefined && (held || record.at.id === by.ifId);
  const { lease, extra, rt: _rt, ...kept } = record;
  const extraAfter = storesAccessToken ? by.extra : extra;
  const rt = refreshTokenAfter(record, by);
  return withFailures(
    {
      ...kept,
      ...(lease === undefined || lease.attempt === by.attempt ? {} : { lease }),
      ...(storesAccessToken ? { at: by.at } : {}),
      ...(extraAfter === undefined ? {} : { extra: extraAfter }),
      ...(rt === undefined ? {} : { rt }),
      ...(by.learned === undefined ? {} : { learned: { ...record.learned, ...by.learned } }),
      ver: record.ver + 1,
      lw: `${by.attempt}:save`,
      updated_at: now,
    },
    failuresAfter(record, by.cfgFp, by.failure, now),
  );
}

/** A successor takes its place; without one it stays, and the success of its own refresh shows that it is good (M7). */
function refreshTokenAfter({ rt }: TokenRecord, by: Save): RefreshTokenPart | undefined {
  if (by.rt !== undefined) return successor(rt, by, by.rt);
  if (rt === undefined || by.presented === undefined) return rt;
  const { doubt: _doubt, refused: _refused, ...settled } = rt;
  return settled;
}

function successor(
  rt: RefreshTokenPart | undefined,
  by: Save,
  { sealed, fp, expires_at }: NonNullable<Save['rt']>,
): RefreshTokenPart {
  return {
    sealed,
    fp,
    gen: by.presented !== undefined && rt !== undefined ? rt.gen + 1 : 0,
    ...(expires_at === undefined ? {} : { expires_at }),
    by: by.attempt,
    ...(by.presented === undefined ? {} : { from: by.presented }),
    epoch: by.epoch,
  };
}

export function fail(record: TokenRecord, by: Fail, now: number): TokenRecord | undefined {
  if (!holdsBase(record, by)) return release(record, by, now);
  const { lease: _lease, rt, ...kept } = record;
  const marked = rt === undefined || by.refusesRt !== true ? rt : refused(rt, now);
  const rtAfter = withoutOwnDoubt(marked, by);
  return withFailures(
    { ...kept, ...(rtAfter === undefined ? {} : { rt: rtAfter }), lw: `${by.attempt}:fail`, updated_at: now },
    failuresAfter(record, by.cfgFp, by.failure, now),
  );
}

/** Its own lease, and its own doubt: each may be somebody else's by now. */
export function release(
  record: TokenRecord,
  by: Pick<Release, 'attempt' | 'unspent'>,
  now: number,
): TokenRecord | undefined {
  const { lease, rt, ...kept } = record;
  const leaseAfter = lease?.attempt === by.attempt ? undefined : lease;
  const rtAfter = withoutOwnDoubt(rt, by);
  if (leaseAfter === lease && rtAfter === rt) return undefined;
  return {
    ...kept,
    ...(leaseAfter === undefined ? {} : { lease: leaseAfter }),
    ...(rtAfter === undefined ? {} : { rt: rtAfter }),
    updated_at: now,
  };
}

/** Only who took the refresh token up, and knows that it was not spent, ends the doubt; not once it was replayed (M7). */
function withoutOwnDoubt(
  rt: RefreshTokenPart | undefined,
  { attempt, unspent }: Pick<Release, 'attempt' | 'unspent'>,
): RefreshTokenPart | undefined {
  if (rt?.doubt === undefined || !unspent || rt.doubt.attempt !== attempt || rt.doubt.replayed) return rt;
  const { doubt: _doubt, ...settled } = rt;
  return settled;
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
