/** What the manager needs to know of one token: made by `integration/` from an integration, a scheme and the scopes asked for. */
import type { ClientAuthName } from '../exchange/exchange-request.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { Destination, HttpLimits } from '../kernel/http-client.ts';
import type { Json } from '../kernel/json.ts';

export interface TokenConfiguration {
  /** Record id: `<integration id>:<scheme>:<fingerprint of what varies per call>`. */
  readonly id: string;
  readonly integrationId: string;
  /** For people: events and messages. */
  readonly integration: string;
  readonly scheme: string;
  /** Further scopes that made this key; absent for the integration's own token. */
  readonly scopes?: readonly string[];
  /** Resource indicators (RFC 8707) that made this key. */
  readonly resources?: readonly string[];
  readonly audience?: string;
  readonly rev: number;
  readonly accountRev: number;
  readonly secretRev: number;
  /** Fingerprint of the effective configuration, secrets included. */
  readonly cfgFp: string;
  readonly exchange: Exchange;
  readonly inputs: Readonly<Record<string, Json>>;
  readonly clientAuth?: ClientAuthName;
  /** Inputs that a first token needs and nobody has given: then only a stored refresh token can help. */
  readonly missing: readonly string[];
  /** Whether a first token can be had without a person. */
  readonly hasPrimary: boolean;
  /** Of the credential guard: `cred:` and a fingerprint of account, secret and token URL. Absent where a grant presents no account (RFC 6749 §4.4). */
  readonly credentialId?: string;
  /** Of the token requests: `scheme://host:port`, or as much of it as is known. */
  readonly origin: string;
  /** Whether a stored refresh token is presented (RFC 6749 §6): not for client credentials without a `refresh_url` of their own. */
  readonly presentsRefreshToken: boolean;
  readonly destination: Destination;
  readonly limits: HttpLimits;
}
