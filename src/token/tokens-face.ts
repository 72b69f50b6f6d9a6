/** What `tokens` of the public face offers. */
import type { Json } from '../kernel/json.ts';

export interface TokenQuery {
  readonly integration: string;
  /** Default: the one scheme that has a token. */
  readonly scheme?: string;
  /** A further token for other scopes (listed under `others`). Order and repetition mean nothing; an empty list is as good as none. */
  readonly scopes?: readonly string[];
  /** A further token for these resources: absolute URIs without a fragment, each sent as `resource` (RFC 8707 §2). */
  readonly resources?: readonly string[];
  /** A further token for this audience, sent as `audience`. */
  readonly audience?: string;
  readonly signal?: AbortSignal;
}

/** As it is shown: product.md "Token (as shown)". Fields that the provider did not give are `null`. */
export interface TokenView {
  readonly integration: string;
  readonly scheme: string;
  readonly state: 'valid' | 'blocked' | 'refreshing' | 'cooling' | 'expired' | 'empty';
  readonly token_type: string | null;
  readonly access_token: string | null;
  readonly has_refresh_token: boolean;
  readonly scope: string | null;
  readonly expires_in: number | null;
  readonly expires_at: string | null;
  readonly created_at: string | null;
  readonly obtained_by: string | null;
  readonly version: number;
  readonly next_attempt_at?: string;
  /** What a further token was asked for. */
  readonly scopes?: readonly string[];
  readonly resources?: readonly string[];
  readonly audience?: string;
  readonly last_error?: Readonly<Record<string, string | number | null>>;
  readonly others?: readonly Omit<TokenView, 'others'>[];
}

/** Ready to be put on a request of one's own. */
export interface TokenInForce {
  readonly access_token: string;
  readonly token_type: string;
  readonly expires_at: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly cookies: Readonly<Record<string, string>>;
  /** Opaque; changes with the token. */
  readonly version: string;
  /** Say so after the API answered 401 to this very token. */
  invalidate(): Promise<void>;
}

export interface Tokens {
  /** The token in force, retrieved or refreshed when needed. @throws EverbearerError `token_unavailable`, `token_blocked`, `configuration_missing`, `not_found` */
  get(query: TokenQuery): Promise<TokenInForce>;
  show(query: TokenQuery): Promise<TokenView>;
  /** Retrieves or refreshes now; a person's command, which passes BLOCKED once. */
  refresh(query: TokenQuery): Promise<TokenView>;
  /** Edit by hand: JSON Merge Patch of `access_token, refresh_token, token_type, expires_in, expires_at, created_at, scope`. */
  set(query: TokenQuery, patch: Json, options?: { readonly ifVersion?: number }): Promise<TokenView>;
  clear(query: TokenQuery): Promise<TokenView>;
}
