/** What running an exchange gives: a token, or a failure with its class. Both are values; only a bug throws. */
import type { FailureClass } from './exchange.ts';

export type LifetimeSource =
  'configured' | 'expires_in' | 'expires_on' | 'expires_at' | 'jwt_exp' | 'last_known' | 'default' | 'unknown';

/** How long a token lives, by the ladder of token-lifecycle §3.3. `ms` is counted from the instant of sending; absent when unknown. */
export interface Lifetime {
  readonly ms?: number;
  readonly source: LifetimeSource;
  /** Set where the value had to be read with doubt: clamped, without a zone, unit corrected by a JWT. For the event and `test`. */
  readonly note?: string;
}

export interface ExchangedToken {
  readonly access_token: string;
  /** Absent also where the provider sent an empty one (F11). */
  readonly refresh_token?: string;
  /** As sent; absent where the provider sent none. */
  readonly token_type?: string;
  readonly scope?: string;
  readonly lifetime: Lifetime;
  readonly refresh_expires_in_ms?: number;
  /** From `refreshBefore`. */
  readonly refreshBeforeMs?: number;
  readonly extra: Readonly<Record<string, string>>;
}

/** What may be told of a failed request to a token endpoint. No secret, no token. */
export interface ExchangeFailure {
  readonly class: FailureClass | 'in_doubt' | 'egress';
  /**
   * OAuth `error`, or a word of ours: a kind of {@link HttpFailureKind} (`timeout`, `connect`, `dns`, `tls`, `too_large`, `encoding`, `egress`, …), `redirect`,
   * `not_json`, `no_token`, `token_invalid`, `refused`, `input_missing`, `document`, `needs_reauthorization`, `http_<status>`.
   */
  readonly error: string;
  /** One sentence for a person, with status, host and what to change. */
  readonly message: string;
  readonly step: string;
  /** `scheme://host:port`; empty where no URL could be made. */
  readonly origin: string;
  readonly status?: number;
  readonly contentType?: string;
  /** At most 200 characters of the answer, redacted. */
  readonly sample?: string;
  readonly retryAfterMs?: number;
  /** Whether a byte of this phase's requests may have been written. */
  readonly sent: boolean;
  /** A refresh token that came although the access token was unusable (test 54). */
  readonly refresh_token?: string;
}

/** For the phase `end`: the token that was ended, its lifetime 0. */
export type ExchangeOutcome =
  | { readonly ok: true; readonly token: ExchangedToken; readonly status: number; readonly origin: string }
  | { readonly ok: false; readonly failure: ExchangeFailure };
