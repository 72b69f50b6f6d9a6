/**
 * The token's record: one a key, with token, lease and failure together, so that every transition is one atomic write of one record
 * (docs/token-lifecycle.md). Field names are those of the stored record, because operators may edit it by hand. Instants are epoch milliseconds here;
 * a store maps them to what its people read.
 */
import type { Sealed } from '../kernel/cipher.ts';
import type { LifetimeSource } from '../exchange/exchange-outcome.ts';

/** The access token. `{id}` alone is *emptied*: nothing is held, but whoever acquired on the old one notices. */
export interface AccessTokenPart {
  /** Random; made with the token, kept by re-encryption. The identity that every write is guarded by. */
  readonly id: string;
  readonly sealed?: Sealed;
  /** Keyed fingerprint. */
  readonly fp?: string;
  /** `token_type` as sent. */
  readonly type?: string | null;
  readonly scope?: string | null;
  readonly issued_at?: number;
  /** Absent: unknown. */
  readonly expires_at?: number;
  /** When a renewal behind the callers may begin. */
  readonly soft_at?: number;
  /** From here on a renewal is urgent. */
  readonly hard_at?: number;
  /** `expires_in` as it would be shown, seconds. */
  readonly expires_in?: number | null;
  readonly exp_source?: LifetimeSource | 'manual';
  /** Attempt that brought it, or `manual`. */
  readonly by?: string;
  /** How it was got, for people: `client_credentials`, `password`, `refresh_token`, an exchange's id, `manual`. */
  readonly obtained_by?: string;
}

export interface RefreshTokenPart {
  readonly sealed: Sealed;
  readonly fp: string;
  /** How many successors it has had. */
  readonly gen: number;
  readonly expires_at?: number;
  readonly by: string;
  /** Fingerprint of the refresh token that it was got with. */
  readonly from?: string;
  /** Epoch of the attempt that brought it. */
  readonly epoch: number;
  readonly doubt?: { readonly attempt: string; readonly at: number; readonly replayed: boolean };
  readonly refused?: { readonly at: number; readonly n: number };
}

export interface Lease {
  readonly holder: string;
  readonly until: number;
  readonly attempt: string;
  readonly reason: AcquireReason;
}

/** Why a token request is made. */
export type AcquireReason = 'empty' | 'expired' | 'soft' | 'hard' | 'rejected' | 'person';

export type RecordedFailureClass = 'transient' | 'credentials' | 'configuration' | 'in_doubt';

/** One entry a configuration fingerprint. */
export interface RecordedFailure {
  readonly class: RecordedFailureClass;
  readonly code: string;
  readonly http?: number;
  /** How many in a row. */
  readonly n: number;
  /** No token request before this instant; absent: none until an edit. */
  readonly next_at?: number;
  /** What a person is told. No secret. */
  readonly message: string;
  readonly sample?: string;
  readonly at: number;
}

export interface TokenRecord {
  /** `<integration id>:<scheme>:<fingerprint of what varies per call>` */
  readonly id: string;
  readonly integration_id: string;
  readonly scheme: string;
  /** The extra scopes that made this key, for people; absent for the integration's own token. */
  readonly scopes?: readonly string[];
  /** The resource indicators (RFC 8707) that made this key, for people. */
  readonly resources?: readonly string[];
  readonly audience?: string;
  /** Grows with each write that changes `at` or `rt`. For people and `If-Match`; a restore may repeat it. */
  readonly ver: number;
  /** Grows with each acquire: the order of attempts. */
  readonly epoch: number;
  /** The integration's revision that this record was brought to. */
  readonly rev: number;
  /** The `account_rev` that it was last brought to. */
  readonly cfg_ver: number;
  readonly at: AccessTokenPart;
  readonly rt?: RefreshTokenPart;
  readonly lease?: Lease;
  /** By configuration fingerprint; the last 8. */
  readonly fail?: Readonly<Record<string, RecordedFailure>>;
  /** The access token that the API refused. */
  readonly rejected?: { readonly id: string; readonly at: number; readonly n: number; readonly next_at: number };
  /** What was learned of the provider. */
  readonly learned?: {
    readonly rt_rotates?: boolean;
    readonly as_caches?: boolean;
    readonly prev_revoked?: boolean;
    readonly lifetime_ms?: number;
  };
  /** Other extracted values, one version with the token. */
  readonly extra?: Sealed;
  /** `<attempt>:acquire|save|fail`, of the last write. */
  readonly lw?: string;
  /** Grows with each invalidation by hand. */
  readonly inv?: number;
  readonly created_at: number;
  readonly updated_at: number;
  /** Only edits and invalidations. */
  readonly edited_at?: number;
}
