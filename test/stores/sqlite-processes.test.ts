/** Several real processes on one SQLite file. */
import { afterEach, describe, expect, test } from 'vitest';
import type { TransitionResult } from '../../src/token/token-store.ts';
import type { Acquire } from '../../src/token/token-transition.ts';
import { join } from 'node:path';
import { rmSync } from 'node:fs';
import { SQLITE_MIGRATIONS } from '../../adapters/stores/sqlite/migrations.ts';
import { endStoreProcesses, startStoreProcess, type StoreProcess } from './support/sqlite-process.ts';
import {
  editDatabase,
  openTemporarySqlite,
  type SqliteUnderTest,
  temporaryDirectory,
} from './support/sqlite-under-test.ts';

const HOUR_MS = 3_600_000;

describe('SQLite: several processes', { timeout: 30_000 }, () => {
  const opened: SqliteUnderTest[] = [];
  afterEach(async () => {
    await endStoreProcesses();
    for (const each of opened.splice(0)) await each.dispose();
  });

  async function openHere(): Promise<SqliteUnderTest> {
    const made = await openTemporarySqlite();
    opened.push(made);
    return made;
  }

  async function processesOn(path: string, count: number): Promise<readonly StoreProcess[]> {
    const processes = await Promise.all(Array.from({ length: count }, () => startStoreProcess()));
    const versions = await Promise.all(processes.map((each) => each.tell({ kind: 'open', path })));
    expect(versions).toEqual(Array.from({ length: count }, () => SQLITE_MIGRATIONS.length));
    return processes;
  }

  test('processes that make and migrate a new file at once all find it ready', async () => {
    const directory = temporaryDirectory();
    try {
      for (const round of [1, 2, 3]) await processesOn(join(directory, `new-${round}`, 'store.db'), 3);
    } finally {
      await endStoreProcesses();
      rmSync(directory, { recursive: true });
    }
  });

  test('of acquires on one token from all of them exactly one wins', async () => {
    const { path, store } = await openHere();
    const processes = await processesOn(path, 3);
    for (const id of ['t-1', 't-2', 't-3', 't-4', 't-5']) {
      await store.tokens.insert(newToken(id));
      const results = await Promise.all(
        processes.map((each, p) => each.tell({ kind: 'apply', id, transitions: acquires(`p${p}`, 8) })),
      );
      const winners = (results as TransitionResult[][]).flat().filter((result) => result.applied);
      expect(winners).toHaveLength(1);
      const record = (await store.tokens.read([id])).records.get(id);
      expect(record).toEqual(winners[0]?.record);
    }
  });

  test('no write of any of them is lost', async () => {
    const { path, store } = await openHere();
    await store.tokens.insert(newToken('t'));
    const processes = await processesOn(path, 3);
    await Promise.all(processes.map((each) => each.tell({ kind: 'clear-repeatedly', id: 't', times: 60 })));
    expect((await store.tokens.read(['t'])).records.get('t')?.ver).toBe(180);
  });

  test('what was acknowledged before a SIGKILL is there', async () => {
    const { path, store } = await openHere();
    await store.tokens.insert(newToken('t'));
    const [worker] = (await processesOn(path, 1)) as [StoreProcess];
    let acknowledged = 0;
    const enough = new Promise<void>((resolve) => {
      void worker.tell({ kind: 'clear-repeatedly', id: 't', times: 100_000 }, (done) => {
        acknowledged = done;
        if (done >= 25) resolve();
      });
    });
    await enough;
    await worker.kill('SIGKILL');
    const ver = (await store.tokens.read(['t'])).records.get('t')?.ver ?? 0;
    expect(ver).toBeGreaterThanOrEqual(acknowledged);
    expect(editDatabase(path, (database) => database.prepare('PRAGMA integrity_check').get())).toEqual({
      integrity_check: 'ok',
    });
  });

  test('the lease of a killed process keeps nobody waiting, that of a stopped one does', async () => {
    const { path, store } = await openHere();
    for (const id of ['killed', 'stopped']) {
      await store.tokens.insert(newToken(id));
      const [worker] = (await processesOn(path, 1)) as [StoreProcess];
      const [held] = (await worker.tell({ kind: 'apply', id, transitions: acquires('held', 1) })) as TransitionResult[];
      expect(held?.applied).toBe(true);
      expect((await store.tokens.apply(id, acquireOf('early'))).applied).toBe(false);
      await worker.kill(id === 'killed' ? 'SIGKILL' : 'SIGSTOP');
      expect((await store.tokens.apply(id, acquireOf('next'))).applied).toBe(id === 'killed');
    }
  });

  test('an import in one process lets the token writes of another through', async () => {
    const { path, store } = await openHere();
    await store.tokens.insert(newToken('t'));
    const [worker] = (await processesOn(path, 1)) as [StoreProcess];
    const importing = { done: false };
    const imported = worker
      .tell({ kind: 'import', versionId: 'Big:1', operations: 5_000, sourceBytes: 12 * 1024 * 1024 })
      .finally(() => (importing.done = true));
    const waits: number[] = [];
    while (!importing.done) {
      const before = performance.now();
      await store.tokens.apply('t', { kind: 'clear', newId: 'at' });
      waits.push(performance.now() - before);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(await imported).toBe('published');
    expect(waits.length).toBeGreaterThan(10);
    expect(Math.max(...waits)).toBeLessThan(2_000);
  });

  test('what an import killed half-way leaves is invisible, and swept by a later one', async () => {
    let offsetMs = 0;
    const here = await openTemporarySqlite({ clockOffsetMs: () => offsetMs });
    opened.push(here);
    const [worker] = (await processesOn(here.path, 1)) as [StoreProcess];
    await new Promise<void>((resolve) => {
      const command = { kind: 'import', versionId: 'Half:1', operations: 5_000, sourceBytes: 3 * 1024 * 1024 } as const;
      void worker.tell(command, () => resolve());
    });
    await worker.kill('SIGKILL');
    expect(countRows(here.path)).toBeGreaterThanOrEqual(3);
    expect(await here.store.models.find('Half:1')).toBeUndefined();
    await (await here.store.models.begin()).abandon();
    expect(countRows(here.path)).toBeGreaterThanOrEqual(3);
    offsetMs = HOUR_MS + 60_000;
    await (await here.store.models.begin()).abandon();
    expect(countRows(here.path)).toBe(0);
  });
});

function countRows(path: string): unknown {
  const sql =
    'SELECT (SELECT count(*) FROM models) + (SELECT count(*) FROM operations) + (SELECT count(*) FROM source_chunks) AS n';
  return editDatabase(path, (database) => database.prepare(sql).get()?.['n']);
}

function newToken(id: string) {
  return { id, integration_id: 'i', scheme: 'main', rev: 1, cfg_ver: 1, atId: 'at-0' };
}

function acquires(prefix: string, count: number): readonly Acquire[] {
  return Array.from({ length: count }, (_, i) => acquireOf(`${prefix}-${i}`));
}

function acquireOf(attempt: string): Acquire {
  const guards = { ifId: 'at-0', ifRev: 1, cfgFp: 'cfg', pastFailure: false, presents: true, offersRefused: false };
  return { kind: 'acquire', ...guards, holder: 'worker', attempt, reason: 'empty', ttlMs: 30_000 };
}
