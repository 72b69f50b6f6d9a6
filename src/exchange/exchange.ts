/**
 * A token exchange: data that says how a token is obtained, refreshed, ended and put on a request. The OAuth grants that we ship are documents of
 * this shape (`ready/*.json`); so is every provider that logs in its own way. JSON Schema: `schemas/exchange.schema.json`, only ever added to.
 */
import type { Json } from '../kernel/json.ts';

export interface Exchange {
  readonly id: string;
  readonly title: string;
  /** Version of this schema. Default 1. */
  readonly schemaVersion?: 1;
  readonly description?: string;
  readonly inputs: readonly ExchangeInput[];
  readonly acquire: readonly Step[];
  /** `null`: there is no refresh; the token is acquired again. */
  readonly refresh: readonly Step[] | null;
  /** Runs when a token is thrown away (log-out, RFC 7009). */
  readonly end: readonly Step[] | null;
  /** Where the token's fields are found. */
  readonly extract: TokenExtraction;
  /** Where a refresh's answer differs; a field that it does not name is read as `extract` says. */
  readonly refreshExtract?: Partial<TokenExtraction>;
  readonly expiry?: ExpiryRule;
  readonly apply: readonly Application[];
}

export interface ExchangeInput {
  readonly name: string;
  readonly title?: string;
  /** Default false. A secret is never shown, logged or exported unless asked. */
  readonly secret?: boolean;
  /** Default false. */
  readonly required?: boolean;
  readonly default?: Json;
}

/** One request. Has at most one of `form`, `json`, `xml`, `text`. Templates are `{{ path | filter }}` over `inputs`, `values`, `steps.<name>`, `token`, `now`, `uuid`. */
export interface Step {
  readonly name: string;
  /** Rendered first, in order, for the step's other templates (`{{ values.<name> }}`): what is signed, claims of an assertion. */
  readonly values?: Readonly<Record<string, Json>>;
  /** Default POST. */
  readonly method?: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  /** `application/x-www-form-urlencoded`; a value that renders to nothing is left out (RFC 6749 §3.2). */
  readonly form?: Readonly<Record<string, string>>;
  readonly json?: Json;
  readonly xml?: string;
  readonly text?: string;
  /** Adds the client's credentials by the integration's `client_auth` (RFC 6749 §2.3.1). Default: none are added. */
  readonly authenticate?: 'client';
  /** Name of an input that holds an object of further form parameters (OAuth extension parameters, RFC 6749 §8.2). */
  readonly parameters?: string;
  readonly success?: SuccessRule;
  readonly errors?: readonly ErrorRule[];
  /** Values for later steps, read as `extract` reads: `{{ steps.<name>.<output> }}`. */
  readonly outputs?: Readonly<Record<string, Omit<Extraction, 'from'>>>;
}

export interface SuccessRule {
  /** Default: 200–299. */
  readonly status?: readonly number[];
  readonly unless?: Condition;
}

/** Everything that is given must hold, and something is given. */
export interface Condition {
  readonly status?: readonly number[];
  readonly pointer?: string;
  /** With `pointer`: the value found equals this. Without it, the pointer's mere presence (not null) holds. */
  readonly equals?: Json;
  /** The text of the body, or with `pointer` of the value found, contains this; case does not matter. */
  readonly contains?: string;
}

/** `credentials`: refused, blocked until an edit · `configuration`: refused for another reason than the password · `transient`: try later · `refresh_token`: the refresh token is dead. */
export type FailureClass = 'credentials' | 'configuration' | 'transient' | 'refresh_token';

export interface ErrorRule {
  readonly when: Condition;
  readonly class: FailureClass;
  readonly message?: Omit<Extraction, 'from'>;
}

/** How one value is read out of a step's answer: exactly one way; never a recursive search. */
export interface Extraction {
  /** Step name. Default: the last step of the phase. */
  readonly from?: string;
  readonly pointer?: string;
  /** RFC 9535. */
  readonly jsonpath?: string;
  readonly header?: string;
  /** Name of a cookie in `Set-Cookie`; with `contains: true` an unambiguous part of the name. */
  readonly cookie?: string;
  readonly contains?: boolean;
  /** With `cookie`: `name=value` instead of the value. */
  readonly pair?: boolean;
  /** The body as text, trimmed. */
  readonly text?: true;
  /** Claim of the JWT that the other way of reading gave (pointer into its payload); decoded, not verified. */
  readonly claim?: string;
}

export interface TokenExtraction {
  readonly access_token: Extraction;
  readonly refresh_token?: Extraction;
  readonly token_type?: Extraction;
  readonly scope?: Extraction;
  /** Further values that `apply` needs, sealed with the token: `{{ token.extra.<name> }}`. */
  readonly [extra: string]: Extraction | undefined;
}

/** The expiry ladder's configured steps (token-lifecycle §3.3); without any, the standard fields are looked at. */
export interface ExpiryRule {
  /** Relative lifetime. */
  readonly in?: Extraction & { readonly unit: 's' | 'ms' | 'm' | 'h' };
  /** Absolute instant. `format` is a Luxon format or `iso`, `epoch`, `epoch_ms`, `rfc1123`; `zone` an IANA zone. Default `iso`, UTC. */
  readonly at?: Extraction & { readonly format?: string; readonly zone?: string };
  /** A fixed lifetime, e.g. `48h`. */
  readonly after?: string;
  /** Dies at this local time of day, e.g. `{ "time": "00:00", "zone": "Europe/Oslo" }`. */
  readonly daily?: { readonly time: string; readonly zone: string };
  /** Renewed this long before the end, e.g. `30s`. */
  readonly refreshBefore?: string;
}

export interface Application {
  readonly in: 'header' | 'query' | 'cookie';
  readonly name: string;
  readonly value: string;
}
