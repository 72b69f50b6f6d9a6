/** What the caller of the import gives besides the document. */
import type { Finding } from './import-report.ts';
import type { ImportLimits } from './imported-model.ts';

/** What the program needs of the world to import: a hash, which lives behind `node:crypto`. */
export interface ImportOptions {
  readonly limits: ImportLimits;
  /** SHA-256 of the text's UTF-8 bytes, hex. */
  readonly sha256: (text: string) => string;
  /** Where the document came from, absolute: relative server URLs are resolved against it (OpenAPI 3.1 §4.8.5). Absent for a file. */
  readonly documentUrl?: string;
  /** Findings of the full validation (`--strict`), shown with ours. */
  readonly strictFindings?: readonly Finding[];
}

export interface ImportParsedOptions extends ImportOptions {
  /** What is known already, e.g. from parsing. Default none. */
  readonly findings?: readonly Finding[];
  /** Whether no object stands in two places of the document, as after `JSON.parse`. Default false. */
  readonly tree?: boolean;
}
