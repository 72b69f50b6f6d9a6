/**
 * The token's record: one a key, with token, lease and failure together, so that every transition is one atomic write of one record
 * (docs/token-lifecycle.md). Field names are those of the stored record, because operators may edit it by hand. Instants are epoch milliseconds here;
 * a store maps them to what its people read.
 */
import type { Sealed } from '../kernel/cipher.ts';
import type { LifetimeSource } from '../exchange/exchange-outcome.ts';

/** The access token. `{id}` alone is *emptied*: nothing is held, but whoever acquired on the old one notices (M3). */
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
  /** An attempt may have presented it, and nobody knows yet what came of that. It belongs to the refresh token, not to the lease (M7). */
  readonly doubt?: RefreshTokenDoubt;
  /** The provider refused it. It stays stored and is offered again only by a person. */
  readonly refused?: { readonly at: number; readonly n: number };
}

export interface RefreshTokenDoubt {
  /** The attempt that took it up. */
  readonly attempt: string;
  readonly at: number;
  /** Whether it was presented again while it was in doubt: from then on only its end, or a success, settles it. */
  readonly replayed: boolean;
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
  readonly content_type?: string;
  /** How many in a row. */
  readonly n: number;
  /** No token request before this instant; absent: none until an edit. */
  readonly next_at?: number;
  /** What a person is told. No secret. */
  readonly message: string;
  readonly sample?: string;
  readonly at: number;
}

/** What was learned of the provider. */
export interface LearnedBehaviour {
  /** A refresh brings a new refresh token. */
  readonly rt_rotates?: boolean;
  /** The provider gives the same token until it expires: asking early is of no use (F20). */
  readonly as_caches?: boolean;
  /** A renewal ends the token before it: renewed as late as can be (F21). */
  readonly prev_revoked?: boolean;
  /** The last lifetime seen. */
  readonly lifetime_ms?: number;
}

/** A token that a person wrote into the database in clear; the first reader takes it over (docs/token-lifecycle.md, "Edits in the database"). */
export interface ManualToken {
  readonly access_token?: unknown;
  readonly refresh_token?: unknown;
  readonly [field: string]: unknown;
}

/**
 * The `rev` of a record that was just inserted, below that of every integration: whoever finds it reads the integration again and brings the record up.
 * So no worker uses it with a copy that is older than the record, whoever made it and whatever was edited meanwhile (M2).
 */
export const NEW_RECORD_REV = 0;

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
  /** The access token that the API refused, and when the next renewal may be forced, until a call succeeds with a newer one. */
  readonly rejected?: { readonly id: string; readonly at: number; readonly n: number; readonly next_at: number };
  readonly learned?: LearnedBehaviour;
  /** Other extracted values, one version with the token. */
  readonly extra?: Sealed;
  readonly manual?: ManualToken;
  /** Bytes that did not open under their own key: kept for whoever repairs the store. */
  readonly aside?: { readonly at?: Sealed; readonly rt?: Sealed };
  /** `<attempt>:acquire|extend|save|fail`, of the last write of an attempt. */
  readonly lw?: string;
  readonly created_at: number;
  readonly updated_at: number;
  /** Only edits. */
  readonly edited_at?: number;
}
