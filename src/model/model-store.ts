/** The port for integration models. */
import type { FragmentRow, ModelFacts, OperationRow } from '../openapi/imported-model.ts';
import type { Page, PageOptions } from '../kernel/page.ts';

export interface ModelSource {
  readonly mediaType: 'application/json' | 'application/yaml' | 'application/zip';
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

/** One imported version of a model. `id` is random and changes with every re-import; `versionId` names it for people. */
export interface ModelRecord {
  readonly id: string;
  readonly facts: ModelFacts;
  readonly source: ModelSource;
  /** Epoch milliseconds, the store's clock. */
  readonly importedAt: number;
}

/** What a list shows of a model. */
export interface ModelListItem {
  readonly versionId: string;
  readonly kind: 'openapi' | 'connector';
  readonly title: string;
  readonly version: string;
  readonly specVersion: string;
  readonly operations: number;
  readonly importedAt: number;
}

export type OperationListItem = Omit<OperationRow, 'definition'>;

/**
 * A model being written. Nothing of it can be seen until `publish`, one atomic write; what a crashed import left is swept by a later one.
 * Writes are cut into transactions by the store: source bytes in chunks of at most 1 MiB, at most 500 rows each, yielding between them.
 */
export interface ModelWriter {
  readonly id: string;
  writeSource(chunk: Uint8Array): Promise<void>;
  writeOperations(rows: readonly OperationRow[]): Promise<void>;
  writeFragments(rows: readonly FragmentRow[]): Promise<void>;
  /**
   * Makes the model visible under its versionId.
   * @param replaces id of the record that it takes the place of; absent: there must be none
   * @returns `conflict` where another import of the versionId came first (nothing is changed then)
   */
  publish(facts: ModelFacts, source: ModelSource, replaces?: string): Promise<'published' | 'conflict'>;
  /** Removes what was written. */
  abandon(): Promise<void>;
}

/** @throws EverbearerError `store_unavailable` from every call */
export interface ModelStore {
  begin(): Promise<ModelWriter>;
  find(versionId: string): Promise<ModelRecord | undefined>;
  /** By versionId. */
  list(options?: PageOptions): Promise<Page<ModelListItem>>;
  /** The row of an operation by its id. */
  findOperation(modelId: string, operationId: string): Promise<OperationRow | undefined>;
  /** Ids of the operations whose document operationId this is, when it is shared by several. */
  findDuplicates(modelId: string, documentOperationId: string): Promise<readonly string[]>;
  /** In the document's order. */
  listOperations(modelId: string, options?: PageOptions): Promise<Page<OperationListItem>>;
  /** Those that exist; unknown pointers are left out. */
  readFragments(modelId: string, pointers: readonly string[]): Promise<readonly FragmentRow[]>;
  readSource(modelId: string): AsyncIterable<Uint8Array>;
  /** Removes the record of that id and everything of it. The caller has made sure that no integration uses it. */
  remove(modelId: string): Promise<boolean>;
}
