/** A refusal of the reader as the error that callers of `models.import` get. */
import { EverbearerError } from '../errors.ts';
import { createFinding } from '../openapi/finding.ts';
import type { RefusedDocument } from '../openapi/imported-model.ts';

/** `document_refused` or `bad_request`; `details` carry the finding's code as `reason`, its place, and the report as far as it came. */
export function refusedError(name: string, refused: RefusedDocument): EverbearerError {
  const { code, message, pointer, line, column } = refused.finding;
  return new EverbearerError(refused.code, message, {
    details: {
      document: name,
      reason: code,
      ...(pointer === undefined ? {} : { pointer }),
      ...(line === undefined ? {} : { line }),
      ...(column === undefined ? {} : { column }),
      ...(refused.report === undefined ? {} : { report: refused.report }),
    },
  });
}

/**
 * A document beyond the size limit; no more of it was read.
 * @param bytes its size; `undefined` where reading was stopped at the limit
 */
export function tooLarge(bytes: number | undefined, maxBytes: number): RefusedDocument {
  const size = bytes === undefined ? `more than ${maxBytes}` : String(bytes);
  return {
    outcome: 'refused',
    code: 'document_refused',
    finding: createFinding(
      'document_too_large',
      `The document has ${size} bytes; the limit is ${maxBytes}. Raise it with --max-bytes (maxBytes) if you trust where it comes from.`,
    ),
  };
}
