/**
 * What the check at every call costs: the same tasks with a fresh token, and with a constant one that nobody looks after, side by side. Run:
 * `node bench/check.ts`. Ratios of throughput in the same round; alone, a call's time to that of a bare request and a bare read of the token's record.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMongoStore } from '../adapters/stores/mongodb/mongodb-store.ts';
import { openSqliteStore } from '../adapters/stores/sqlite/sqlite-store.ts';
import type { Store } from '../src/store.ts';
import { findMongod } from '../test/support/mongodb-binary.ts';
import { startStandalone } from '../test/support/mongodb-server.ts';
import type { Gate } from './gate.ts';
import { measureRounds, median, medianRatio, type Call, type RoundsOptions } from './rounds.ts';
import { bareUndici, mixedCalls, type Contender } from './task/contender.ts';
import { everbearerContender } from './task/everbearer-contender.ts';
import { startSite } from './task/server.ts';
import { withoutTokenHandling } from './task/without-token-handling.ts';

interface Row {
  readonly contender: Contender;
  /** Of the throughput without token handling, at 64. */
  readonly goal: number;
  /** Reads a token's record and nothing else. */
  readonly read: Call;
}

/** How much a gate gives way to the noise of a shared machine. */
const ROOM = 0.1;
const ALONE_GOAL = 1.25;

if (import.meta.main) {
  console.table(
    Object.fromEntries(
      (await gates({ rounds: 9, turnMs: 600 })).map(({ name, value, goal }) => [name, { value, goal }]),
    ),
  );
}

export async function gates(
  options: Pick<RoundsOptions, 'rounds' | 'turnMs'> = { rounds: 9, turnMs: 300 },
): Promise<readonly Gate[]> {
  const site = await startSite();
  const directory = await mkdtemp(join(tmpdir(), 'everbearer-bench-'));
  const found = await findMongod();
  const mongodb = found.path === undefined ? undefined : await startStandalone();
  const sqliteStore = await openSqliteStore(join(directory, 'read.db'));
  const mongoStore = mongodb === undefined ? undefined : await openMongoStore(`${mongodb.uri}everbearer_bench_read`);
  const mongoRow = async (store: Store): Promise<Row> => ({
    contender: everbearerContender('MongoDB', () => `${mongodb?.uri ?? ''}everbearer_bench_check`),
    goal: 0.75,
    read: await readOf(store),
  });
  const rows: readonly Row[] = [
    {
      contender: everbearerContender('SQLite', (own) => `sqlite:${join(own, 'store.db')}`),
      goal: 0.9,
      read: await readOf(sqliteStore),
    },
    ...(mongoStore === undefined ? [] : [await mongoRow(mongoStore)]),
  ];
  const prepared = await Promise.all(
    [withoutTokenHandling, bareUndici, ...rows.map(({ contender }) => contender)].map(
      async ({ prepare }) => await prepare(site.origin),
    ),
  );
  try {
    const [baseline, bare, ...ours] = await Promise.all(prepared.map(mixedCalls));
    if (baseline === undefined || bare === undefined) throw new Error('Nothing to measure against.');
    const together = await measureRounds([baseline, ...ours], { ...options, concurrency: 64 });
    const alone = await measureRounds([...ours, ...rows.map(({ read }) => afterwards(bare, read))], {
      ...options,
      concurrency: 1,
    });
    return rows.flatMap((row, i) => [
      atOnce(row, together[i + 1] ?? [], together[0] ?? []),
      one(row, alone[i] ?? [], alone[i + rows.length] ?? []),
    ]);
  } finally {
    await Promise.all(prepared.map((each) => each.close()));
    await sqliteStore.close();
    await mongoStore?.close();
    await mongodb?.stop();
    await rm(directory, { recursive: true, force: true });
    site.close();
  }
}

function atOnce({ contender, goal }: Row, own: readonly number[], baseline: readonly number[]): Gate {
  const name = `${contender.name}: throughput with the check, to that without token handling, at 64`;
  return { name, value: medianRatio(own, baseline), better: 'higher', goal, gate: goal - ROOM };
}

function one({ contender }: Row, own: readonly number[], bare: readonly number[]): Gate {
  const name = `${contender.name}: time of a task alone, to a bare request and a bare read`;
  return { name, value: median(bare) / median(own), better: 'lower', goal: ALONE_GOAL, gate: ALONE_GOAL + ROOM };
}

function afterwards(first: Call, second: Call): Call {
  return async (i) => {
    await first(i);
    await second(i);
  };
}

async function readOf({ tokens }: Store): Promise<Call> {
  const id = 'bench:main:0123456789abcdefghijkl';
  await tokens.insert({ id, integration_id: 'bench', scheme: 'main', rev: 1, cfg_ver: 1, atId: 'at' });
  return async () => await tokens.read([id]);
}
