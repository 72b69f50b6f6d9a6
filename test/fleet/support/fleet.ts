/** Worker processes, started once and used by one test after another. */
import type { OpenInput } from './worker-commands.ts';
import { startProcessGuard } from './process-guard.ts';
import { startWorker, type Worker } from './worker-process.ts';

export interface Fleet {
  /** So many workers, those that have died replaced, each with the store opened. Processes are started as they are needed. */
  open(input: OpenInput, count: number): Promise<readonly Worker[]>;
  /** One of them. */
  openAt(place: number, input: OpenInput): Promise<Worker>;
  /** Closes every store; who does not answer is ended. */
  close(): Promise<void>;
  /** Ends every process. */
  end(): Promise<void>;
}

export async function startFleet(): Promise<Fleet> {
  const guard = await startProcessGuard();
  const workers: (Worker | undefined)[] = [];

  const alive = async (place: number): Promise<Worker> => {
    const present = workers[place];
    if (present?.isAlive() === true) return present;
    const started = await startWorker(guard);
    workers[place] = started;
    return started;
  };

  const openAt = async (place: number, input: OpenInput): Promise<Worker> => {
    const worker = await alive(place);
    await worker.tell('wall-clock', { offsetMs: 0 });
    await worker.tell('open', { ...input, options: { actor: worker.name, ...input.options } });
    return worker;
  };

  return {
    open: async (input, count) => await Promise.all(Array.from({ length: count }, (_, place) => openAt(place, input))),
    openAt,
    async close() {
      await Promise.all(workers.map(async (worker) => await worker?.close()));
    },
    async end() {
      await Promise.all(workers.map(async (worker) => await worker?.kill('SIGKILL')));
      guard.end();
    },
  };
}
