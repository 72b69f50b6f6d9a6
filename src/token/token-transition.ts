/**
 * Every write to a token's record, as data. `applyTransition` (transitions.ts) is the pure meaning; the SQLite store runs that very function inside one
 * transaction, the MongoDB store compiles the node to one `findOneAndUpdate`, and a property test holds the two together.
 * A field that guards is named `if…`.
 */
import type { Sealed } from '../kernel/cipher.ts';
import type { AcquireReason, AccessTokenPart, RecordedFailure } from './token-record.ts';

/** Brings a record to the integration's revision (M1): by the marks of the integration, not by the kind of this edit. */
export interface BringUp {
  readonly kind: 'bring-up';
  /** Applies only to a record with a lower `rev`. */
  readonly rev: number;
  readonly accountRev: number;
  readonly secretRev: number;
  /** New `at.id` for an emptied access token. */
  readonly newId: string;
}

/** Takes the lease. */
export interface Acquire {
  readonly kind: 'acquire';
  /** `at.id` as it was read. */
  readonly ifId: string;
  /** The integration's revision that the worker holds. */
  readonly ifRev: number;
  /** Own entry in `fail`; it must be due. */
  readonly cfgFp: string;
  /** A person's command may pass a failure that is not due. */
  readonly pastFailure: boolean;
  readonly holder: string;
  readonly attempt: string;
  readonly reason: AcquireReason;
  readonly ttlMs: number;
  /** Marks the access token of that id as refused by the API in the same write. */
  readonly rejects?: { readonly id: string; readonly nextMs: number };
}

/** What a failed attempt leaves. `at` and `next_at` are set by the store's clock, `n` counts on from the stored entry. */
export type NewFailure = Omit<RecordedFailure, 'at' | 'next_at' | 'n'> & {
  /** No token request for this long; absent: none until an edit. */
  readonly nextMs?: number;
};

export interface NewRefreshToken {
  readonly sealed: Sealed;
  readonly fp: string;
  readonly expires_at?: number;
}

/** Stores what an attempt obtained. Clears its own failure and lease. */
export interface Save {
  readonly kind: 'save';
  readonly attempt: string;
  readonly cfgFp: string;
  readonly ifCfgVer: number;
  readonly ifId: string;
  /** `rt.fp` as acquired; `null` where there was none. */
  readonly ifRtFp: string | null;
  /** Fingerprint of the refresh token that this attempt presented, if any. */
  readonly presented?: string;
  readonly epoch: number;
  /** Its instants are absolute and fixed once, so that the same command can be sent twice. Absent: the access token was unusable. */
  readonly at?: AccessTokenPart;
  /** Absent: the stored one is kept. */
  readonly rt?: NewRefreshToken;
  /** Recorded beside a refresh token that came without a usable access token. */
  readonly failure?: NewFailure;
  /** Fingerprint of a refresh token that the provider refused within this attempt: marked, where the answer brought no other. */
  readonly refusesRt?: string;
  readonly extra?: Sealed;
  readonly learned?: { readonly rt_rotates?: boolean; readonly lifetime_ms?: number };
}

/** Records a failed attempt and gives the lease back. On a mismatch only the own lease is released. */
export interface Fail {
  readonly kind: 'fail';
  readonly attempt: string;
  readonly cfgFp: string;
  readonly ifCfgVer: number;
  readonly ifId: string;
  readonly ifRtFp: string | null;
  readonly failure: NewFailure;
  /** The refresh token presented was refused by the provider: marked, not thrown away. */
  readonly refusesRt?: string;
}

/** Gives the lease back without a trace: nothing was sent. */
export interface Release {
  readonly kind: 'release';
  readonly attempt: string;
}

/** A token by hand: sets what is given; `null` removes. Ends failures. Keeps the lease, whose holder then finds its base changed. */
export interface SetByHand {
  readonly kind: 'set-by-hand';
  /** `ver` for `If-Match`; absent: any. */
  readonly ifVer?: number;
  /** New `at`, where the edit touches the access token or its times. */
  readonly at?: AccessTokenPart;
  /** `null` removes the refresh token; absent keeps it. */
  readonly rt?: NewRefreshToken | null;
}

/** Empties `at`, removes `rt`; keeps failures. */
export interface Clear {
  readonly kind: 'clear';
  readonly ifVer?: number;
  readonly newId: string;
}

export type TokenTransition = BringUp | Acquire | Save | Fail | Release | SetByHand | Clear;
