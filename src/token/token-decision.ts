/** What to do with a token's record at an instant: a value with its reason. Pure; the manager does it. */
import { floorBetweenObtainsMs } from './lifetime.ts';
import type { AcquireReason, RecordedFailure, TokenRecord } from './token-record.ts';
import { isBarred, isLeased } from './transitions.ts';

export interface DecisionContext {
  /** The integration's revision that the worker holds. */
  readonly rev: number;
  /** Fingerprint of its effective configuration: the own entry in `fail`. */
  readonly cfgFp: string;
  /** `at.id` that the API refused for this very call. */
  readonly rejectedId?: string;
  /** Short-lived processes renew nothing before it is urgent. */
  readonly renewal: 'background' | 'inline';
  /** A person asked for a token newer than this `at.id`: that one is not served, and recorded failures are passed. */
  readonly newerThan?: string;
}

export type TokenDecision =
  /** There is no record: insert one, then look again. */
  | { readonly action: 'insert' }
  /** The record belongs to an older revision of the integration. */
  | { readonly action: 'bring-up' }
  /** The worker's copy of the integration is older than the record. */
  | { readonly action: 'reload' }
  /** `renew`: start a renewal behind the callers as well. */
  | { readonly action: 'serve'; readonly renew?: AcquireReason }
  /** `fallback`: the stored token still lives, should the renewal not arrive. */
  | { readonly action: 'acquire'; readonly reason: AcquireReason; readonly fallback: boolean }
  | { readonly action: 'wait'; readonly fallback: boolean }
  | { readonly action: 'blocked'; readonly failure: RecordedFailure }
  | { readonly action: 'cooling'; readonly failure: RecordedFailure; readonly nextAt: number }
  /** The API refused the token that a forced renewal brought as well. */
  | { readonly action: 'refused'; readonly nextAt: number };

/** The longest that a call waits for a renewal while the stored token still lives. */
const NEED_MAX_MS = 2_000;

export function decide(record: TokenRecord | undefined, now: number, context: DecisionContext): TokenDecision {
  if (record === undefined) return { action: 'insert' };
  if (record.rev > context.rev) return { action: 'reload' };
  if (record.rev < context.rev) return { action: 'bring-up' };
  if (context.newerThan === record.at.id) return obtain(record, now, context, 'person', false);
  const forced = forcedRenewalBar(record, now, context);
  if (forced !== undefined) return { action: 'refused', nextAt: forced };
  const usable = isUsable(record, now) && record.at.id !== context.rejectedId;
  if (!usable) return obtain(record, now, context, reasonWithoutToken(record, context), false);
  return serve(record, now, context);
}

/** Whether the stored token may be put on a request: it is there and has not expired. */
export function isUsable(record: TokenRecord, now: number): boolean {
  return record.at.sealed !== undefined && (record.at.expires_at === undefined || now < record.at.expires_at);
}

/** A token that a forced renewal brought is refused too: no further one before `rejected.next_at`. */
function forcedRenewalBar(record: TokenRecord, now: number, context: DecisionContext): number | undefined {
  const { rejected, at } = record;
  if (rejected === undefined || context.rejectedId === undefined || context.rejectedId !== at.id) return undefined;
  return rejected.id !== at.id && rejected.next_at > now ? rejected.next_at : undefined;
}

function reasonWithoutToken(record: TokenRecord, context: DecisionContext): AcquireReason {
  if (record.at.sealed === undefined) return 'empty';
  return record.at.id === context.rejectedId ? 'rejected' : 'expired';
}

function serve(record: TokenRecord, now: number, context: DecisionContext): TokenDecision {
  const { soft_at: softAt, hard_at: hardAt, expires_at: expiresAt } = record.at;
  if (softAt === undefined || now < softAt) return { action: 'serve' };
  const isUrgent = hardAt !== undefined && now >= hardAt;
  if (isUrgent && expiresAt !== undefined && expiresAt - now <= Math.min(NEED_MAX_MS, expiresAt - hardAt)) {
    const last = obtain(record, now, context, 'hard', true);
    return last.action === 'blocked' || last.action === 'cooling' ? { action: 'serve' } : last;
  }
  if (context.renewal === 'inline' || !mayRenew(record, now, context)) return { action: 'serve' };
  return { action: 'serve', renew: isUrgent ? 'hard' : 'soft' };
}

function mayRenew(record: TokenRecord, now: number, context: DecisionContext): boolean {
  const { issued_at: issuedAt, expires_at: expiresAt } = record.at;
  const tooSoon =
    issuedAt !== undefined && expiresAt !== undefined && now - issuedAt < floorBetweenObtainsMs(expiresAt - issuedAt);
  return !tooSoon && !isLeased(record, now) && !isBarred(record.fail?.[context.cfgFp], now);
}

function obtain(
  record: TokenRecord,
  now: number,
  context: DecisionContext,
  reason: AcquireReason,
  fallback: boolean,
): TokenDecision {
  if (isLeased(record, now)) return { action: 'wait', fallback };
  const failure = record.fail?.[context.cfgFp];
  if (failure === undefined || context.newerThan !== undefined || !isBarred(failure, now)) {
    return { action: 'acquire', reason, fallback };
  }
  return failure.next_at === undefined || failure.class === 'credentials' || failure.class === 'configuration'
    ? { action: 'blocked', failure }
    : { action: 'cooling', failure, nextAt: failure.next_at };
}
