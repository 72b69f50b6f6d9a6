/**
 * Every operation of the corpus, built by us and by swagger-client from generated input: they must agree, except where `oracle-reasons.ts` says why they
 * don't. A reason that explains nothing any more must go. `CORPUS=whole` runs over every document.
 */
import { describe, expect, test } from 'vitest';
import type { Operation } from '../../src/openapi/operation.ts';
import { buildRequest, type BuiltRequest } from '../../src/task/build-request.ts';
import { readInput } from '../../src/task/operation-input.ts';
import { compilePlan } from '../../src/task/request-plan.ts';
import { parseServerBase } from '../../src/task/server-base.ts';
import { corpusFiles, isWholeCorpus, readCorpusDocument, type CorpusDocument } from './corpus-documents.ts';
import { BROKEN_ON_PURPOSE, REASONS, REFUSALS, type Compared } from './oracle-reasons.ts';
import { requestDifferences } from './request-difference.ts';
import { sampledInputs } from './sampled-input.ts';
import { ORACLE_BASE, oracleDocument, oracleRequest, type OracleRequest } from './swagger-client-oracle.ts';

const server = parseServerBase(ORACLE_BASE);
const files = corpusFiles().filter((file) => !BROKEN_ON_PURPOSE.some((end) => file.endsWith(end)));
const used = new Set<string>();

function attempt<T>(run: () => T): T | string {
  try {
    return run();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** What no reason explains. */
async function unexplained(
  compared: Compared,
  ours: BuiltRequest | string,
  theirs: OracleRequest | string,
): Promise<readonly string[]> {
  if (typeof ours === 'string' || typeof theirs === 'string') {
    const [who, message] = typeof ours === 'string' ? ['we', ours] : ['they', typeof theirs === 'string' ? theirs : ''];
    return noteReason(
      Object.entries(REFUSALS).find(([, { explains }]) => explains(message, compared))?.[0],
      `${who} refuse: ${message}`,
    );
  }
  const differences = await requestDifferences(ours, theirs);
  return differences.flatMap((difference) =>
    noteReason(
      Object.entries(REASONS).find(([, { explains }]) => explains(difference, compared))?.[0],
      JSON.stringify(difference),
    ),
  );
}

function noteReason(reason: string | undefined, difference: string): readonly string[] {
  if (reason === undefined) return [difference];
  used.add(reason);
  return [];
}

async function compareOperation({ raw, fragments }: CorpusDocument, operation: Operation): Promise<readonly string[]> {
  const plan = compilePlan(operation, { fragments });
  const oracle = oracleDocument(raw, operation);
  const found: string[] = [];
  for (const flavour of ['plain', 'awkward'] as const) {
    for (const input of sampledInputs(operation, fragments, raw, flavour)) {
      const compared = { operation, input, isOld: raw['swagger'] !== undefined };
      const ours = attempt(() => buildRequest(plan, server, readInput(plan, input)));
      const theirs = attempt(() => oracleRequest(oracle, operation, input));
      found.push(...(await unexplained(compared, ours, theirs)));
    }
  }
  return found.map((difference) => `${operation.method} ${operation.path}: ${difference}`);
}

describe.skipIf(files.length === 0)('swagger-client and we build the same request for every operation', () => {
  test.each(files)('%s', { timeout: 300_000 }, async (file) => {
    const document = readCorpusDocument(file);
    const found: string[] = [];
    for (const operation of document?.operations ?? []) {
      if (document !== undefined) found.push(...(await compareOperation(document, operation)));
    }
    expect(found).toEqual([]);
  });

  test('every reason still explains a difference', () => {
    const reasons = Object.entries({ ...REASONS, ...REFUSALS });
    const expected = reasons.filter(([, { isRare }]) => isWholeCorpus() || isRare !== true).map(([name]) => name);
    expect(expected.filter((name) => !used.has(name))).toEqual([]);
  });
});
