/** Importing small documents written in a test. */
import { createHash } from 'node:crypto';
import { importDocument } from '../../src/openapi/import-document.ts';
import type { ImportOptions } from '../../src/openapi/import-options.ts';
import type { ImportedDocument, ImportOutcome } from '../../src/openapi/imported-model.ts';
import type { Operation } from '../../src/openapi/operation.ts';

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export const LIMITS: ImportOptions['limits'] = { maxBytes: 64 * 1024 * 1024, maxOperations: 25_000 };

/** @param document text or bytes as they are; anything else as JSON */
export function importAny(document: unknown, options: Partial<ImportOptions> = {}): ImportOutcome {
  const text = typeof document === 'string' ? document : JSON.stringify(document);
  const bytes = document instanceof Uint8Array ? document : new TextEncoder().encode(text);
  return importDocument(bytes, { limits: LIMITS, sha256, ...options });
}

/** @throws Error where the document is refused */
export function imported(document: unknown, options: Partial<ImportOptions> = {}): ImportedDocument {
  const outcome = importAny(document, options);
  if (outcome.outcome === 'refused') throw new Error(`refused: ${outcome.finding.code} ${outcome.finding.message}`);
  return outcome;
}

/** The definitions, parsed. */
export function operationsOf({ operations }: ImportedDocument): readonly Operation[] {
  return operations.map(({ definition }) => JSON.parse(definition) as Operation);
}

/** Codes of the findings, each once, sorted. */
export function codesOf({ facts }: ImportedDocument): readonly string[] {
  return [...new Set(facts.report.findings.map(({ code }) => code))].toSorted();
}

/** A 3.0 document that nothing is wrong with. */
export function document30(parts: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    openapi: '3.0.3',
    info: { title: 'Orders', version: '1' },
    servers: [{ url: 'https://api.vendor.com/v1' }],
    paths: {},
    ...parts,
  };
}
