/** What to do with a token's record at an instant: a value with its reason. Pure; the manager does it. */
import { floorBetweenObtainsMs, needMs } from './lifetime.ts';
import { NEW_RECORD_REV, type AcquireReason, type RecordedFailure, type TokenRecord } from './token-record.ts';
import { findBar, isBlocking, isLeased, isPresentable, isUsable, type Claimant } from './token-state.ts';

export interface DecisionContext extends Claimant {
  /** The integration's revision that the worker holds. */
  readonly rev: number;
  /** Whether there are credentials for a first token. */
  readonly hasPrimary: boolean;
  /** `at.id` that the API refused for this very call. */
  readonly rejectedId?: string;
  /** Short-lived processes renew nothing before it is urgent. */
  readonly renewal: 'background' | 'inline';
  /** A person asked for a token newer than this `at.id`: that one is not served, and recorded failures are passed. */
  readonly newerThan?: string;
  /** This process has waited in vain for the successor of this token: it is served while it lives. */
  readonly waitedInVain?: boolean;
}

export type TokenDecision =
  /** There is no record, or none that was ever brought to a revision: made, and brought to the integration as it is read after that (M2). */
  | { readonly action: 'insert' }
  /** The record belongs to an older revision of the integration. */
  | { readonly action: 'bring-up' }
  /** The worker's copy of the integration is older than the record. */
  | { readonly action: 'reload' }
  /** A person wrote a token into the database: it is taken over, then looked at again. */
  | { readonly action: 'take-over' }
  /** `renew`: start a renewal behind the callers as well. */
  | { readonly action: 'serve'; readonly renew?: AcquireReason }
  /** `fallback`: the stored token still lives, should the renewal not arrive. */
  | { readonly action: 'acquire'; readonly reason: AcquireReason; readonly fallback: boolean }
  | { readonly action: 'wait'; readonly fallback: boolean }
  | { readonly action: 'blocked'; readonly failure: RecordedFailure }
  /** Nothing may be presented: a person has to sign in again, or to give credentials. */
  | { readonly action: 'needs-reauthorization' }
  | { readonly action: 'cooling'; readonly failure: RecordedFailure; readonly nextAt: number }
  /** The API refused the token that a forced renewal brought as well. */
  | { readonly action: 'refused'; readonly nextAt: number };

export function decide(record: TokenRecord | undefined, now: number, context: DecisionContext): TokenDecision {
  if (record === undefined || record.rev === NEW_RECORD_REV) return { action: 'insert' };
  if (record.rev > context.rev) return { action: 'reload' };
  if (record.rev < context.rev) return { action: 'bring-up' };
  if (record.manual !== undefined) return { action: 'take-over' };
  if (context.newerThan === record.at.id) return obtain(record, now, context, 'person', false);
  const forced = forcedRenewalBar(record, now, context);
  if (forced !== undefined) return { action: 'refused', nextAt: forced };
  const usable = isUsable(record, now) && record.at.id !== context.rejectedId;
  if (usable) return serve(record, now, context);
  if (wasOverOnArrival(record, now)) return { action: 'wait', fallback: false };
  return obtain(record, now, context, reasonWithoutToken(record, context), false);
}

/** A token that a forced renewal brought is refused too: no further one before `rejected.next_at`. */
function forcedRenewalBar(record: TokenRecord, now: number, context: DecisionContext): number | undefined {
  const { rejected, at } = record;
  if (rejected === undefined || context.rejectedId === undefined || context.rejectedId !== at.id) return undefined;
  return rejected.id !== at.id && rejected.next_at > now ? rejected.next_at : undefined;
}

/** A provider whose tokens have no lifetime is not asked again at once (F18). */
function wasOverOnArrival({ at }: TokenRecord, now: number): boolean {
  const { issued_at: issuedAt, expires_at: expiresAt } = at;
  if (at.sealed === undefined || issuedAt === undefined || expiresAt === undefined || at.by === 'manual') return false;
  return expiresAt <= issuedAt && now - issuedAt < floorBetweenObtainsMs(expiresAt - issuedAt);
}

function reasonWithoutToken(record: TokenRecord, context: DecisionContext): AcquireReason {
  if (record.at.sealed === undefined) return 'empty';
  return record.at.id === context.rejectedId ? 'rejected' : 'expired';
}

function serve(record: TokenRecord, now: number, context: DecisionContext): TokenDecision {
  const { soft_at: softAt, hard_at: hardAt, expires_at: expiresAt } = record.at;
  if (softAt === undefined || now < softAt) return { action: 'serve' };
  const isUrgent = hardAt !== undefined && now >= hardAt;
  if (isUrgent && expiresAt !== undefined && expiresAt - now <= needMs(hardAt, expiresAt)) {
    const last = obtain(record, now, context, 'hard', true);
    const waits = last.action === 'acquire' || last.action === 'wait';
    if (waits && context.waitedInVain !== true) return last;
    return last.action === 'acquire' ? { action: 'serve', renew: 'hard' } : { action: 'serve' };
  }
  if (context.renewal === 'inline' || !mayRenew(record, now, context)) return { action: 'serve' };
  return { action: 'serve', renew: isUrgent ? 'hard' : 'soft' };
}

function mayRenew(record: TokenRecord, now: number, context: DecisionContext): boolean {
  const { issued_at: issuedAt, expires_at: expiresAt } = record.at;
  const tooSoon =
    issuedAt !== undefined && expiresAt !== undefined && now - issuedAt < floorBetweenObtainsMs(expiresAt - issuedAt);
  return !tooSoon && obtain(record, now, context, 'soft', true).action === 'acquire';
}

function obtain(
  record: TokenRecord,
  now: number,
  context: DecisionContext,
  reason: AcquireReason,
  fallback: boolean,
): TokenDecision {
  if (isLeased(record, now)) return { action: 'wait', fallback };
  const isPerson = context.newerThan !== undefined;
  const mayPresent = context.presents && isPresentable(record.rt, now, isPerson);
  if (!mayPresent && !context.hasPrimary) return { action: 'needs-reauthorization' };
  const failure = findBar(record, context, now);
  if (failure === undefined || isPerson) return { action: 'acquire', reason, fallback };
  return failure.next_at === undefined || isBlocking(failure)
    ? { action: 'blocked', failure }
    : { action: 'cooling', failure, nextAt: failure.next_at };
}
