/** The store: every write goes through here, is made by the real transition, and is held to what a single write may do (G1, G3, G6 see invariants.ts). */
import type { CredentialResult } from '../../../src/token/credential-store.ts';
import type { CredentialTransition } from '../../../src/token/credential-record.ts';
import type { AccessTokenPart, RefreshTokenPart, TokenRecord } from '../../../src/token/token-record.ts';
import { isLeased, isUsable } from '../../../src/token/token-state.ts';
import type { TransitionResult } from '../../../src/token/token-store.ts';
import type { Save, TokenTransition } from '../../../src/token/token-transition.ts';
import type { Protocol } from './protocol.ts';
import { breaks, NOW, type Attempting, type Doing, type Draft, type Ghost, type Worker } from './world.ts';

export function writeRecord(
  protocol: Protocol,
  draft: Draft,
  id: string,
  transition: TokenTransition,
): TransitionResult {
  const before = draft.records[id];
  if (before === undefined) return { applied: false, now: NOW };
  const after = protocol.applyTransition(before, transition, NOW);
  if (after === undefined) return { applied: false, now: NOW, record: before };
  checkWrite(draft, before, after, transition);
  draft.records = { ...draft.records, [id]: leanRecord(after) };
  noteOvertaken(draft, before, after, transition);
  if (transition.kind === 'save') noteLanded(draft, transition);
  return { applied: true, now: NOW, record: after };
}

export function writeGuard(
  protocol: Protocol,
  draft: Draft,
  id: string,
  transition: CredentialTransition,
): CredentialResult {
  const before = draft.guards[id];
  const after = protocol.applyCredentialTransition(id, before, transition, NOW);
  if (after === undefined) return { applied: false, now: NOW, ...(before === undefined ? {} : { record: before }) };
  draft.guards = { ...draft.guards, [id]: after };
  return { applied: true, now: NOW, record: after };
}

/** What decisions and transitions read of a record, always in the same order. The rest is for people, or would grow for ever. */
export function leanRecord({ id, epoch, rev, cfg_ver, at, rt, lease, fail, ver }: TokenRecord): TokenRecord {
  return {
    id,
    integration_id: '',
    scheme: '',
    ver,
    epoch,
    rev,
    cfg_ver,
    at: leanAccessToken(at),
    ...(rt === undefined ? {} : { rt: leanRefreshToken(rt) }),
    ...(lease === undefined ? {} : { lease }),
    ...(fail === undefined ? {} : { fail: mapped(fail, (entry) => ({ ...entry, n: 1 })) }),
    created_at: NOW,
    updated_at: NOW,
  };
}

function mapped<T>(record: Readonly<Record<string, T>>, change: (value: T) => T): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

function leanAccessToken({ id, sealed, fp, expires_at, by }: AccessTokenPart): AccessTokenPart {
  return {
    id,
    ...(sealed === undefined ? {} : { sealed }),
    ...(fp === undefined ? {} : { fp }),
    ...(expires_at === undefined ? {} : { expires_at }),
    ...(by === undefined ? {} : { by }),
  };
}

function leanRefreshToken({ sealed, fp, by, from, epoch, doubt, refused }: RefreshTokenPart): RefreshTokenPart {
  return {
    sealed,
    fp,
    gen: 0,
    by,
    ...(from === undefined ? {} : { from }),
    epoch,
    ...(doubt === undefined ? {} : { doubt: { ...doubt, at: NOW } }),
    ...(refused === undefined ? {} : { refused: { at: NOW, n: 1 } }),
  };
}

/** The attempts that may still write, with whatever is known of them. */
export function ghostOf(draft: Draft, attempt: string): Ghost | undefined {
  const own = draft.workers.map(({ doing }) => doing).find((doing) => isAttempt(doing, attempt));
  if (own?.kind === 'attempt') return own.ghost;
  const spooled = draft.spool.find(({ save }) => save.attempt === attempt);
  return spooled?.ghost ?? draft.underway.find(({ write }) => isOf(write, attempt))?.ghost;
}

function isOf(write: TokenTransition, attempt: string): boolean {
  return 'attempt' in write && write.attempt === attempt;
}

export function isAttempt(doing: Doing, attempt: string): doing is Attempting {
  return doing.kind === 'attempt' && doing.state.plan.attempt === attempt;
}

