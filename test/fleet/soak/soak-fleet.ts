/** Workers under load, each replaced when it dies. */
import { setTimeout as sleep } from 'node:timers/promises';
import { startFleet } from '../support/fleet.ts';
import type { OpenInput } from '../support/worker-commands.ts';
import type { Worker } from '../support/worker-process.ts';
import { SOAK_INTEGRATIONS } from './soak-integrations.ts';
import type { TaskFailure } from './task-failures.ts';

export interface SoakFleet {
  /** Those that live now. */
  workers(): readonly Worker[];
  /** Tasks by status or error code; those whose process died are not among them. */
  readonly tasks: ReadonlyMap<string, number>;
  readonly failures: readonly TaskFailure[];
  /** Ends the loads, and waits for them. */
  halt(): Promise<void>;
  /** Ends the processes, after each has closed its store. */
  end(): Promise<void>;
}

export interface SoakFleetPorts {
  /** Told of each worker that ends, and how. */
  readonly onDeath: (worker: Worker, by: NodeJS.Signals | number) => void;
  /** Told of each line that a worker writes. */
  readonly onLine: (line: string) => void;
}

/** Between two tasks of one integration in one worker, milliseconds. */
const PACE_MS = 400;
/** A store that is away keeps a worker from opening it; so long until the next try. */
const AGAIN_MS = 500;

export async function startSoakFleet(input: OpenInput, count: number, ports: SoakFleetPorts): Promise<SoakFleet> {
  const fleet = await startFleet(ports.onLine);
  const places: (Worker | undefined)[] = [];
  const tasks = new Map<string, number>();
  const failures: TaskFailure[] = [];
  const loads = new Set<Promise<void>>();
  let isHalting = false;

  /** One task. A worker that dies with it is no failure of the task. */
  const runOne = async (worker: Worker, integration: string): Promise<void> => {
    const at = Date.now();
    const report = await worker.tell('run', { integration, count: 1, concurrency: 1 }).catch(() => undefined);
    for (const outcome of Object.keys(report?.outcomes ?? {})) {
      tasks.set(outcome, (tasks.get(outcome) ?? 0) + 1);
      if (report?.ok === 0) failures.push({ at, until: Date.now(), integration, actor: worker.name, outcome });
    }
  };

  const load = async (worker: Worker, integration: string): Promise<void> => {
    while (worker.isAlive() && !isHalting) {
      await runOne(worker, integration);
      await sleep(PACE_MS);
    }
  };

  const open = async (place: number): Promise<Worker | undefined> => {
    while (!isHalting) {
      const worker = await fleet.openAt(place, input).catch(() => undefined);
      if (worker !== undefined) return worker;
      await sleep(AGAIN_MS);
    }
    return undefined;
  };

  const occupy = async (place: number): Promise<void> => {
    places[place] = undefined;
    const worker = await open(place);
    if (worker === undefined) return;
    places[place] = worker;
    for (const { name } of SOAK_INTEGRATIONS) {
      const loading = load(worker, name);
      loads.add(loading);
      void loading.finally(() => loads.delete(loading));
    }
    void worker.ended().then(async (by) => {
      if (isHalting) return;
      ports.onDeath(worker, by);
      await occupy(place);
    });
  };

  await Promise.all(Array.from({ length: count }, async (_, place) => await occupy(place)));
  const workers = (): readonly Worker[] => places.filter((worker) => worker?.isAlive() === true) as readonly Worker[];
  return {
    workers,
    tasks,
    failures,
    async halt() {
      isHalting = true;
      await Promise.all(loads);
    },
    async end() {
      await fleet.close();
      await fleet.end();
    },
  };
}
