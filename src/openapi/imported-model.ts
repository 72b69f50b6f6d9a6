/** What the pipeline makes of one document. */
import type { Finding, ImportReport } from './import-report.ts';
import type { SchemaDialect, SecurityRequirement, Server } from './operation.ts';
import type { SecurityScheme } from './security-scheme.ts';

/** The facts of a model that are small enough to be read at once. */
export interface ModelFacts {
  /** `<info.title>:<info.version>` */
  readonly versionId: string;
  readonly kind: 'openapi' | 'connector';
  readonly title: string;
  readonly version: string;
  readonly description?: string;
  readonly specVersion: string;
  readonly dialect: SchemaDialect;
  readonly servers: readonly Server[];
  readonly securitySchemes: readonly SecurityScheme[];
  /** The document's global requirement. */
  readonly security: readonly SecurityRequirement[];
  readonly report: ImportReport;
}

/** One operation as a store keeps it: a few columns to list by, and the {@link Operation} as JSON text that no store looks into. */
export interface OperationRow {
  readonly operationId: string;
  /** Position in the document, from 0. */
  readonly position: number;
  readonly method: string;
  readonly path: string;
  readonly summary?: string;
  /** The document's operationId where it is shared by several operations: looking it up answers with the list. */
  readonly duplicateOf?: string;
  /** SHA-256 (hex) of `definition` without texts for people; a re-import compares it. */
  readonly digest: string;
  /** JSON text of an `Operation`. */
  readonly definition: string;
}

/** The target of a local `$ref`, kept apart so that a task loads just those it needs. */
export interface FragmentRow {
  /** As in the `$ref` without `#`, e.g. `/components/schemas/Order`. */
  readonly pointer: string;
  /** JSON text. */
  readonly value: string;
}

export interface ImportLimits {
  /** Bytes of the document. Default 16 MiB. */
  readonly maxBytes: number;
  /** Default 5,000. */
  readonly maxOperations: number;
}

export interface ImportedDocument {
  readonly outcome: 'imported';
  readonly facts: ModelFacts;
  readonly operations: readonly OperationRow[];
  readonly fragments: readonly FragmentRow[];
}

export interface RefusedDocument {
  readonly outcome: 'refused';
  /** `bad_request`: no document at all; else `document_refused`. */
  readonly code: 'document_refused' | 'bad_request';
  /** The finding that decided it (severity `error`); its message has what to do. */
  readonly finding: Finding;
  /** As far as it came. */
  readonly report?: ImportReport;
}

export type ImportOutcome = ImportedDocument | RefusedDocument;
