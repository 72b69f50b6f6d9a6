/**
 * Whether a worker feels how much a store holds: the same working set of a thousand, in a store of a thousand integrations and in a store of many, side by
 * side. Run: `node bench/store-size.ts [--integrations 1000000] [--store sqlite|mongodb]`. Ratios of times in the same round; a worker's resident memory; on
 * MongoDB how many documents the server looked at, by its profiler.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { MongoClient, type Document } from 'mongodb';
import type { Store } from '../src/store.ts';
import { findMongod } from '../test/support/mongodb-binary.ts';
import { startStandalone } from '../test/support/mongodb-server.ts';
import type { Gate } from './gate.ts';
import { measureRounds, median, medianRatio, type Call } from './rounds.ts';
import { openStore } from './store-size-worker.ts';
import { fillStore, type WorkingSet } from './store-size/filled-store.ts';

interface StoreSizeOptions {
  /** In the big store. Default 20,000. */
  readonly integrations?: number;
  readonly rounds?: number;
  /** Milliseconds. */
  readonly turnMs?: number;
  /** Default: both, MongoDB where there is one. */
  readonly stores?: readonly Kind[];
}

type Kind = 'sqlite' | 'mongodb';

interface Filled {
  readonly url: string;
  readonly set: WorkingSet;
}

const SMALL = 1_000;
const BATCH = 64;
const MIB = 1024 * 1024;
/** The time in the big store to that in the small one: what is promised, and with room for noise. */
const [GOAL, GATE] = [1.3, 1.5];
/** What a store's page cache may differ by, MiB. */
const [MEMORY_GOAL, MEMORY_GATE] = [16, 32];

export async function gates(options: StoreSizeOptions = {}): Promise<readonly Gate[]> {
  const measured: Gate[] = [];
  for (const kind of options.stores ?? ['sqlite', 'mongodb']) {
    if (kind === 'sqlite') measured.push(...(await onSqlite(options)));
    else if ((await findMongod()).path !== undefined) measured.push(...(await onMongodb(options)));
  }
  return measured;
}

