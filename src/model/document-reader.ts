/** The port behind which documents are parsed: a child process with limits (`io/`), so that no document can hurt the caller. */
import type {
  FragmentRow,
  ImportLimits,
  ModelFacts,
  OperationRow,
  RefusedDocument,
} from '../openapi/imported-model.ts';

/** One document, and the files that its references may resolve to (those of the same directory or zip, by relative path). */
export interface DocumentInput {
  /** For messages: a file name or URL. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Absolute URL that it was fetched from: its relative server URLs are resolved against it. Absent for a file. */
  readonly url?: string;
  /** Present for a document of a directory or zip: the other files by path relative to its root, `/` as separator. */
  readonly siblings?: ReadonlyMap<string, Uint8Array>;
  /** This document's own path among the siblings. */
  readonly path?: string;
}

export interface ReadOptions {
  readonly limits: ImportLimits;
  /** Adds full validation by swagger-parser as findings. Default false. */
  readonly strict: boolean;
  readonly signal?: AbortSignal;
}

/** What is known of a document before its rows come. */
export interface DocumentFacts {
  readonly facts: ModelFacts;
  readonly mediaType: 'application/json' | 'application/yaml';
  /** Paths of the siblings that its references lead to, sorted. Empty for a document that stands alone. */
  readonly files: readonly string[];
}

/** Takes facts once, then rows as they come, in batches of at most 500 rows and about 1 MiB; the next batch waits for the promise. */
export interface RowSink {
  /** Before any row. @returns whether the rows are wanted; `false` ends the reading, as for a dry run */
  facts(document: DocumentFacts): Promise<boolean>;
  operations(rows: readonly OperationRow[]): Promise<void>;
  fragments(rows: readonly FragmentRow[]): Promise<void>;
}

export type ReadResult = { readonly outcome: 'imported' } | RefusedDocument;

export interface DocumentReader {
  /**
   * Parses in the child process; a time-out, crash or memory limit is a refusal with its own finding code. One document at a time: calls queue.
   * @throws EverbearerError only for failures that are not the document's (`internal`); what the sink throws; the signal's reason
   */
  read(input: DocumentInput, options: ReadOptions, sink: RowSink): Promise<ReadResult>;
  close(): Promise<void>;
}
