/** What a workload is played on: the simulated provider, and the processes of one contender. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Provider } from '../../src/demo/provider.ts';
import type { Site } from './contender.ts';
import type { ContenderName } from './contenders.ts';
import { startWorkerProcess, type Run, type WorkerProcess } from './worker-process.ts';
import type { TaskOrder } from './worker.ts';

export const PROCESSES = 8;
/** Of each process, in each run. */
export const TASKS = 5;
/** Of access tokens, milliseconds. */
export const LIFETIME_MS = 3_600_000;

/** How long nothing may happen at the provider until it counts as quiet, milliseconds. */
const QUIET_MS = 500;
const POLL_MS = 20;

export interface Tally {
  /** Those of killed processes left out. */
  readonly tasks: number;
  /** Why tasks failed, a text each. */
  readonly failures: readonly string[];
}

export interface Stage {
  readonly provider: Provider;
  /** The processes that live, in their order. */
  all(): readonly WorkerProcess[];
  /** Moves every clock on: the provider's, the processes', the store's. Milliseconds. */
  advance(ms: number): Promise<void>;
  /** Each of the processes runs its tasks. */
  run(processes: readonly WorkerProcess[], order: TaskOrder): Promise<void>;
  /** The same, and the token endpoint answers nobody before all who want a token have asked: what a slow one does by chance. */
  runTogether(processes: readonly WorkerProcess[], order: TaskOrder): Promise<void>;
  /** Kills a process whose tasks have brought a request to the provider's gate, where a `hold` keeps it. */
  killAtGate(process: WorkerProcess): Promise<void>;
  /** Resolves when nothing happens at the provider any more. */
  quiet(): Promise<void>;
  tally(): Tally;
  close(): Promise<void>;
}

/** Starts the processes; they know nothing yet. */
export function createStage(provider: Provider): Stage {
  let processes: readonly WorkerProcess[] = Array.from({ length: PROCESSES }, startWorkerProcess);
  let clockOffsetMs = 0;
  const done: { readonly tasks: number; readonly failures: readonly string[] }[] = [];
  const count = async (runs: readonly Run[]): Promise<void> => {
    const failures = await Promise.all(runs.map((run) => run.failures));
    done.push({ tasks: runs.length * TASKS, failures: failures.flat() });
  };
  const quiet = async (): Promise<void> => await unchanged(() => activityOf(provider));
  return {
    provider,
    all: () => processes,
    async advance(ms) {
      clockOffsetMs += ms;
      provider.advance(ms);
      await Promise.all(processes.map((process) => process.setClock(clockOffsetMs)));
    },
    run: async (some, order) => await count(some.map((process) => process.run(TASKS, order))),
    async runTogether(some, order) {
      provider.script({ name: 'hold', processed: false, times: 'always' });
      const runs = some.map((process) => process.run(TASKS, order));
      await Promise.all(runs.map(({ begun }) => begun));
      await quiet();
      provider.clearScript();
      await count(runs);
    },
    async killAtGate(process) {
      await process.run(1, 'one by one').begun;
      await until(() => provider.held() > 0);
      await process.kill();
      processes = processes.filter((other) => other !== process);
      provider.clearScript();
    },
    quiet,
    tally: () => ({
      tasks: done.reduce((sum, { tasks }) => sum + tasks, 0),
      failures: done.flatMap(({ failures }) => failures),
    }),
    async close() {
      await Promise.all(processes.map((process) => process.kill()));
    },
  };
}

/**
 * Lets the processes begin, and empties the provider's counters. The first alone: whoever shares a token with the others has them find it.
 * @param signedIn whether each is to have a token before
 */
export async function openStage(stage: Stage, contender: ContenderName, site: Site, signedIn: boolean): Promise<void> {
  const [first, ...others] = stage.all();
  const open = async (process: WorkerProcess | undefined): Promise<void> => {
    await process?.start(contender, site);
    const failures = signedIn ? await process?.run(1, 'one by one').failures : [];
    if (failures?.length !== 0) throw new Error(`${contender} does not get its first token: ${String(failures)}`);
  };
  await open(first);
  await Promise.all(others.map(open));
  stage.provider.resetCounters();
}

/** Changes with whatever happens there. */
function activityOf(provider: Provider): string {
  return JSON.stringify([provider.held(), provider.counters()]);
}

async function unchanged(read: () => string): Promise<void> {
  let [seen, since] = [read(), performance.now()];
  while (performance.now() - since < QUIET_MS) {
    await sleep(POLL_MS);
    const now = read();
    if (now !== seen) [seen, since] = [now, performance.now()];
  }
}

/** @throws {Error} when it does not come to hold */
async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error('No request came to the gate.');
    await sleep(POLL_MS);
  }
}
