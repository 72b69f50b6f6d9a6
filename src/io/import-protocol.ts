/** What the import process and its child say to each other: one document at a time, every message answered before the next one that needs an answer. */
import type { DocumentFacts, ReadResult } from '../model/document-reader.ts';
import type { Finding } from '../openapi/import-report.ts';
import type { FragmentRow, ImportLimits, OperationRow } from '../openapi/imported-model.ts';

/** Bytes travel in messages of this size: one is copied in well under a millisecond. */
export const CHUNK_BYTES: number = 256 * 1024;

/** The document to read; its bytes follow. */
export interface ReadJob {
  /** `strict` only runs the full validation and ends with its findings. */
  readonly task: 'import' | 'strict';
  readonly url?: string;
  /** Its path among the files, where it has others beside it. */
  readonly path?: string;
  readonly size: number;
  /** Paths of the other files; the child asks for those it needs. */
  readonly paths: readonly string[];
  readonly limits: ImportLimits;
  readonly strictFindings: readonly Finding[];
}

export type ToChild =
  | { readonly type: 'read'; readonly job: ReadJob }
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  /** Answers `wants`; the bytes follow. */
  | { readonly type: 'file'; readonly size: number }
  /** Answers `facts` and rows. `false` after `facts`: no rows are wanted. */
  | { readonly type: 'more'; readonly more: boolean };

export type FromChild =
  /** Once, when its code is loaded. */
  | { readonly type: 'ready' }
  | { readonly type: 'wants'; readonly path: string }
  | { readonly type: 'facts'; readonly document: DocumentFacts }
  | { readonly type: 'operations'; readonly rows: readonly OperationRow[] }
  | { readonly type: 'fragments'; readonly rows: readonly FragmentRow[] }
  /** The last message of a `strict` job. */
  | { readonly type: 'findings'; readonly findings: readonly Finding[] }
  /** The last message of an `import` job. */
  | { readonly type: 'end'; readonly result: ReadResult }
  /** The last message where our own code failed. */
  | { readonly type: 'failed'; readonly reason: string };

/** Bytes in messages' size. */
export function* messageChunks(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += CHUNK_BYTES) yield bytes.subarray(start, start + CHUNK_BYTES);
}

const MAX_ROWS = 500;
const MAX_CHARACTERS = 1024 * 1024;

/** Rows in batches of at most 500 and about 1 MiB; a row that is larger alone makes a batch of its own. */
export function* rowBatches<Row>(rows: readonly Row[], sizeOf: (row: Row) => number): Generator<readonly Row[]> {
  let batch: Row[] = [];
  let characters = 0;
  for (const row of rows) {
    const size = sizeOf(row);
    if (batch.length > 0 && (batch.length === MAX_ROWS || characters + size > MAX_CHARACTERS)) {
      yield batch;
      batch = [];
      characters = 0;
    }
    batch.push(row);
    characters += size;
  }
  if (batch.length > 0) yield batch;
}