/** Changes what is known of the attempts that `of` picks, in workers and spool. */
function changeGhosts(draft: Draft, change: (attempt: string, recordId: string, ghost: Ghost) => Ghost): void {
  draft.workers = draft.workers.map((worker): Worker => {
    const { doing } = worker;
    if (doing.kind !== 'attempt' || doing.ghost === undefined) return worker;
    const { attempt, configuration } = doing.state.plan;
    const ghost = change(attempt, configuration.id, doing.ghost);
    return ghost === doing.ghost ? worker : { ...worker, doing: { ...doing, ghost } };
  });
  if (draft.spool.length > 0) {
    draft.spool = draft.spool.map((entry) => {
      const ghost = change(entry.save.attempt, entry.recordId, entry.ghost);
      return ghost === entry.ghost ? entry : { ...entry, ghost };
    });
  }
  if (draft.underway.length === 0) return;
  draft.underway = draft.underway.map((entry) => {
    if (entry.ghost === undefined || !('attempt' in entry.write)) return entry;
    return { ...entry, ghost: change(entry.write.attempt, entry.recordId, entry.ghost) };
  });
}

/** Everybody else's base has gone where the access token or the refresh token is another one. */
function noteOvertaken(draft: Draft, before: TokenRecord, after: TokenRecord, transition: TokenTransition): void {
  const isAtNew = before.at.id !== after.at.id;
  const isRtNew = before.rt?.fp !== after.rt?.fp;
  if (!isAtNew && !isRtNew) return;
  const own = transition.kind === 'save' ? transition : undefined;
  changeGhosts(draft, (attempt, recordId, ghost) => {
    if (recordId !== before.id || attempt === own?.attempt) return ghost;
    const isRtOvertaken = ghost.isRtOvertaken || (isRtNew && (own === undefined || own.epoch > ghost.epoch));
    const isAtOvertaken = ghost.isAtOvertaken || isAtNew;
    return isAtOvertaken === ghost.isAtOvertaken && isRtOvertaken === ghost.isRtOvertaken
      ? ghost
      : { ...ghost, isAtOvertaken, isRtOvertaken };
  });
}

function noteLanded(draft: Draft, { attempt, at }: Save): void {
  changeGhosts(draft, (other, _recordId, ghost) => (other === attempt ? { ...ghost, hasLanded: true } : ghost));
  if (at?.sealed !== undefined) endSession(draft, at.sealed.ct);
}

/** A session of a primary grant that is accounted for: stored, ended, or excused. */
export function endSession(draft: Draft, accessToken: string): void {
  if (draft.sessions.includes(accessToken)) draft.sessions = draft.sessions.filter((other) => other !== accessToken);
}

export function noteSaveUnknown(draft: Draft, attempt: string): void {
  changeGhosts(draft, (other, _recordId, ghost) => (other === attempt ? { ...ghost, isSaveUnknown: true } : ghost));
}

function checkWrite(draft: Draft, before: TokenRecord, after: TokenRecord, transition: TokenTransition): void {
  switch (transition.kind) {
    case 'acquire':
      if (isLeased(before, NOW)) breaks(draft, 'G1', 'the lease was taken from its holder');
      if (isUsable(before, NOW) && !transition.pastFailure)
        breaks(draft, 'G1', 'the lease was taken beside a token of use');
      return;
    case 'save':
      checkSave(draft, before, after, transition);
      return;
    case 'fail':
      checkFailure(draft, before, after, transition.attempt);
      return;
    default:
  }
}

function checkSave(draft: Draft, before: TokenRecord, after: TokenRecord, { attempt }: Save): void {
  const ghost = ghostOf(draft, attempt);
  if (after.ver !== before.ver + 1) breaks(draft, 'G3', 'a save did not count the version up by one');
  if (ghost?.hasLanded === true) breaks(draft, 'G3', 'a repeated save landed twice');
  if (after.at.id !== before.at.id && ghost?.isAtOvertaken === true) {
    breaks(draft, 'G3', 'a save overwrote a newer access token');
  }
  if (after.rt?.fp !== before.rt?.fp && ghost?.isRtOvertaken === true) {
    breaks(draft, 'G3', 'a save overwrote a newer refresh token');
  }
}

function checkFailure(draft: Draft, before: TokenRecord, after: TokenRecord, attempt: string): void {
  if (after.at.id !== before.at.id || after.rt?.fp !== before.rt?.fp) {
    breaks(draft, 'G3', 'a failure changed a token');
  }
  const ghost = ghostOf(draft, attempt);
  const isRecorded = after.fail !== before.fail || after.rt?.refused !== before.rt?.refused;
  if (isRecorded && (ghost?.isAtOvertaken === true || ghost?.isRtOvertaken === true)) {
    breaks(draft, 'G3', 'a failure was recorded beside a newer token');
  }
}
