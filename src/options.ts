/** Options of `createEverbearer`, their defaults and units. `schemas/options.schema.json` says the same; a test compares them. */
import type { Clock } from './kernel/clock.ts';
import type { HttpClient } from './kernel/http-client.ts';
import type { Logger } from './kernel/logger.ts';
import type { MetricsRegistry } from './kernel/metrics.ts';
import type { Tracer } from './kernel/tracer.ts';
import type { DocumentReader } from './model/document-reader.ts';
import type { OnPoint } from './token/protocol-points.ts';

export interface EverbearerOptions {
  /** `sqlite:<path>` or `mongodb://…`. Default `sqlite:.everbearer/everbearer.db`. */
  readonly store?: string;
  /** Encryption keys. Default `<database>.keys.json` beside a SQLite file; MongoDB has no default. */
  readonly keyFile?: string;
  /** Hosts or CIDRs that every integration may reach. Default none. */
  readonly egress?: readonly string[];
  /** How long a caller waits for a token, milliseconds. Default 45,000. */
  readonly tokenWaitMs?: number;
  /** Whole time of one API request, milliseconds. Default 60,000. */
  readonly taskTimeoutMs?: number;
  /** Whole time of one token request, milliseconds. Default 10,000. */
  readonly tokenTimeoutMs?: number;
  /** Connect and TLS, milliseconds. Default 5,000. */
  readonly connectTimeoutMs?: number;
  /** Largest answer of an API, bytes after decoding. Default 64 MiB. */
  readonly maxResponseBytes?: number;
  /** Checking of task input: `strict` refuses, `warn` logs, `off` skips. Default `strict`. */
  readonly validate?: 'strict' | 'warn' | 'off';
  /** Who the events name. Default `library`. */
  readonly actor?: string;
  /** `background` renews behind the callers; `inline` (short-lived processes) renews nothing before it is urgent. Default `background`. */
  readonly renewal?: 'background' | 'inline';
  /** While the store does not answer: `serve-until-expiry` uses the last known token as long as it lives; `fail` uses none. Default `serve-until-expiry`. */
  readonly onStoreUnavailable?: 'serve-until-expiry' | 'fail';
  /** How long a read of the store may take before it counts as away, milliseconds. Default 500. */
  readonly storeReadTimeoutMs?: number;
  /** Directory for tokens that the store could not take (encrypted), or `off`. Default `<keyFile>.spool`. */
  readonly spool?: string;
}

/** What tests put in the place of the real ones; options can't reach these. */
export interface EverbearerOverrides {
  readonly clock?: Clock;
  readonly http?: HttpClient;
  readonly logger?: Logger;
  readonly metrics?: MetricsRegistry;
  readonly tracer?: Tracer;
  /** Closed with Everbearer. The command line gives one that it has started already. */
  readonly reader?: DocumentReader;
  /** Added to the store's clock, milliseconds; read at each use. */
  readonly storeClockOffsetMs?: () => number;
  /** Told of each named point of the protocol. */
  readonly onPoint?: OnPoint;
}

export const DEFAULT_OPTIONS: ResolvedOptions = {
  store: 'sqlite:.everbearer/everbearer.db',
  egress: [],
  tokenWaitMs: 45_000,
  taskTimeoutMs: 60_000,
  tokenTimeoutMs: 10_000,
  connectTimeoutMs: 5_000,
  maxResponseBytes: 64 * 1024 * 1024,
  validate: 'strict',
  actor: 'library',
  renewal: 'background',
  onStoreUnavailable: 'serve-until-expiry',
  storeReadTimeoutMs: 500,
};

export type ResolvedOptions = Required<Omit<EverbearerOptions, 'keyFile' | 'spool'>> &
  Pick<EverbearerOptions, 'keyFile' | 'spool'>;
