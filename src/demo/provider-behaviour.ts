/** What kind of provider is simulated. Everything may be changed while it runs. */
import type { Json } from '../kernel/json.ts';

export interface ClientAccount {
  readonly client_id: string;
  /** Empty: a public client, which sends its `client_id` alone. */
  readonly client_secret: string;
}

export interface UserAccount {
  readonly username: string;
  readonly password: string;
}

/**
 * What happens to a refresh token that is used. `none`: it stays good · `rotate`: a new one replaces it, and the old one is refused ·
 * `rotate-revoke-family`: whoever presents an old one loses all tokens that come from the same sign-in (RFC 9700 §4.14.2).
 */
export type Rotation = 'none' | 'rotate' | 'rotate-revoke-family';

export interface ProviderBehaviour {
  /** Of access tokens, milliseconds. Default 5,000. */
  readonly lifetimeMs: number;
  /** Default `rotate`. */
  readonly rotation: Rotation;
  /** How long a used refresh token is still taken, milliseconds. Default 0. */
  readonly graceMs: number;
  /** Of several successors within the grace window: only the newest stays good, or all do. Default `newest`. */
  readonly graceSuccessors: 'newest' | 'all';
  /** Of refresh tokens from their issue, milliseconds. Default 30 days. */
  readonly refreshLifetimeMs: number;
  /** Grants whose answer brings a refresh token. Default `password` and `refresh_token`. */
  readonly refreshTokenFor: readonly GrantName[];
  /** With `rotation: 'none'`: what stands in the answer to a refresh. Default `omit`. */
  readonly unrotatedAnswer: 'omit' | 'same' | 'empty';
  /** A grant answers with the access token that is still good, if there is one. Default false. */
  readonly sameToken: boolean;
  /** A grant ends every earlier access token of the account. Default false. */
  readonly singleActive: boolean;
  /** A refresh ends the access token that was issued together with the refresh token. Default false. */
  readonly companionRevoke: boolean;
  /** Wrong passwords or secrets in a row that lock the account; `null`: never. Default `null`. */
  readonly lockOutAfter: number | null;
  /** Pause before the answer to a sign-in that is refused for its credentials, milliseconds; `null`: the answer never comes. Default 0. */
  readonly failedSignInDelayMs: number | null;
  /** Access tokens, sessions of the log-in included, that an account may have at once; more are refused. `null`: any number. Default `null`. */
  readonly maxSessions: number | null;
  /** Token requests and log-ins in any second by the provider's clock; more are a 429 with `Retry-After`. `null`: any number. Default `null`. */
  readonly maxRequestsPerSecond: number | null;
  /** How Basic credentials are read: form-encoded (RFC 6749 §2.3.1), as they are, or either way. Default `either`. */
  readonly basic: 'encoded' | 'raw' | 'either';
  /** Whether the password grant needs client credentials too. Default true. */
  readonly clientRequired: boolean;
  /** Default `opaque`. */
  readonly accessTokens: 'opaque' | 'jwt';
  /** Default `number`. */
  readonly expiresIn: 'number' | 'string' | 'absent';
  /** Put over the answer's own fields, as they are. Default none. */
  readonly fields: Readonly<Record<string, Json>>;
  /** Left out of the answer. Default none. */
  readonly omitFields: readonly string[];
  /** The answer's fields stand below this name, e.g. `data`; `null`: at the top. Default `null`. */
  readonly wrap: string | null;
  /** The access token stands in this header of the answer instead of its body; `null`: in the body. Default `null`. */
  readonly tokenHeader: string | null;
  /** Pause before every answer of the token endpoint, milliseconds of real time. Default 0. */
  readonly tokenDelayMs: number;
  /** How far the `Date` header is ahead of the provider's clock (negative: behind it), milliseconds; `null`: there is none. Default 0. */
  readonly dateSkewMs: number | null;
}

export type GrantName = 'password' | 'client_credentials' | 'refresh_token';

export const GRANT_NAMES: readonly GrantName[] = ['password', 'client_credentials', 'refresh_token'];

export const DEFAULT_BEHAVIOUR: ProviderBehaviour = {
  lifetimeMs: 5_000,
  rotation: 'rotate',
  graceMs: 0,
  graceSuccessors: 'newest',
  refreshLifetimeMs: 30 * 86_400_000,
  refreshTokenFor: ['password', 'refresh_token'],
  unrotatedAnswer: 'omit',
  sameToken: false,
  singleActive: false,
  companionRevoke: false,
  lockOutAfter: null,
  failedSignInDelayMs: 0,
  maxSessions: null,
  maxRequestsPerSecond: null,
  basic: 'either',
  clientRequired: true,
  accessTokens: 'opaque',
  expiresIn: 'number',
  fields: {},
  omitFields: [],
  wrap: null,
  tokenHeader: null,
  tokenDelayMs: 0,
  dateSkewMs: 0,
};

export const DEFAULT_CLIENT: ClientAccount = { client_id: 'demo-client', client_secret: 'demo-client-secret' };
export const DEFAULT_USER: UserAccount = { username: 'demo-user', password: 'demo-password' };
