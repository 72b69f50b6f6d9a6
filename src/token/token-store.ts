/** The port for token records. Its contract test is the heart of the reliability promise. */
import type { TokenRecord } from './token-record.ts';
import type { TokenTransition } from './token-transition.ts';

/** What identifies a record that is to be made. */
export interface NewTokenRecord {
  readonly id: string;
  readonly integration_id: string;
  readonly scheme: string;
  readonly scopes?: readonly string[];
  /** Resource indicators (RFC 8707) that made this key. */
  readonly resources?: readonly string[];
  readonly audience?: string;
  readonly rev: number;
  readonly cfg_ver: number;
  /** The first `at.id`. */
  readonly atId: string;
}

export interface TokenRead {
  /** The store's clock at the read, epoch milliseconds. */
  readonly now: number;
  /** Records that exist, by id. */
  readonly records: ReadonlyMap<string, TokenRecord>;
}

export interface TransitionResult {
  /** Whether the guards matched and the write was made. */
  readonly applied: boolean;
  /** The store's clock at the write. */
  readonly now: number;
  /** The record after a write that was made; the record as it stands (undefined: none) where the guards did not match. */
  readonly record?: TokenRecord;
}

/** @throws EverbearerError `store_unavailable` from every call */
export interface TokenStore {
  /** One round trip, from the primary. */
  read(ids: readonly string[]): Promise<TokenRead>;
  /** Insert-if-absent; an existing record stays as it is. */
  insert(record: NewTokenRecord): Promise<void>;
  /** One atomic write, majority-acknowledged and journalled. */
  apply(id: string, transition: TokenTransition): Promise<TransitionResult>;
  /** All records of an integration. */
  list(integrationId: string): Promise<TokenRead>;
  /** Removes all records of an integration. */
  removeAll(integrationId: string): Promise<void>;
  /** Ids of records that were edited since an instant of the store's clock (epoch ms), removed ones not among them. At most `limit`, the oldest first. */
  editedSince(since: number, limit: number): Promise<EditedRecords>;
  /**
   * Tells of writes as they are made, also by hand. Absent, or `undefined` in its place, where the store can't: who needs to know polls `editedSince`.
   * Resolves when every later write will be told.
   */
  watch?(watcher: TokenWatcher): Promise<TokenWatch | undefined>;
}

export interface TokenWatcher {
  /** What the ids of this process's attempts begin with: it knows what they wrote. */
  readonly ownAttempts: string;
  /** Ids of records that others may have given another token, or that were removed. */
  readonly onChanged: (ids: readonly string[], change: ToldChange) => void;
  /** Nothing is told any more, and what happened last may not have been. Told once, and not after `stop`. */
  readonly onLost: () => void;
}

export interface ToldChange {
  /** When it was made, by the store's clock, epoch milliseconds; absent where the store does not say. */
  readonly at?: number;
}

export interface TokenWatch {
  stop(): Promise<void>;
}

export interface EditedRecords {
  /** The store's clock, epoch milliseconds. */
  readonly now: number;
  readonly edited: readonly { readonly id: string; readonly at: number }[];
}
