/** Real documents, read from beside the project; absent: a loud skip, and a failure in CI. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Json } from '../../src/kernel/json.ts';
import { importDocument } from '../../src/openapi/import-document.ts';
import type { Operation, SchemaDialect } from '../../src/openapi/operation.ts';
import { parseDocument } from '../../src/openapi/parse-document.ts';

export interface CorpusDocument {
  readonly file: string;
  /** As parsed: what the oracle reads. */
  readonly raw: Readonly<Record<string, unknown>>;
  readonly operations: readonly Operation[];
  readonly dialect: SchemaDialect;
  readonly fragments: ReadonlyMap<string, Json>;
}

const CORPUS = path.resolve(import.meta.dirname, '../../../shared/corpus');
const UNPACKED = path.resolve(import.meta.dirname, '../../.cache/corpus');

export function isWholeCorpus(): boolean {
  return process.env['CORPUS'] === 'whole';
}

/** The files to read: the development cases, or with `CORPUS=whole` every document of the corpus. */
export function corpusFiles(): readonly string[] {
  const cases = path.join(CORPUS, 'cases');
  if (!existsSync(cases)) {
    if (process.env['CI'] !== undefined) throw new Error(`The corpus is meant to be at ${CORPUS}.`);
    console.warn(`SKIPPED: no corpus at ${CORPUS}; the differential test has nothing to compare.`);
    return [];
  }
  return isWholeCorpus() ? documentsIn(unpacked()) : documentsIn(cases);
}

/** `undefined` for what the import refuses: that is tested elsewhere. */
export function readCorpusDocument(file: string): CorpusDocument | undefined {
  const bytes = readFileSync(file);
  const imported = importDocument(bytes, {
    limits: { maxBytes: 64 * 1024 * 1024, maxOperations: 50_000 },
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
  });
  const parsed = parseDocument(bytes);
  if (imported.outcome === 'refused' || parsed.outcome === 'unreadable') return undefined;
  return {
    file: path.basename(file),
    raw: parsed.document as Readonly<Record<string, unknown>>,
    operations: imported.operations.map(({ definition }) => JSON.parse(definition) as Operation),
    dialect: imported.facts.dialect,
    fragments: new Map(imported.fragments.map(({ pointer, value }) => [pointer, JSON.parse(value) as Json])),
  };
}

function unpacked(): string {
  if (!existsSync(UNPACKED)) {
    mkdirSync(UNPACKED, { recursive: true });
    execFileSync('tar', ['-xJf', path.join(CORPUS, 'corpus.tar.xz'), '-C', UNPACKED]);
  }
  return UNPACKED;
}

function documentsIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(?:json|ya?ml)$/.test(name) && path.basename(name) !== 'MANIFEST.json')
    .map((name) => path.join(folder, name))
    .filter((file) => statSync(file).isFile())
    .toSorted();
}
