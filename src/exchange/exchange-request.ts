/** What the interpreter needs to run one phase of an exchange. */
import type { Clock } from '../kernel/clock.ts';
import type { Destination, HttpClient, HttpLimits } from '../kernel/http-client.ts';
import type { Json } from '../kernel/json.ts';
import type { Exchange } from './exchange.ts';

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
  /** Default `client_secret_basic`; `none` where there is no `client_id`. */
  readonly clientAuth?: ClientAuthName;
  readonly token?: PresentedToken;
  /** The last lifetime seen for this token, for the ladder. */
  readonly lastKnownLifetimeMs?: number;
  readonly defaultLifetimeMs?: number;
  readonly destination: Destination;
  readonly limits: HttpLimits;
  readonly signal?: AbortSignal;
}

export interface ExchangePorts {
  readonly http: HttpClient;
  readonly clock: Clock;
}
