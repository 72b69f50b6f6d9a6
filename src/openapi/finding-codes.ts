/**
 * The one table of what an import can say about a document. The type of a finding's code and `docs/findings.md` are made from it.
 * A code is never renamed or removed, and keeps its severity.
 */
import type { FindingSeverity } from './import-report.ts';

/** What one row of {@link FINDING_CODES} says about a code. */
export interface FindingCodeRow {
  readonly severity: FindingSeverity;
  /** One or two sentences: what it means for the tasks of the model, and what to do. */
  readonly meaning: string;
}

export const FINDING_CODES = {
  document_empty: {
    severity: 'error',
    meaning: 'There is nothing to import: the file is empty or holds only comments. Give an OpenAPI document.',
  },
  document_encoding: {
    severity: 'error',
    meaning: 'The text is not UTF-8, the one encoding that JSON and OpenAPI allow. Save the document as UTF-8.',
  },
  document_too_large: {
    severity: 'error',
    meaning: 'The document has more bytes than the limit. Raise `--max-bytes` if you trust where it comes from.',
  },
  document_too_deep: {
    severity: 'error',
    meaning:
      'Objects and lists are nested more than 100 deep. Real documents need 36; move inner schemas to components.',
  },
  document_expands: {
    severity: 'error',
    meaning:
      'Written out (YAML aliases repeated, shared path items copied), the document is too large to keep. Use `$ref` instead of aliases.',
  },
  json_syntax: { severity: 'error', meaning: 'The JSON cannot be parsed. Line and column say where to look.' },
  json_read_as_yaml: {
    severity: 'warning',
    meaning:
      'The text begins like JSON but has a syntax error there; it was read as YAML, which allows more. Other tools may refuse it.',
  },
  yaml_syntax: { severity: 'error', meaning: 'The YAML cannot be parsed. Line and column say where to look.' },
  document_not_object: {
    severity: 'error',
    meaning:
      'The text is a list, a number or a sentence. An OpenAPI document is an object with a field `openapi` or `swagger`.',
  },
  version_missing: {
    severity: 'error',
    meaning: 'There is no field `openapi` or `swagger`, so this is no OpenAPI document.',
  },
  version_unsupported: {
    severity: 'error',
    meaning: 'OpenAPI 2.0, 3.0, 3.1 and 3.2 can be imported. Convert the document to one of them.',
  },
  operations_exceeded: {
    severity: 'error',
    meaning: 'The document has more operations than the limit. Raise `--max-operations`, or cut the document.',
  },
  title_missing: { severity: 'warning', meaning: 'There is no `info.title`; the model is called `Untitled`.' },
  info_version_missing: { severity: 'warning', meaning: 'There is no `info.version`; the model has version `0`.' },
  operations_none: {
    severity: 'warning',
    meaning: 'The document describes no operation that can be run, so the model has no tasks.',
  },
  webhooks_ignored: {
    severity: 'info',
    meaning: 'Webhooks are requests that the provider sends; they do not become tasks.',
  },
  path_item_unusable: {
    severity: 'warning',
    meaning: 'A path is not an object or its `$ref` leads nowhere; whatever operations it should have are missing.',
  },
  external_references: {
    severity: 'warning',
    meaning:
      'References to other files or hosts are never followed. Import the directory or a zip that holds the named files too.',
  },
  reference_external: {
    severity: 'warning',
    meaning:
      'The operation uses something that is described in another file or on another host, which was not imported; that part is not checked or missing.',
  },
  reference_dangling: {
    severity: 'warning',
    meaning:
      'The operation uses a local `$ref` that leads nowhere, in circles, or through more than 8 references; that part is not checked or missing.',
  },
  operation_unusable: {
    severity: 'error',
    meaning: 'The operation is refused: it is not an object, or its path does not begin with `/`. It has no task.',
  },
  method_unusable: {
    severity: 'warning',
    meaning:
      'HTTP methods are case-sensitive; write an additional method in upper case, as it is to be sent. CONNECT cannot be sent.',
  },
  operation_ids_made: {
    severity: 'info',
    meaning:
      'Operations without an operationId get `<method>_<path>` as id, which stays the same when the document is imported again.',
  },
  operation_id_duplicate: {
    severity: 'warning',
    meaning: 'Several operations share an operationId; each gets `<operationId>__<method>_<path>` as id.',
  },
  parameter_unusable: {
    severity: 'warning',
    meaning: 'A parameter without a name, or in a place that does not exist, was left out of the task.',
  },
  parameter_ignored: {
    severity: 'info',
    meaning:
      'Header parameters named Accept, Content-Type or Authorization are ignored, as OpenAPI 3 says: body, responses and security schemes decide them.',
  },
  path_parameter_undeclared: {
    severity: 'warning',
    meaning: 'The path has a `{name}` that no parameter describes; the task takes it as a required string.',
  },
  request_body_unusable: {
    severity: 'warning',
    meaning:
      'The request body has no content that could be read, or contradicts itself; that part was left out of the task.',
  },
  schema_invalid: {
    severity: 'warning',
    meaning: 'A part of a schema cannot be compiled and checks nothing.',
  },
  schema_unchecked: {
    severity: 'warning',
    meaning:
      "A part of the schema of one of the operation's parameters or bodies cannot be compiled, so that part of the input is sent unchecked.",
  },
  security_undefined: {
    severity: 'warning',
    meaning:
      'Every alternative of the security requirement names a scheme that is not described in the document, or could not be read, so no credentials can be put on the request.',
  },
  security_name_matched: {
    severity: 'warning',
    meaning:
      'A security requirement names a scheme that differs from a described one in upper and lower case only; that one is used. Correct the name.',
  },
  security_unused: {
    severity: 'warning',
    meaning:
      'Security schemes are described, but no operation requires one, so requests go without credentials. Add `security` to the document.',
  },
  server_missing: {
    severity: 'warning',
    meaning: 'The document names no server. Give one when you make an integration: `--server <url>`.',
  },
  server_relative: {
    severity: 'warning',
    meaning: 'The server URL has no host. Give a full one when you make an integration: `--server <url>`.',
  },
  server_unusable: { severity: 'warning', meaning: 'A server without a URL that could be used was left out.' },
  server_variable_undeclared: {
    severity: 'warning',
    meaning: 'The server URL has a `{variable}` without a default. Give the full URL when you make an integration.',
  },
  security_scheme_unusable: {
    severity: 'warning',
    meaning:
      'A security scheme could not be understood; it is listed, but cannot be used without an exchange document.',
  },
  flow_unknown: { severity: 'warning', meaning: 'An OAuth flow that no OpenAPI version knows was ignored.' },
  token_url_missing: {
    severity: 'warning',
    meaning: 'The flow gives no token URL. Give `token_url` when you make an integration.',
  },
  token_url_incomplete: {
    severity: 'warning',
    meaning: 'The URL has parts that the document leaves open. Give the full URL when you make an integration.',
  },
  token_url_derived: {
    severity: 'info',
    meaning: 'The URL was resolved against the server, or its variables were filled by their defaults. Confirm it.',
  },
  token_url_cut: {
    severity: 'warning',
    meaning: 'The URL was followed by other text, which was cut off. Confirm what is left.',
  },
  token_url_unusable: {
    severity: 'warning',
    meaning: 'The URL is neither http(s) nor relative, so it was ignored. Give it when you make an integration.',
  },
  url_insecure: {
    severity: 'warning',
    meaning: 'Secrets would be sent over plain http. Use https, or allow it by `allowHttp` on the integration.',
  },
  url_placeholder: {
    severity: 'warning',
    meaning: 'The host is an example or this machine, most likely a placeholder. Give the real URL.',
  },
  field_missing: { severity: 'warning', meaning: 'The standard requires a field here. The import goes on without it.' },
  field_invalid: {
    severity: 'warning',
    meaning: 'A field has a value of another type than the standard says. The import ignores it.',
  },
  field_unknown: {
    severity: 'warning',
    meaning: 'The standard knows no such field here. The import ignores it; check the spelling.',
  },
  structure_more: {
    severity: 'info',
    meaning: 'There are more findings of this kind; the first 20 are listed. `--strict` runs the full validation.',
  },
  import_timeout: {
    severity: 'error',
    meaning: 'Reading the document, or joining its files, took longer than the time limit. Split the document.',
  },
  import_memory: {
    severity: 'error',
    meaning: 'Reading the document needs more memory than an import may use. Split the document.',
  },
  import_crashed: {
    severity: 'error',
    meaning: 'The process that read the document ended unexpectedly. Please report the document.',
  },
  files_exceeded: {
    severity: 'error',
    meaning:
      'A directory or zip has more files, or more bytes in all, than an import takes. Import the folder of one API at a time.',
  },
  archive_unusable: {
    severity: 'error',
    meaning: 'The zip is broken, encrypted, lies about its sizes, or has names that lead out of it.',
  },
  file_unusable: {
    severity: 'warning',
    meaning: 'A file that the document refers to cannot be parsed; what it describes is missing.',
  },
  files_not_bundled: {
    severity: 'warning',
    meaning: 'The files could not be joined, so references to other files stay open and what they describe is missing.',
  },
  strict_invalid: {
    severity: 'warning',
    meaning: 'The full validation by swagger-parser (`--strict`) found a fault. The import goes on with it.',
  },
  strict_unsupported: {
    severity: 'info',
    meaning: 'The full validation by swagger-parser does not know the version of the document, so it was left out.',
  },
  strict_unfinished: {
    severity: 'warning',
    meaning:
      'The full validation by swagger-parser was stopped at the limit of time or memory. The import goes on without it.',
  },
} as const;

export type FindingCode = keyof typeof FINDING_CODES;

/** The row of a code. That every row is one is checked here: a table that is exported with its own type cannot say it itself. */
export function findingRow(code: FindingCode): FindingCodeRow {
  return FINDING_CODES[code];
}
