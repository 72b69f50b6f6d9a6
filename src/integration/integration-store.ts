/** The port for integrations. */
import type { Sealed } from '../kernel/cipher.ts';
import type { Page, PageOptions } from '../kernel/page.ts';
import type { ExpirySign } from './expiry-sign.ts';

/** Revisions of the two kinds of edit that touch a scheme's token (token-lifecycle §3.1). */
export interface SchemeMarks {
  /** Of who signs in. */
  readonly account_rev: number;
  /** Of with what and how. */
  readonly secret_rev: number;
}

/** What an integration says in clear. Everything under `authentication`, and the TLS key, is sealed. */
export interface IntegrationSettings {
  readonly server: { readonly url: string } | ServerParts;
  readonly tls: {
    readonly enabled: boolean;
    readonly rejectUnauthorized: boolean;
    readonly ca?: string;
    readonly certificate?: string;
  };
  readonly egress?: readonly string[];
  readonly allowHttp?: boolean;
  /** Whether POST and PATCH are sent again after the token was refused and renewed. Default true. */
  readonly resendWrites?: boolean;
  /** In place of the default (401). */
  readonly expirySigns?: readonly ExpirySign[];
}

export interface ServerParts {
  readonly protocol: 'http' | 'https';
  readonly host: string;
  readonly port?: number;
  readonly base_path: string;
}

export interface IntegrationRecord {
  /** Random, never reused; a name maps to an id. */
  readonly id: string;
  readonly name: string;
  /** versionId of its model. */
  readonly model: string;
  /** Grows with every edit. */
  readonly rev: number;
  readonly marks: Readonly<Record<string, SchemeMarks>>;
  readonly settings: IntegrationSettings;
  /** JSON of `{authentication, tlsKey?}`, bound to the id. */
  readonly sealed: Sealed;
  /** Epoch milliseconds, the store's clock. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

export type NewIntegrationRecord = Omit<IntegrationRecord, 'createdAt' | 'updatedAt'>;

/** @throws EverbearerError `store_unavailable` from every call */
export interface IntegrationStore {
  /** `taken` where the name is in use. */
  insert(record: NewIntegrationRecord): Promise<'inserted' | 'taken'>;
  findByName(name: string): Promise<IntegrationRecord | undefined>;
  /** By name. */
  list(options?: PageOptions): Promise<Page<IntegrationRecord>>;
  /** Replaces settings, marks, sealed and rev of the record with that id and revision. */
  replace(record: NewIntegrationRecord, ifRev: number): Promise<'replaced' | 'changed'>;
  remove(id: string): Promise<boolean>;
  /** Current revision by id; missing ids are left out. One round trip, from the primary. */
  revisions(ids: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Names of integrations that use a model, at most `limit`. */
  namesByModel(versionId: string, limit: number): Promise<readonly string[]>;
  /** Integrations that were made or edited at or since an instant of the store's clock (epoch ms), removed ones not among them. At most `limit`, the oldest first. */
  editedSince(since: number, limit: number): Promise<EditedIntegrations>;
}

export interface EditedIntegrations {
  /** The store's clock, epoch milliseconds. */
  readonly now: number;
  readonly edited: readonly { readonly id: string; readonly name: string; readonly at: number }[];
}
