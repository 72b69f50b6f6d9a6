/** What the end of a child says about the document that it was reading. */
import type { DocumentInput, ReadResult } from '../model/document-reader.ts';
import { IMPORT_LIMITS } from '../model/import-model.ts';
import { createFinding } from '../openapi/finding.ts';
import type { FindingCode } from '../openapi/finding-codes.ts';
import type { ChildEnding } from './import-process-child.ts';

export interface Failed {
  readonly ending: ChildEnding;
  /** What our code in the child said of it. */
  readonly reason?: string;
}

export interface ChildLimits {
  /** For documents of up to 16 MiB; larger ones get more in proportion. */
  readonly wallMs: number;
  readonly heapMb: number;
}

/** Time for one document, milliseconds. */
export function wallMs({ bytes }: DocumentInput, options: ChildLimits): number {
  return options.wallMs * Math.max(1, bytes.length / IMPORT_LIMITS.maxBytes);
}

/** The refusal of a document at which the child ended. */
export function refusal(
  failed: Failed,
  input: DocumentInput,
  options: ChildLimits,
): Extract<ReadResult, { outcome: 'refused' }> {
  const { code, message } = failure(failed, wallMs(input, options), options.heapMb);
  return { outcome: 'refused', code: 'document_refused', finding: createFinding(code, message) };
}

function failure(
  { ending, reason }: Failed,
  limitMs: number,
  heapMb: number,
): { readonly code: FindingCode; readonly message: string } {
  switch (ending) {
    case 'timeout':
      return {
        code: 'import_timeout',
        message: `Reading it was stopped after ${Math.round(limitMs / 1000)} s. Split the document.`,
      };
    case 'memory':
      return {
        code: 'import_memory',
        message: `Reading it needs more memory than the ${heapMb} MiB that an import may use. Split the document.`,
      };
    case 'crash':
    case 'stopped':
    case 'unstartable':
      return {
        code: 'import_crashed',
        message: `The process that read it ended unexpectedly${reason === undefined ? '' : `: ${reason}`}. Please report the document.`,
      };
  }
}
