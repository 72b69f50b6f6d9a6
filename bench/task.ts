/**
 * What a whole task costs beside a bare `undici.request` and beside others who run OpenAPI operations with tokens: the same server, the same calls, GET
 * and POST by turns, side by side. Run: `node bench/task.ts`. Only the ratios mean something: they are of throughput, to bare undici's in the same round.
 */
import { join } from 'node:path';
import { findMongod } from '../test/support/mongodb-binary.ts';
import { startStandalone, type MongodbServer } from '../test/support/mongodb-server.ts';
import type { Gate } from './gate.ts';
import { measureRounds, median, medianRatio, type RoundsOptions } from './rounds.ts';
import { adapterUtils } from './task/adapter-utils-contender.ts';
import { bareUndici, mixedCalls, type Calls, type Contender } from './task/contender.ts';
import { everbearerContender, type Variant } from './task/everbearer-contender.ts';
import { startSite } from './task/server.ts';
import { simpleOauth2 } from './task/simple-oauth2-contender.ts';
import { swaggerClient } from './task/swagger-client-contender.ts';

interface Result {
  readonly contender: Contender;
  /** To bare undici's throughput. */
  readonly ratio: number;
  /** To ours where there is no token to look after. */
  readonly toConstant: number;
  /** One call, microseconds, all calls in flight counted. */
  readonly costUs: number;
}

const SQLITE = 'everbearer, SQLite';
const MONGODB = 'everbearer, MongoDB';
const SQLITE_BOUNDED = 'everbearer, SQLite, bounded';
const MONGODB_BOUNDED = 'everbearer, MongoDB, bounded';
/** What a task costs us where there is no token to look after. */
const CONSTANT_TOKEN = 'everbearer, constant token';

const PROMISED: Readonly<Record<string, Pick<Gate, 'better' | 'goal' | 'gate'>>> = {
  [SQLITE]: { better: 'higher', goal: 0.7, gate: 0.6 },
  [MONGODB]: { better: 'higher', goal: 0.55, gate: 0.45 },
};

/** What the bounded check may cost. */
const BOUNDED: Pick<Gate, 'better' | 'goal' | 'gate'> = { better: 'higher', goal: 0.92, gate: 0.75 };

if (import.meta.main) {
  await withContenders(async (contenders, calls) => {
    for (const concurrency of [1, 64]) {
      const results = await measure(contenders, calls, { concurrency });
      console.log(`\nconcurrency ${concurrency}\n`);
      console.table(Object.fromEntries(results.map(row)));
    }
  });
}

/** The figures that must hold, from fewer and shorter rounds: about 30 s. */
export async function gates(): Promise<readonly Gate[]> {
  return await withContenders(async (contenders, calls) => {
    const results = await measure(contenders, calls, { concurrency: 64, rounds: 5, turnMs: 400 });
    const fastestPeer = Math.max(...results.filter(({ contender }) => contender.isPeer).map(({ ratio }) => ratio));
    return results.flatMap(({ contender: { name }, ratio, toConstant }) => {
      if (name === SQLITE_BOUNDED || name === MONGODB_BOUNDED)
        return [{ name: `${name}: throughput to a constant token's at 64`, value: toConstant, ...BOUNDED }];
      const promised = PROMISED[name];
      if (promised === undefined) return [];
      return [
        { name: `${name}: throughput to bare undici's at 64`, value: ratio, ...promised },
        {
          name: `${name}: throughput to the fastest peer's at 64`,
          value: ratio / fastestPeer,
          better: 'higher',
          goal: 1,
          gate: 1,
        },
      ];
    });
  });
}

async function measure(
  contenders: readonly Contender[],
  calls: readonly Calls[],
  options: RoundsOptions,
): Promise<readonly Result[]> {
  const rates = await measureRounds(await Promise.all(calls.map(mixedCalls)), options);
  const [bare = []] = rates;
  const constant = rates[contenders.findIndex(({ name }) => name === CONSTANT_TOKEN)] ?? [];
  return contenders.map((contender, index) => {
    const own = rates[index] ?? [];
    const toConstant = medianRatio(own, constant);
    return { contender, ratio: medianRatio(own, bare), toConstant, costUs: 1e6 / median(own) };
  });
}

function row({ contender, ratio, toConstant, costUs }: Result): readonly [string, Readonly<Record<string, number>>] {
  return [
    contender.name,
    { ratio: round(ratio, 3), 'to constant token': round(toConstant, 3), 'µs a call': round(costUs, 1) },
  ];
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

async function withContenders<T>(
  work: (contenders: readonly Contender[], calls: readonly Calls[]) => Promise<T>,
): Promise<T> {
  const site = await startSite();
  const mongodb = await startMongodb();
  const contenders = [bareUndici, ...ourContenders(mongodb), swaggerClient, simpleOauth2, adapterUtils];
  const calls = await Promise.all(contenders.map(({ prepare }) => prepare(site.origin)));
  try {
    return await work(contenders, calls);
  } finally {
    await Promise.all(calls.map((one) => one.close()));
    await mongodb?.stop();
    site.close();
  }
}

function ourContenders(mongodb: MongodbServer | undefined): readonly Contender[] {
  const file = (directory: string): string => `sqlite:${join(directory, 'store.db')}`;
  const bounded = { check: 'bounded' } as const;
  const onMongodb = (name: string, database: string, variant?: Variant): readonly Contender[] =>
    mongodb === undefined ? [] : [everbearerContender(name, () => mongodb.uri + database, variant)];
  return [
    everbearerContender(SQLITE, file),
    ...onMongodb(MONGODB, 'everbearer_bench'),
    everbearerContender(SQLITE_BOUNDED, file, bounded),
    ...onMongodb(MONGODB_BOUNDED, 'everbearer_bench_bounded', bounded),
    everbearerContender(CONSTANT_TOKEN, file, { ...bounded, token: 'constant' }),
  ];
}

/** Without one its row is missing, and it is said; where `CI` is set that is a failure. */
async function startMongodb(): Promise<MongodbServer | undefined> {
  const found = await findMongod();
  if (found.path !== undefined) return await startStandalone();
  const text = `NO MONGODB, so its row is missing. Tried ${found.tried.join('; ')}.`;
  if (process.env['CI'] !== undefined && process.env['CI'] !== '') throw new Error(text);
  console.warn(text);
  return undefined;
}
