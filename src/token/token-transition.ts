/**
 * Every write to a token's record, as data. `applyTransition` (transitions.ts) is the pure meaning; the SQLite store runs that very function inside one
 * transaction, the MongoDB store compiles the node to one `findOneAndUpdate`, and a property test holds the two together.
 * A field that guards is named `if…`. M1 to M12 are the rules of docs/token-lifecycle.md that may not be weakened.
 */
import type { Sealed } from '../kernel/cipher.ts';
import type { AcquireReason, AccessTokenPart, LearnedBehaviour, RecordedFailure } from './token-record.ts';

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

/** Takes the lease, and takes up the refresh token in the same write: a doubt that is there already is left as it is (M6). */
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
  /** Whether a usable refresh token would be presented. */
  readonly presents: boolean;
  /** Whether that may be one that the provider refused. */
  readonly offersRefused: boolean;
  readonly holder: string;
  readonly attempt: string;
  readonly reason: AcquireReason;
  readonly ttlMs: number;
  /** Marks the access token of that id as refused by the API in the same write. */
  readonly rejects?: { readonly id: string; readonly nextMs: number };
}

/** What an attempt acquired on: whoever else changed one of the three has a newer truth. */
export interface AcquiredBase {
  readonly ifCfgVer: number;
  readonly ifId: string;
  /** `rt.fp`; `null` where there was none. */
  readonly ifRtFp: string | null;
}

/** Makes the lease last for another token request (M8), and writes what that request needs to be known beforehand. */
export interface Extend {
  readonly kind: 'extend';
  readonly attempt: string;
  /** Absent: only the lease must be mine, which tells whether an acquire of unknown outcome was applied. */
  readonly base?: AcquiredBase;
  readonly ttlMs: number;
  /** The provider refused the stored refresh token in this attempt: marked, not thrown away. */
  readonly refusesRt?: boolean;
  /** The stored refresh token is about to be presented although it is in doubt. */
  readonly replaysRt?: boolean;
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

/** Stores what an attempt obtained (M9). Clears its own failure and lease. */
export interface Save extends AcquiredBase {
  readonly kind: 'save';
  readonly attempt: string;
  readonly cfgFp: string;
  /** Fingerprint of the refresh token whose own refresh brought this; absent for any other grant. */
  readonly presented?: string;
  readonly epoch: number;
  /** Its instants are absolute and fixed once, so that the same command can be sent twice. Absent: the access token was unusable. */
  readonly at?: AccessTokenPart;
  /** Absent: the stored one is kept. */
  readonly rt?: NewRefreshToken;
  /** Recorded beside a refresh token that came without a usable access token. */
  readonly failure?: NewFailure;
  readonly extra?: Sealed;
  readonly learned?: LearnedBehaviour;
}

/** Records a failed attempt and gives the lease back. On a mismatch only what is its own is released. */
export interface Fail extends AcquiredBase {
  readonly kind: 'fail';
  readonly attempt: string;
  readonly cfgFp: string;
  readonly failure: NewFailure;
  /** The attempt knows that it spent no refresh token: its own doubt goes, unless somebody replayed the token meanwhile (M7). */
  readonly unspent: boolean;
  /** The stored refresh token was refused by the provider: marked, not thrown away. */
  readonly refusesRt?: boolean;
}

/** Gives the lease back without a trace. */
export interface Release {
  readonly kind: 'release';
  readonly attempt: string;
  /** As in {@link Fail}. */
  readonly unspent: boolean;
}

/**
 * A token by hand: sets what is given; `null` removes. Ends failures. Keeps the lease, whose holder then finds its base changed (M12).
 */
export interface SetByHand {
  readonly kind: 'set-by-hand';
  /** `ver` for `If-Match`; absent: any. */
  readonly ifVer?: number;
  /** The token that a person wrote into the database and that is taken over with this write: it must still stand there. */
  readonly ifManual?: { readonly access_token: string | null; readonly refresh_token: string | null };
  /** New `at`, where the edit touches the access token or its times. */
  readonly at?: AccessTokenPart;
  /** `null` removes the refresh token; absent keeps it. */
  readonly rt?: NewRefreshToken | null;
}

/** Empties `at`, removes `rt`; keeps failures and the lease (M12). */
export interface Clear {
  readonly kind: 'clear';
  readonly ifVer?: number;
  readonly newId: string;
}

/** A person gave the same credentials again: what was remembered of their failures goes. */
export interface Forgive {
  readonly kind: 'forgive';
}

/** What calls saw of the token in force. */
export interface Observe {
  readonly kind: 'observe';
  readonly ifId: string;
  /** The API took it: a rejection that was remembered is over. */
  readonly accepted: boolean;
  readonly learned?: LearnedBehaviour;
}

/** The same secrets under another key: what was written meanwhile is left alone. Keeps `at.id` and `rt.fp`, so that no attempt notices. */
export interface Reseal {
  readonly kind: 'reseal';
  readonly at?: Resealed;
  readonly rt?: Resealed;
  readonly extra?: Resealed;
}

export interface Resealed {
  /** The ciphertext that was opened. */
  readonly ifCt: string;
  readonly sealed: Sealed;
}

/** A part that does not open under its own key is put aside, and the record goes on without it. */
export interface SetAside {
  readonly kind: 'set-aside';
  readonly part: 'at' | 'rt';
  readonly ifCt: string;
  readonly newId: string;
}

export type TokenTransition =
  BringUp | Acquire | Extend | Save | Fail | Release | SetByHand | Clear | Forgive | Observe | Reseal | SetAside;
