/** What tells, in an API's answer, that the token is what it refused (F48). */
import type { Condition } from '../exchange/exchange.ts';

/** Everything that is given must hold, and something is given. Of several signs one is enough. */
export interface ExpirySign extends Condition {
  /** A `WWW-Authenticate` header of the answer contains this; case does not matter. */
  readonly wwwAuthenticate?: string;
}

/** RFC 6750 §3.1: `invalid_token` comes with 401; a 403 is about what the token may do, which a new one may not either. */
export const DEFAULT_EXPIRY_SIGNS: readonly ExpirySign[] = Object.freeze([Object.freeze({ status: [401] })]);
