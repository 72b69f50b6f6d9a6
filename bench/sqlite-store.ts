/**
 * What the SQLite store costs: reads of the check at every call, transitions, an import, all on a file in the temporary directory.
 * Run: `node bench/sqlite-store.ts`. Prints one JSON line; numbers depend on the disk (every write is flushed).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '../adapters/stores/sqlite/sqlite-store.ts';
import type { Store } from '../src/store.ts';
import type { OperationRow } from '../src/openapi/imported-model.ts';

const TOKENS = 2_000;
const ROUNDS = 5;
const SEALED = { ct: 'A'.repeat(1_600), iv: 'AAAAAAAAAAAAAAAA', kid: 'k1' };
const MIB = 1024 * 1024;

const directory = mkdtempSync(join(tmpdir(), 'everbearer-bench-'));
const store = await openSqliteStore(join(directory, 'store.db'));
try {
  const ids = Array.from({ length: TOKENS }, (_, i) => `integration-${i}:main:0123456789abcdefghijkl`);
  await fill(store, ids);
  console.log(
    JSON.stringify({
      read1Microseconds: await best(() => timed(5_000, (i) => store.tokens.read([at(ids, i * 7)]))),
      read64Microseconds: await best(() => timed(500, (i) => store.tokens.read(from(ids, i * 64, 64)))),
      acquireAndSavePerSecond: Math.round(1e6 / (await best(() => timed(300, (i) => obtain(store, at(ids, i)))))),
      refusedAcquiresPerSecond: Math.round(1e6 / (await best(() => timed(500, () => refused(store, at(ids, 0)))))),
      eventsPerSecond: Math.round(1e6 / (await best(() => timed(300, () => append(store))))),
      importMilliseconds: await importBig(store),
    }),
  );
} finally {
  await store.close();
  rmSync(directory, { recursive: true });
}

async function fill(into: Store, all: readonly string[]): Promise<void> {
  for (const id of all)
    await into.tokens.insert({
      id,
      integration_id: id.split(':')[0] ?? '',
      scheme: 'main',
      rev: 1,
      cfg_ver: 1,
      atId: 'at',
    });
  for (const id of all) await obtain(into, id);
}

/** What one renewal writes: lease, then tokens. */
async function obtain(into: Store, id: string): Promise<void> {
  const [attempt, cfgFp] = [crypto.randomUUID(), 'cfg'];
  const seen = (await into.tokens.read([id])).records.get(id);
  const guards = { ifId: seen?.at.id ?? '', ifRev: 1, cfgFp, pastFailure: true, presents: true, offersRefused: false };
  const lease = { holder: 'bench', attempt, reason: 'soft', ttlMs: 30_000 } as const;
  const { record, applied, now } = await into.tokens.apply(id, { kind: 'acquire', ...guards, ...lease });
  if (!applied || record === undefined) throw new Error('not acquired');
  const times = {
    issued_at: now,
    soft_at: now + 50 * 60_000,
    hard_at: now + 59 * 60_000,
    expires_at: now + 60 * 60_000,
  };
  const saved = await into.tokens.apply(id, {
    kind: 'save',
    attempt,
    cfgFp,
    ifCfgVer: 1,
    ifId: record.at.id,
    ifRtFp: record.rt?.fp ?? null,
    epoch: record.epoch,
    at: { id: attempt, sealed: SEALED, fp: 'fp', type: 'Bearer', scope: null, ...times, by: attempt },
    rt: { sealed: SEALED, fp: attempt },
  });
  if (!saved.applied) throw new Error('not saved');
}

async function refused(into: Store, id: string): Promise<void> {
  const guards = { ifId: 'another', ifRev: 1, cfgFp: 'cfg', pastFailure: false, presents: true, offersRefused: false };
  await into.tokens.apply(id, { kind: 'acquire', ...guards, holder: 'b', attempt: 'a', reason: 'soft', ttlMs: 1 });
}

async function append(into: Store): Promise<void> {
  await into.events.append({
    type: 'token_refreshed',
    actor: 'system',
    reason: 'soft',
    outcome: 'ok',
    integration: 'i',
  });
}

/** About GitHub's description: 1,500 operations, 13 MB of source. */
async function importBig(into: Store): Promise<number> {
  const operations = Array.from({ length: 1_500 }, (_, position) => operation(position));
  const fragments = Array.from({ length: 1_500 }, (_, i) => ({
    pointer: `/components/schemas/s${i}`,
    value: 'v'.repeat(3_000),
  }));
  const before = performance.now();
  const writer = await into.models.begin();
  await writer.writeSource(Buffer.alloc(13 * MIB, 1));
  await writer.writeOperations(operations);
  await writer.writeFragments(fragments);
  const versionId = 'bench:1';
  const report = { versionId, specVersion: '3.1.0', title: 'bench', servers: [], securitySchemes: [], findings: [] };
  const counts = { total: 1_500, kept: 1_500, degraded: 0, refused: 0 };
  await writer.publish(
    {
      versionId,
      kind: 'openapi',
      title: 'bench',
      version: '1',
      specVersion: '3.1.0',
      dialect: 'json-schema-2020-12',
      servers: [],
      securitySchemes: [],
      security: [],
      report: { ...report, operations: counts },
    },
    { mediaType: 'application/json', bytes: 13 * MIB, sha256: '' },
  );
  return Math.round(performance.now() - before);
}

function operation(position: number): OperationRow {
  const path = `/things/${position}`;
  return { operationId: `op-${position}`, position, method: 'GET', path, digest: 'd', definition: 'd'.repeat(4_000) };
}

function at(all: readonly string[], i: number): string {
  return all[i % all.length] ?? '';
}

function from(all: readonly string[], start: number, count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => at(all, start + i));
}

/** Microseconds of one call, run one after the other. */
async function timed(times: number, call: (i: number) => Promise<unknown>): Promise<number> {
  const before = performance.now();
  for (let i = 0; i < times; i += 1) await call(i);
  return ((performance.now() - before) * 1_000) / times;
}

async function best(round: () => Promise<number>): Promise<number> {
  const rounds: number[] = [];
  for (let i = 0; i < ROUNDS; i += 1) rounds.push(await round());
  return Number(Math.min(...rounds).toFixed(2));
}
