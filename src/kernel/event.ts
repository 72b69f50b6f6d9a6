/** One line of history. Never a secret. */
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
  /** Further public facts: status, origin, fingerprints, versionId. */
  readonly details?: EventDetails;
}

export type EventDetails = Readonly<Record<string, string | number | boolean | null>>;

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

export type NewEvent = Omit<EverbearerEvent, 'id' | 'at'>;
