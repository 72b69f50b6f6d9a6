/** What others than attempts write: edits of the integration and of the token, what calls saw, keys. Pure. */
import { NEW_RECORD_REV, type AccessTokenPart, type RefreshTokenPart, type TokenRecord } from './token-record.ts';
import type { BringUp, Clear, Observe, Reseal, Resealed, SetAside, SetByHand } from './token-transition.ts';

/** M1. An attempt of the old account loses lease and base; one that only has an old secret keeps the lease, and may still bring its refresh token. */
export function bringUp(record: TokenRecord, to: BringUp, now: number): TokenRecord | undefined {
  if (record.rev >= to.rev) return undefined;
  // Of a record that nobody has worked with yet nobody needs to hear.
  const edited = record.rev === NEW_RECORD_REV ? {} : { edited_at: now };
  const stamped = { ...record, rev: to.rev, updated_at: now, ...edited };
  if (record.rev < to.accountRev) {
    const {
      rt: _rt,
      rejected: _rejected,
      extra: _extra,
      learned: _learned,
      manual: _manual,
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

export function setByHand(record: TokenRecord, edit: SetByHand, now: number): TokenRecord | undefined {
  if (edit.ifVer !== undefined && edit.ifVer !== record.ver) return undefined;
  if (edit.ifManual !== undefined && !isManual(record, edit.ifManual)) return undefined;
  const { fail: _fail, manual: _manual, rt, rejected, ...kept } = record;
  const refreshToken = edit.rt === undefined ? rt : edit.rt === null ? undefined : byHand(edit.rt, record.epoch);
  return {
    ...kept,
    ...(refreshToken === undefined ? {} : { rt: refreshToken }),
    ...(edit.at === undefined ? (rejected === undefined ? {} : { rejected }) : { at: edit.at }),
    ver: record.ver + 1,
    updated_at: now,
    edited_at: now,
  };
}

function isManual({ manual }: TokenRecord, expected: NonNullable<SetByHand['ifManual']>): boolean {
  return (
    manual !== undefined &&
    textOrNull(manual.access_token) === expected.access_token &&
    textOrNull(manual.refresh_token) === expected.refresh_token
  );
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function byHand(rt: NonNullable<SetByHand['rt']>, epoch: number): RefreshTokenPart {
  return { ...rt, gen: 0, by: 'manual', epoch };
}

export function clear(record: TokenRecord, edit: Clear, now: number): TokenRecord | undefined {
  if (edit.ifVer !== undefined && edit.ifVer !== record.ver) return undefined;
  const { rt: _rt, rejected: _rejected, extra: _extra, manual: _manual, ...kept } = record;
  return { ...kept, at: { id: edit.newId }, ver: record.ver + 1, updated_at: now, edited_at: now };
}

export function forgive(record: TokenRecord, now: number): TokenRecord | undefined {
  const { fail, ...kept } = record;
  return fail === undefined ? undefined : { ...kept, updated_at: now, edited_at: now };
}

export function observe(record: TokenRecord, seen: Observe, now: number): TokenRecord | undefined {
  if (record.at.id !== seen.ifId) return undefined;
  const { rejected, ...kept } = record;
  return {
    ...kept,
    ...(rejected === undefined || seen.accepted ? {} : { rejected }),
    ...(seen.learned === undefined ? {} : { learned: { ...record.learned, ...seen.learned } }),
    updated_at: now,
  };
}

/** @returns `undefined` where every part was written anew meanwhile */
export function reseal(record: TokenRecord, by: Reseal, now: number): TokenRecord | undefined {
  const { at, rt, extra } = record;
  const next = {
    at: resealedIn(at, by.at),
    rt: rt === undefined ? undefined : resealedIn(rt, by.rt),
    extra: by.extra?.ifCt === extra?.ct && by.extra !== undefined ? by.extra.sealed : extra,
  };
  if (next.at === at && next.rt === rt && next.extra === extra) return undefined;
  return {
    ...record,
    at: next.at,
    ...(next.rt === undefined ? {} : { rt: next.rt }),
    ...(next.extra === undefined ? {} : { extra: next.extra }),
    updated_at: now,
  };
}

function resealedIn<Part extends AccessTokenPart | RefreshTokenPart>(part: Part, by: Resealed | undefined): Part {
  return by === undefined || part.sealed?.ct !== by.ifCt ? part : { ...part, sealed: by.sealed };
}

export function setAside(record: TokenRecord, { part, ifCt, newId }: SetAside, now: number): TokenRecord | undefined {
  const sealed = record[part]?.sealed;
  if (sealed?.ct !== ifCt) return undefined;
  const common = { ver: record.ver + 1, aside: { ...record.aside, [part]: sealed }, updated_at: now, edited_at: now };
  if (part === 'at') {
    const { extra: _extra, ...kept } = record;
    return { ...kept, ...common, at: { id: newId } };
  }
  const { rt: _rt, ...kept } = record;
  return { ...kept, ...common };
}
