/** A refusal of the reader as the error that callers of `models.import` get. */
import { EverbearerError } from '../errors.ts';
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

/** A document beyond the size limit; nothing of it was read. */
export function tooLarge(bytes: number, maxBytes: number): RefusedDocument {
  return {
    outcome: 'refused',
    code: 'document_refused',
    finding: {
      severity: 'error',
      code: 'document_too_large',
      message: `The document has ${bytes} bytes; the limit is ${maxBytes}. Raise it with --max-bytes (maxBytes) if you trust where it comes from.`,
    },
  };
}
