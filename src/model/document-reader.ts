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

/** Takes rows as they come, in batches of at most 500 rows and about 1 MiB; the next batch waits for the promise. */
export interface RowSink {
  operations(rows: readonly OperationRow[]): Promise<void>;
  fragments(rows: readonly FragmentRow[]): Promise<void>;
}

export type ReadResult = { readonly outcome: 'imported'; readonly facts: ModelFacts } | RefusedDocument;

export interface DocumentReader {
  /**
   * Parses in the child process; a time-out, crash or memory limit is a refusal with its own finding code.
   * @throws EverbearerError only for failures that are not the document's (`internal`), and what the sink throws
   */
  read(input: DocumentInput, options: ReadOptions, sink: RowSink): Promise<ReadResult>;
  close(): Promise<void>;
}
