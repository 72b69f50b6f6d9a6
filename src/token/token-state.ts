/** The states of a token's record: computed from it and an instant, never stored. Pure. */
import type { RecordedFailure, RefreshTokenPart, TokenRecord } from './token-record.ts';

/** Whether the stored access token may be put on a request: it is there and has not expired. */
export function isUsable({ at }: Pick<TokenRecord, 'at'>, now: number): boolean {
  return at.sealed !== undefined && (at.expires_at === undefined || now < at.expires_at);
}

/** Whether a lease keeps others out at this instant. */
export function isLeased({ lease }: Pick<TokenRecord, 'lease'>, now: number): boolean {
  return lease !== undefined && lease.until >= now;
}

/** Whether a stored refresh token may be presented: there, not expired, not refused (or offered by a person all the same). */
export function isPresentable(
  rt: RefreshTokenPart | undefined,
  now: number,
  offersRefused = false,
): rt is RefreshTokenPart {
  if (rt === undefined || (rt.refused !== undefined && !offersRefused)) return false;
  return rt.expires_at === undefined || now < rt.expires_at;
}

/** What a worker brings to the question whether it may try. */
export interface Claimant {
  /** Its own entry in `fail`. */
  readonly cfgFp: string;
  /** Whether it would present a usable refresh token. */
  readonly presents: boolean;
}

/** The own failure that still forbids a token request. A refused password never hides a refresh token that can be presented (M4). */
export function findBar(
  record: Pick<TokenRecord, 'fail' | 'rt'>,
  { cfgFp, presents }: Claimant,
  now: number,
): RecordedFailure | undefined {
  const failure = record.fail?.[cfgFp];
  if (failure === undefined || (failure.next_at !== undefined && failure.next_at <= now)) return undefined;
  const hides = failure.class === 'credentials' && presents && isPresentable(record.rt, now);
  return hides ? undefined : failure;
}

/** Whether a failure is a person's to end. */
export function isBlocking(failure: Pick<RecordedFailure, 'class'>): boolean {
  return failure.class === 'credentials' || failure.class === 'configuration';
}
