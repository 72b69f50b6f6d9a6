/** History, and what it may say. */

/** One line of it. Never a secret. */
export interface EverbearerEvent {
  /** Grows with time within a store; opaque. */
  readonly id: string;
  /** ISO 8601, UTC, the store's clock. */
  readonly at: string;
  readonly type: EventType;
  readonly integration?: string;
  readonly scheme?: string;
  /** Who: `system`, `cli`, `library`, or a key's id. */
  readonly actor: string;
  readonly reason: string;
  readonly outcome: 'ok' | 'failed';
  readonly code?: string;
  readonly version?: number;
  readonly latency_ms?: number;
  /** Further public facts, those of {@link EVENT_DETAILS}. Older versions may have written others. */
  readonly details?: Readonly<Record<string, string | number | boolean | null>>;
}

/**
 * Every detail that an event may have. An allow-list: no detail is a text that others wrote, save for the short words of OAuth (`code`), which are
 * redacted before. Fingerprints are keyed (HMAC), so that they can be compared with each other and with nothing else.
 */
export const EVENT_DETAILS = {
  versionId: 'model that was imported, replaced or removed',
  operations: 'operations of the model',
  refused: 'operations that were refused',
  bytes: 'size of the document',
  added: 'operations that a replaced model has more',
  removed: 'operations that it has no longer',
  changed: 'operations that it has otherwise',
  revision: "the integration's revision after the edit",
  attempt: 'id of the attempt',
  epoch: 'the order of attempts at one token',
  sent: 'whether a byte of the request may have been written',
  rejected_status: 'status with which the API refused the token before',
  tokens_kept: 'whether the tokens of an integration whose revision was raised were kept',
  grant: '`refresh_token`, or the exchange',
  renewal: 'whether there was a token before',
  saved: 'whether the answer was stored',
  late: 'whether it was stored although the lease had moved on',
  class: 'class of the failure: `transient`, `in_doubt`, `refresh_token`, `credentials`, `configuration`, `egress`',
  origin: 'scheme, host and port that was asked; never a path or query',
  status: 'HTTP status of the answer',
  expiry_source: "what the token's lifetime was read from",
  expiry_note: 'why it was read with doubt',
  version_before: 'version of the token that the attempt started from',
  access_token_fp: 'fingerprint of the access token that it brought',
  refresh_token_fp: 'fingerprint of the refresh token that it brought',
  presented_fp: 'fingerprint of the refresh token that it presented',
  cfg_fp: 'fingerprint of the configuration, secrets included',
  next_at: 'before this instant no other attempt is made, ISO 8601',
} as const;

export type EventDetails = Readonly<Partial<Record<keyof typeof EVENT_DETAILS, string | number | boolean | null>>>;

export type EventType =
  | 'model_imported'
  | 'model_replaced'
  | 'model_removed'
  | 'integration_created'
  | 'integration_edited'
  | 'integration_removed'
  | 'token_retrieved'
  | 'token_refreshed'
  | 'token_refused'
  | 'token_failed'
  | 'token_edited'
  | 'token_cleared'
  /** A save that had been spooled was sent to the store. */
  | 'token_replayed'
  /** A part of a record does not open under its own key. */
  | 'token_unreadable'
  /** The store did not answer; tasks went on with the tokens that were known. */
  | 'store_outage'
  /** The revision of an integration was behind its tokens' (a restored backup) and was raised. */
  | 'revision_raised';

/** An event as it is written. */
export type NewEvent = Omit<EverbearerEvent, 'id' | 'at' | 'details'> & { readonly details?: EventDetails };
