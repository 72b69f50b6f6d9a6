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
import { everbearerContender } from './task/everbearer-contender.ts';
import { startSite } from './task/server.ts';
import { simpleOauth2 } from './task/simple-oauth2-contender.ts';
import { swaggerClient } from './task/swagger-client-contender.ts';

interface Result {
  readonly contender: Contender;
  /** To bare undici's throughput. */
  readonly ratio: number;
  /** One call, microseconds, all calls in flight counted. */
  readonly costUs: number;
}

const SQLITE = 'everbearer, SQLite';
const MONGODB = 'everbearer, MongoDB';

const PROMISED: Readonly<Record<string, Pick<Gate, 'better' | 'goal' | 'gate'>>> = {
  [SQLITE]: { better: 'higher', goal: 0.7, gate: 0.6 },
  [MONGODB]: { better: 'higher', goal: 0.55, gate: 0.45 },
};

if (import.meta.main) {
  await withContenders(async (contenders, calls) => {
    for (const concurrency of [1, 64]) {
      const results = await measure(contenders, calls, { concurrency });
      console.log(`\nconcurrency ${concurrency}\n`);
      console.table(Object.fromEntries(results.map(row)));
    }
  });
}

/** The figures that must hold, from fewer and shorter rounds: about 20 s. */
export async function gates(): Promise<readonly Gate[]> {
  return await withContenders(async (contenders, calls) => {
    const results = await measure(contenders, calls, { concurrency: 64, rounds: 5, turnMs: 400 });
    const fastestPeer = Math.max(...results.filter(({ contender }) => contender.isPeer).map(({ ratio }) => ratio));
    return results.flatMap(({ contender: { name }, ratio }) => {
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
  return contenders.map((contender, index) => {
    const own = rates[index] ?? [];
    return { contender, ratio: medianRatio(own, bare), costUs: 1e6 / median(own) };
  });
}

function row({ contender, ratio, costUs }: Result): readonly [string, Readonly<Record<string, number>>] {
  return [contender.name, { ratio: round(ratio, 3), 'µs a call': round(costUs, 1) }];
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

async function withContenders<T>(
  work: (contenders: readonly Contender[], calls: readonly Calls[]) => Promise<T>,
): Promise<T> {
  const site = await startSite();
  const mongodb = await startMongodb();
  const contenders = [
    bareUndici,
    everbearerContender(SQLITE, (directory) => `sqlite:${join(directory, 'store.db')}`),
    ...(mongodb === undefined ? [] : [everbearerContender(MONGODB, () => `${mongodb.uri}everbearer_bench`)]),
    swaggerClient,
    simpleOauth2,
    adapterUtils,
  ];
  const calls = await Promise.all(contenders.map(({ prepare }) => prepare(site.origin)));
  try {
    return await work(contenders, calls);
  } finally {
    await Promise.all(calls.map((one) => one.close()));
    await mongodb?.stop();
    site.close();
  }
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
