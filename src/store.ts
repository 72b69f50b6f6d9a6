/** A store: the four ports over one database, and what the composition root needs of it. */
import type { EventStore } from './kernel/event-store.ts';
import type { IntegrationStore } from './integration/integration-store.ts';
import type { ModelStore } from './model/model-store.ts';
import type { CredentialStore } from './token/credential-store.ts';
import type { TokenStore } from './token/token-store.ts';

/** What a store keeps of its keys, so that a foreign key file is recognised before anything is written. */
export interface KeyCheckStore {
  /** The stored check value, if the store was ever written with secrets. JSON text, opaque to the store. */
  readKeyCheck(): Promise<string | undefined>;
  /** Insert-if-absent; answers with what stands after it. */
  insertKeyCheck(value: string): Promise<string>;
}

export interface MigrationStatus {
  readonly version: number;
  /** The newest that this program knows. */
  readonly known: number;
  readonly pending: readonly string[];
}

/** The clock of one of several servers that may each become the one which says what the time is. */
export interface MemberClock {
  /** `host:port` */
  readonly member: string;
  /** Between what and what it is ahead of this machine's, milliseconds: the answer was on its way for so long. Absent where none came. */
  readonly aheadMs?: { readonly least: number; readonly most: number };
}

export interface Store {
  /** `sqlite` or `mongodb`. */
  readonly kind: 'sqlite' | 'mongodb';
  readonly models: ModelStore;
  readonly integrations: IntegrationStore;
  readonly tokens: TokenStore;
  readonly credentials: CredentialStore;
  readonly events: EventStore;
  readonly keys: KeyCheckStore;
  migrationStatus(): Promise<MigrationStatus>;
  /** Runs pending migrations under a lock. @returns names of those that ran */
  migrate(): Promise<readonly string[]>;
  /** Of a replica set's members; none where there is but one clock. */
  memberClocks(): Promise<readonly MemberClock[]>;
  close(): Promise<void>;
}

export interface OpenStoreOptions {
  /** Stepped by tests in every process, never by options: added to the store's clock, milliseconds. Read at each use. */
  readonly clockOffsetMs?: () => number;
}
