/**
 * `--strict`: swagger-parser's full validation as findings. It dereferences the document, which hostile input makes endless: it runs in the import child
 * only, on its own, under the time limit. References are never followed out of the document.
 */
import { isObject, own } from '../kernel/json.ts';
import { createFinding } from '../openapi/finding.ts';
import type { Finding } from '../openapi/import-report.ts';
import { readSpecVersion } from '../openapi/spec-version.ts';
import { fileUrl } from './bundle-reference.ts';

const MAX_LISTED = 20;
const MAX_MESSAGE = 300;

/** `mutateInputSchema` is of the library below swagger-parser, whose types don't name it. */
const OPTIONS = { resolve: { external: false, file: false, http: false }, mutateInputSchema: false };

interface Validator {
  validate(url: string, document: unknown, options: typeof OPTIONS): Promise<unknown>;
}

/** What swagger-parser has to say of a document. Never throws: what it throws is the answer. Nothing of the document is changed. */
export async function validateStrictly(document: unknown): Promise<readonly Finding[]> {
  const version = readSpecVersion(document);
  if (version === undefined || 'unsupported' in version) return [];
  if (version.family === '3.2') {
    return [createFinding('strict_unsupported', 'The full validation does not know OpenAPI 3.2 yet; it was left out.')];
  }
  const { default: parser } = await import('@apidevtools/swagger-parser');
  try {
    await (parser as Validator).validate(fileUrl('document'), document, OPTIONS);
    return [];
  } catch (error) {
    return strictFindings(error);
  }
}

function strictFindings(error: unknown): readonly Finding[] {
  const details = own(error, 'details');
  if (!Array.isArray(details)) return [createFinding('strict_invalid', cut(messageOf(error)))];
  const found = details.filter(isObject).map((detail) => {
    const pointer = typeof detail['instancePath'] === 'string' ? detail['instancePath'] : '';
    return createFinding('strict_invalid', cut(`${pointer === '' ? '/' : pointer} ${String(detail['message'])}.`), {
      pointer,
    });
  });
  if (found.length <= MAX_LISTED) return found;
  const more = createFinding('structure_more', `The full validation has ${found.length - MAX_LISTED} more findings.`);
  return [...found.slice(0, MAX_LISTED), more];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function cut(message: string): string {
  return message.length > MAX_MESSAGE ? `${message.slice(0, MAX_MESSAGE)}…` : message;
}
