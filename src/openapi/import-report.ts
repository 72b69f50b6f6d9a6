/** What an import made of a document: product contract, so the names are fixed and snake_case. */

export type FindingSeverity = 'error' | 'warning' | 'info';

/** One thing that a person should know about the document. */
export interface Finding {
  readonly severity: FindingSeverity;
  /** A stable word for the kind of finding, e.g. `reference_dangling`; listed in `docs/findings.md`. */
  readonly code: string;
  /** What is wrong and what to do, in one or two sentences. */
  readonly message: string;
  /** JSON Pointer into the document. */
  readonly pointer?: string;
  /** 1-based; for text that cannot be parsed. */
  readonly line?: number;
  readonly column?: number;
  readonly operationId?: string;
}

/**
 * Where a URL came from. `document`: as it stands there · `derived`: resolved, cut or filled by us · `incomplete`: a person must fill
 * `{variables}` · `missing`: there is none.
 */
export type UrlSource = 'document' | 'derived' | 'incomplete' | 'missing';

export interface ReportServer {
  readonly url: string;
  readonly variables: Readonly<
    Record<string, { readonly default?: string; readonly enum?: readonly string[]; readonly description?: string }>
  >;
  /** The URL with every variable's default filled in; absent where one has no default. */
  readonly resolved?: string;
}

/** One row a scheme; schemes with several flows have one row a flow. */
export interface ReportSecurityScheme {
  readonly name: string;
  readonly type: string;
  readonly flow?: string;
  readonly token_url?: string;
  readonly token_url_source?: UrlSource;
  readonly refresh_url?: string;
  readonly refresh_url_source?: UrlSource;
  readonly scopes?: readonly string[];
  /** Names of the values that a person gives, e.g. `client_id`, `client_secret`. */
  readonly inputs: readonly string[];
}

export interface ImportReport {
  readonly versionId: string;
  /** The document's own words: `3.0.3`, `2.0`, … */
  readonly specVersion: string;
  readonly title: string;
  /** `total = kept + degraded + refused`; every operation not `kept` has a finding. */
  readonly operations: {
    readonly total: number;
    readonly kept: number;
    readonly degraded: number;
    readonly refused: number;
  };
  readonly servers: readonly ReportServer[];
  readonly securitySchemes: readonly ReportSecurityScheme[];
  readonly findings: readonly Finding[];
}
