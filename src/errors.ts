/**
 * The one table of error codes. It drives the HTTP status, the exit code, whether a retry can help, and the docs' error list
 * (`docs/errors.md` is generated from it).
 */

/** What one row of {@link ERROR_CODES} says about a code. */
export interface ErrorCodeRow {
  /** HTTP status of the problem document; `null` where the code is only ever the outcome of a task. */
  readonly http: number | null;
  /** Exit code of the command line. */
  readonly exit: number;
  /** Whether the same call may succeed later without anybody changing anything. */
  readonly retryable: boolean;
  /** One sentence for a person. */
  readonly meaning: string;
}

export const ERROR_CODES = {
  bad_request: {
    http: 400,
    exit: 2,
    retryable: false,
    meaning: 'The request, argument or file cannot be read as what it should be.',
  },
  unauthorized: {
    http: 401,
    exit: 3,
    retryable: false,
    meaning: 'No valid key or session was presented to Everbearer.',
  },
  forbidden: { http: 403, exit: 3, retryable: false, meaning: 'The key or session has not the role that this needs.' },
  not_found: {
    http: 404,
    exit: 2,
    retryable: false,
    meaning: 'There is no model, integration, scheme or operation of that name.',
  },
  conflict: {
    http: 409,
    exit: 3,
    retryable: false,
    meaning: 'The name is taken, or something still uses what should be removed.',
  },
  version_exists: {
    http: 409,
    exit: 4,
    retryable: false,
    meaning: 'A model of this title and version was imported before from other bytes.',
  },
  precondition_failed: {
    http: 412,
    exit: 3,
    retryable: false,
    meaning: 'Somebody else changed it since it was read.',
  },
  document_refused: {
    http: 422,
    exit: 4,
    retryable: false,
    meaning: 'The document cannot be imported; the finding says where and why.',
  },
  key_unknown: {
    http: 503,
    exit: 3,
    retryable: false,
    meaning: 'A stored secret was sealed with a key that this process does not have.',
  },
  store_unavailable: { http: 503, exit: 6, retryable: true, meaning: 'The store cannot be reached, read or written.' },
  input_invalid: {
    http: null,
    exit: 2,
    retryable: false,
    meaning: "The task's input does not fit the operation's parameters or body schema.",
  },
  configuration_missing: {
    http: null,
    exit: 3,
    retryable: false,
    meaning: 'Something that the integration or the process needs is not set: a server, a credential, a key file.',
  },
  egress_refused: {
    http: null,
    exit: 3,
    retryable: false,
    meaning:
      "The request would go to a host that is not on the integration's list, or to an address that is never allowed.",
  },
  token_unavailable: {
    http: null,
    exit: 5,
    retryable: true,
    meaning: 'No valid token can be had at the moment; the token endpoint did not give one.',
  },
  token_blocked: {
    http: null,
    exit: 5,
    retryable: false,
    meaning: 'The token endpoint refused the credentials; they are not tried again until somebody edits them.',
  },
  api_error: { http: null, exit: 1, retryable: false, meaning: 'The API answered with a status outside 200-299.' },
  api_unreachable: {
    http: null,
    exit: 1,
    retryable: true,
    meaning: 'The API could not be reached or did not answer in time.',
  },
  internal: { http: 500, exit: 70, retryable: false, meaning: 'A bug of Everbearer. Please report it.' },
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** The row of a code; that every row fits {@link ErrorCodeRow} is proved here. */
export function errorCodeRow(code: ErrorCode): ErrorCodeRow {
  return ERROR_CODES[code];
}

export interface EverbearerErrorOptions {
  /** What the reader should do next. One sentence. */
  readonly hint?: string;
  /** Overrides the table's `retryable` for this case. */
  readonly retryable?: boolean;
  /** Earliest sensible retry, in milliseconds from now. */
  readonly retryAfterMs?: number;
  /** More facts, all of them public: pointer, line, host, status. Never a secret. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** Every failure that Everbearer reports: the class for the family, `code` for the case, `cause` for the evidence. */
export class EverbearerError extends Error {
  override readonly name = 'EverbearerError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(code: ErrorCode, message: string, options: EverbearerErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.retryable = options.retryable ?? errorCodeRow(code).retryable;
    this.retryAfterMs = options.retryAfterMs;
    this.details = options.details;
  }
}

/** The error as the command line and HTTP show it: `{code, message, hint?, retryable, retry_after_ms?, …details}`. */
export function errorDocument(error: EverbearerError): Record<string, unknown> {
  return {
    ...error.details,
    code: error.code,
    message: error.message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    retryable: error.retryable,
    ...(error.retryAfterMs === undefined ? {} : { retry_after_ms: error.retryAfterMs }),
  };
}
