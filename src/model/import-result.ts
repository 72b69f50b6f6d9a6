/** What goes into `models.import` and what comes out of it: part of the public API. */
import type { ImportReport } from '../openapi/import-report.ts';
import type { DocumentInput } from './document-reader.ts';

/** A document, or the document of a directory or zip with the files beside it. */
export type ModelSourceInput = DocumentInput;

export interface ImportModelOptions {
  /** Only reports; nothing is written. Default false. */
  readonly dryRun?: boolean;
  /** Replaces a model of the same versionId. Default false: `version_exists`, except for the same bytes, which are `unchanged`. */
  readonly replace?: boolean;
  /** Adds full validation by swagger-parser. Default false. */
  readonly strict?: boolean;
  /** Default 16 MiB. */
  readonly maxBytes?: number;
  /** Default 5,000. */
  readonly maxOperations?: number;
  readonly signal?: AbortSignal;
}

export interface ImportResult {
  readonly versionId: string;
  readonly report: ImportReport;
  /** What was done: `checked` for a dry run. */
  readonly outcome: 'imported' | 'replaced' | 'unchanged' | 'checked';
  /** With `replaced`. */
  readonly diff?: ModelDiff;
}

/** What a re-import changed. */
export interface ModelDiff {
  readonly operations: NameChanges;
  readonly securitySchemes: NameChanges;
  /** Names of integrations of this model, which the change touches; at most 100. */
  readonly integrations: readonly string[];
}

export interface NameChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

/** The item of a directory import. */
export interface DirectoryItem {
  readonly file: string;
  readonly outcome: 'imported' | 'replaced' | 'unchanged' | 'checked' | 'refused';
  readonly versionId?: string;
  readonly report?: ImportReport;
  readonly error?: Readonly<Record<string, unknown>>;
}

export interface ImportFilesOptions extends ImportModelOptions {
  /** Told after each document: how many are done, and of how many. */
  readonly onItem?: (item: DirectoryItem, done: number, total: number) => void;
}

export interface ImportFilesResult {
  readonly items: readonly DirectoryItem[];
  readonly imported: number;
  readonly refused: number;
}