async function onSqlite(options: StoreSizeOptions): Promise<readonly Gate[]> {
  const directory = await mkdtemp(join(tmpdir(), 'everbearer-bench-'));
  try {
    const [small, big] = await fillBoth((size) => `sqlite:${join(directory, `${size}.db`)}`, options);
    return await compare('SQLite', small, big, options);
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function onMongodb(options: StoreSizeOptions): Promise<readonly Gate[]> {
  const server = await startStandalone();
  try {
    const [small, big] = await fillBoth((size) => `${server.uri}everbearer_${size}`, options);
    return [...(await compare('MongoDB', small, big, options)), ...(await examined(big))];
  } finally {
    await server.stop();
  }
}

async function fillBoth(
  urlOf: (size: string) => string,
  { integrations = 20_000 }: StoreSizeOptions,
): Promise<readonly [Filled, Filled]> {
  const fill = async (url: string, count: number): Promise<Filled> => ({ url, set: await fillStore(url, count) });
  return [await fill(urlOf('small'), SMALL), await fill(urlOf('big'), integrations)];
}

async function compare(
  name: string,
  small: Filled,
  big: Filled,
  { rounds = 5, turnMs = 150 }: StoreSizeOptions,
): Promise<readonly Gate[]> {
  const stores = [await openStore(small.url), await openStore(big.url)] as const;
  const [ofSmall, ofBig] = [callsOf(stores[0], small.set), callsOf(stores[1], big.set)];
  const measured: Gate[] = [];
  for (const [what, call] of Object.entries(ofSmall)) {
    const [rates = [], bigRates = []] = await measureRounds([call, ofBig[what] ?? call], {
      concurrency: 1,
      rounds,
      turnMs,
    });
    measured.push(lower(`${name}: ${what}, time to that with 1,000`, medianRatio(rates, bigRates), GOAL, GATE));
  }
  await Promise.all(stores.map(async (store) => await store.close()));
  const more = median(await Promise.all([1, 2, 3].map(async () => (await memory(big)) - (await memory(small)))));
  return [
    ...measured,
    lower(`${name}: a worker's memory over that with 1,000, MiB`, more / MIB, MEMORY_GOAL, MEMORY_GATE),
  ];
}

/** After a write nothing that a store remembers of its file counts: every record's row is read. */
function callsOf({ kind, tokens, integrations }: Store, set: WorkingSet): Readonly<Record<string, Call>> {
  const batch = (ids: readonly string[], i: number): readonly string[] => {
    const first = (i * BATCH) % (ids.length - BATCH);
    return ids.slice(first, first + BATCH);
  };
  const known = { id: set.tokens[0] ?? '', integration_id: set.integrations[0] ?? '', scheme: 'shop' };
  const afterWrite: Call = async (i) => {
    await tokens.insert({ ...known, rev: 1, cfg_ver: 1, atId: 'at' });
    await tokens.read(batch(set.tokens, i));
  };
  return {
    'check of 64 tokens': async (i) => await tokens.read(batch(set.tokens, i)),
    ...(kind === 'sqlite' ? { 'check of 64 tokens after a write': afterWrite } : {}),
    'revisions of 64 integrations': async (i) => await integrations.revisions(batch(set.integrations, i)),
    'an integration by its name': async (i) => await integrations.findByName(set.names[i % set.names.length] ?? ''),
  };
}

async function memory({ url, set }: Filled): Promise<number> {
  const worker = fork(new URL('./store-size-worker.ts', import.meta.url), [url], { execArgv: ['--expose-gc'] });
  worker.send(set);
  const [bytes] = (await once(worker, 'message')) as [number];
  await once(worker, 'exit');
  return bytes;
}

/** Documents that the server looked at for each that it was asked for, and plans without an index. */
async function examined({ url, set }: Filled): Promise<readonly Gate[]> {
  const store = await openStore(url);
  const client = await MongoClient.connect(url);
  const db = client.db();
  await db.setProfilingLevel('all');
  await store.tokens.read(set.tokens.slice(0, BATCH));
  await store.tokens.editedSince(0, BATCH);
  await store.integrations.revisions(set.integrations.slice(0, BATCH));
  await store.integrations.findByName(set.names[0] ?? '');
  await store.integrations.namesByModel('Bench shop:1', BATCH);
  await db.setProfilingLevel('off');
  const asked = { ns: { $in: [`${db.databaseName}.tokens`, `${db.databaseName}.integrations`] }, op: 'query' };
  const operations = await db.collection('system.profile').find(asked).toArray();
  await client.close();
  await store.close();
  if (operations.length !== 5) throw new Error(`The profiler has ${operations.length} queries, not 5.`);
  const scans = operations.filter((each) => !/^(?:IXSCAN|IDHACK)/.test(String(each['planSummary'])));
  return [
    lower('MongoDB: documents examined for each one found, at most', Math.max(...operations.map(inVain)), 1, 1),
    lower('MongoDB: queries that scan', scans.length, 0, 0),
  ];
}

function inVain(operation: Document): number {
  return Number(operation['docsExamined']) / Number(operation['nreturned']);
}

function lower(name: string, value: number, goal: number, gate: number): Gate {
  return { name, value, better: 'lower', goal, gate };
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { integrations: { type: 'string', default: '100000' }, store: { type: 'string' } },
  });
  const only = (['sqlite', 'mongodb'] as const).filter((kind) => values.store === undefined || values.store === kind);
  const began = performance.now();
  const measured = await gates({ integrations: Number(values.integrations), rounds: 9, turnMs: 300, stores: only });
  console.table(Object.fromEntries(measured.map(({ name, value, goal }) => [name, { value, goal }])));
  console.log(`${Math.round((performance.now() - began) / 1_000)} s, filling included`);
}
