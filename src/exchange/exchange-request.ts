/** What the interpreter needs to run one phase of an exchange. */
import type { Clock } from '../kernel/clock.ts';
import type { Destination, HttpClient, HttpLimits } from '../kernel/http-client.ts';
import type { Json } from '../kernel/json.ts';
import type { Exchange } from './exchange.ts';
import type { Signer } from './signer.ts';

export type ClientAuthName = 'client_secret_basic' | 'client_secret_basic_raw' | 'client_secret_post' | 'none';

/** The token whose fields templates may use (`{{ token.refresh_token }}`). */
export interface PresentedToken {
  readonly access_token?: string;
  readonly refresh_token?: string;
  readonly token_type?: string;
  readonly scope?: string;
  readonly extra?: Readonly<Record<string, string>>;
}

export interface ExchangeRequest {
  readonly exchange: Exchange;
  readonly phase: 'acquire' | 'refresh' | 'end';
  /** By input name; OAuth's are `client_id`, `client_secret`, `username`, `password`, `token_url`, `refresh_url`, `scope`, `parameters`. */
  readonly inputs: Readonly<Record<string, Json>>;
  /** Default `client_secret_basic`; `none` where there is no `client_id`, or no `client_secret` and the method was not chosen. */
  readonly clientAuth?: ClientAuthName;
  readonly token?: PresentedToken;
  /** The last lifetime seen for this token, for the ladder. */
  readonly lastKnownLifetimeMs?: number;
  readonly defaultLifetimeMs?: number;
  /** Longest access token that is usable, bytes. Default 16 KiB: what servers take as a header. */
  readonly maxTokenBytes?: number;
  readonly destination: Destination;
  readonly limits: HttpLimits;
  readonly signal?: AbortSignal;
  /** Asked before the first byte of each request, as `HttpRequest.mayStart` is; false: nothing is sent, the failure is `aborted`. */
  readonly mayStart?: () => boolean;
}

export interface ExchangePorts {
  readonly http: HttpClient;
  readonly clock: Clock;
  /** Needed by exchanges that sign (`| sign`, `| jwt`, `| sha256`, `| hmac_sha256`); without it they fail as a configuration does. */
  readonly signer?: Signer;
}
