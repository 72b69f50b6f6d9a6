/** What an attempt is for, and what it acquired on. */
import type { TokenConfiguration } from './token-configuration.ts';
import type { AcquireReason, TokenRecord } from './token-record.ts';

/** What is presented: the refresh token, or the account's or client's own credentials. */
export type Grant = 'refresh' | 'primary';

export interface AttemptPlan {
  readonly configuration: TokenConfiguration;
  /** The record that the decision was made on. */
  readonly seen: TokenRecord;
  readonly reason: AcquireReason;
  /** The access token that the API refused, where that is the reason. */
  readonly rejected?: RejectedToken;
  /** A person's command passes recorded failures and a closed credential once. */
  readonly person: boolean;
  /** A person without other credentials offers also a refresh token that was refused. */
  readonly offersRefused: boolean;
  readonly attempt: string;
  /** The process, for people. */
  readonly holder: string;
}

export interface RejectedToken {
  /** `at.id` */
  readonly id: string;
  /** The API's status. */
  readonly status: number;
}

export interface AttemptBase {
  /** The record after the acquire. */
  readonly record: TokenRecord;
  /** The store's clock at the acquire, epoch ms. */
  readonly acquiredAt: number;
}

/** How long a lease lasts: a token request and its save fit in with slack. */
export const LEASE_TTL_MS = 30_000;
/** Where a rotating refresh token is the sole credential, a late holder is given more time: what it brings cannot be got again. */
export const SOLE_LEASE_TTL_MS = 120_000;
/** So much of a lease is left for a request and its save: who is held up longer starts over instead of sending. */
export const SEND_AND_SAVE_MS = 15_000;

export function leaseTtlMs({ configuration, seen }: AttemptPlan): number {
  const isSole = !configuration.hasPrimary && seen.rt !== undefined && seen.learned?.rt_rotates !== false;
  return isSole ? SOLE_LEASE_TTL_MS : LEASE_TTL_MS;
}
