/**
 * The import: bytes → facts, rows and a report, or why not. Pure and synchronous: nothing is fetched, opened or compiled, and no reference is
 * followed out of the document. `io/` runs it in a child process with limits of memory and time.
 */
import { isObject } from '../kernel/json.ts';
import { surveyDocument } from './document-survey.ts';
import { findingRow, type FindingCode } from './finding-codes.ts';
import { createFinding, quoted } from './finding.ts';
import { importModel } from './import-model.ts';
import type { ImportOptions, ImportParsedOptions } from './import-options.ts';
import type { Finding } from './import-report.ts';
import type { ImportOutcome, RefusedDocument } from './imported-model.ts';
import { parseDocument } from './parse-document.ts';
import { readSpecVersion } from './spec-version.ts';

/** Imports one document as it stands. Never throws for anything that a document can contain. */
export function importDocument(bytes: Uint8Array, options: ImportOptions): ImportOutcome {
  const { maxBytes } = options.limits;
  if (bytes.length > maxBytes) {
    return refuse('document_too_large', `The document has ${bytes.length} bytes, the limit is ${maxBytes}.`);
  }
  const parsed = parseDocument(bytes);
  if (parsed.outcome === 'unreadable') return refusedBy(parsed.finding);
  return importParsed(parsed.document, { ...options, findings: parsed.findings, tree: parsed.format === 'json' });
}

/** Imports a document that is parsed already, e.g. one that was bundled from several files. */
export function importParsed(document: unknown, options: ImportParsedOptions): ImportOutcome {
  if (!isObject(document)) return refuse('document_not_object', 'This is not an OpenAPI document.');
  const survey = surveyDocument(document, { shared: options.tree !== true });
  if (survey.outcome !== 'acceptable') return refuse(survey.outcome, 'The document cannot be read safely.');
  const version = readSpecVersion(document);
  if (version === undefined) return refuse('version_missing', 'This is not an OpenAPI document.');
  if ('unsupported' in version) return refuse('version_unsupported', `The version is ${quoted(version.unsupported)}.`);
  return importModel({ document, version, externalReferences: survey.externalReferences }, options);
}

/** @param what the fact; what it means and what to do follows from the table */
function refuse(code: FindingCode, what: string): RefusedDocument {
  return refusedBy(createFinding(code, `${what} ${findingRow(code).meaning}`));
}

function refusedBy(finding: Finding): RefusedDocument {
  return { outcome: 'refused', code: finding.code === 'document_empty' ? 'bad_request' : 'document_refused', finding };
}
