/**
 * `npm run bench:peers`: the same workloads through Everbearer and through its peers, each in real processes, against the simulated provider. Writes the
 * tables of docs/comparison.md. About a minute and a half.
 */
import { findMongod } from '../test/support/mongodb-binary.ts';
import { startStandalone, type MongodbServer } from '../test/support/mongodb-server.ts';
import { CONTENDERS, type ContenderName } from './peers/contenders.ts';
import { measure, type Outcome } from './peers/measure.ts';
import { writeTables, type WorkloadResult } from './peers/page.ts';
import { WORKLOADS, type Workload } from './peers/workloads.ts';

const NAMES = Object.keys(CONTENDERS) as readonly ContenderName[];

const mongodb = await startMongodb();
try {
  const results: WorkloadResult[] = [];
  for (const [index, workload] of WORKLOADS.entries()) results.push(await measureAll(workload, index));
  if (mongodb === undefined) console.warn('docs/comparison.md stays as it is: a contender is missing.');
  else await writeTables(results);
} finally {
  await mongodb?.stop();
}

async function measureAll(workload: Workload, index: number): Promise<WorkloadResult> {
  console.log(`\n${workload.title}`);
  const outcomes = new Map<ContenderName, Outcome>();
  for (const name of NAMES) {
    if (name === 'everbearer-mongodb' && mongodb === undefined) continue;
    const outcome = await measure(name, workload, mongodb && `${mongodb.uri}everbearer_peers_${index}`);
    console.log(`  ${CONTENDERS[name].title}: ${inWords(outcome)}`);
    outcomes.set(name, outcome);
  }
  return { workload, outcomes };
}

function inWords({ tokenRequests, tasks, failures, lostRefreshTokens = 0, replays }: Outcome): string {
  const figures = `${tokenRequests} token requests, ${failures.length} of ${tasks} tasks failed, ${lostRefreshTokens} lost, ${replays} replays`;
  const reasons = [...new Set(failures)].map((reason) => `\n    ${reason.slice(0, 120)}`);
  return figures + reasons.join('');
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
