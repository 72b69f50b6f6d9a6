/** One worker process, as the test sees it. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProtocolPoint } from '../../../src/token/protocol-points.ts';
import type { ProcessGuard } from './process-guard.ts';
import { stopped } from './process-state.ts';
import type { CallReport, CommandName, InputOf, OutputOf, WorkerMessage } from './worker-commands.ts';

export interface Worker {
  /** `worker-<pid>`: what events and the provider's log call it. */
  readonly name: string;
  isAlive(): boolean;
  /** @throws WorkerFailure where the command failed, or the process ended before it answered */
  tell<N extends CommandName>(name: N, input: InputOf<N>): Promise<OutputOf<N>>;
  /** Resolves when an attempt is paused at that point, since the store was opened. */
  reached(point: ProtocolPoint): Promise<void>;
  /** Resolves when it stands still, by whatever hand. */
  stopped(): Promise<void>;
  /** Resolves when the process is gone, stopped, or sent on. */
  kill(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT' | 'SIGTERM'): Promise<void>;
  /** Closes its store; ends it where it does not within 15 s. */
  close(): Promise<void>;
  /** Resolves when it has ended, by whatever hand. */
  ended(): Promise<void>;
}

/** What a worker answered in place of an output. `code` is ours where the error was. */
export class WorkerFailure extends Error {
  override readonly name = 'WorkerFailure';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Longer than a token request and its save take. */
const CLOSE_WITHIN_MS = 15_000;

interface Pending {
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: WorkerFailure) => void;
}

export async function startWorker(guard: ProcessGuard): Promise<Worker> {
  const child = fork(new URL('./worker.ts', import.meta.url), { execArgv: ['--no-warnings'], env: environment() });
  const { pid } = child;
  if (pid === undefined) throw new Error('The worker did not start.');
  guard.watch(pid);
  const exited = once(child, 'exit').then(() => guard.forget(pid));
  await Promise.race([
    once(child, 'message'),
    exited.then(() => Promise.reject(new Error('The worker ended at once.'))),
  ]);
  return workerOf(child, pid, exited);
}

/** Without settings of whoever runs the tests. */
function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(?:EVERBEARER_|NODE_OPTIONS$|VITEST)/.test(name)),
  );
}

function workerOf(child: ChildProcess, pid: number, exited: Promise<void>): Worker {
  const name = `worker-${pid}`;
  const pending = new Map<number, Pending>();
  const reached = new Map<ProtocolPoint, PromiseWithResolvers<undefined>>();
  let lastId = 0;

  const reachedAt = (point: ProtocolPoint): PromiseWithResolvers<undefined> => {
    const known = reached.get(point) ?? Promise.withResolvers<undefined>();
    reached.set(point, known);
    return known;
  };

  const settle = (id: number, how: (waiting: Pending) => void): void => {
    const waiting = pending.get(id);
    pending.delete(id);
    if (waiting !== undefined) how(waiting);
  };

  child.on('message', (message: WorkerMessage) => {
    if ('reached' in message) reachedAt(message.reached).resolve(undefined);
    else if ('output' in message) settle(message.id, ({ resolve }) => resolve(message.output));
    else if ('error' in message) {
      const { code, message: text } = message.error;
      settle(message.id, ({ reject }) => reject(new WorkerFailure(code, text)));
    }
  });
  void exited.then(() => {
    for (const id of [...pending.keys()])
      settle(id, ({ reject }) => reject(new WorkerFailure('ended', `${name} ended before it answered.`)));
  });

  const worker: Worker = {
    name,
    isAlive: () => child.exitCode === null && child.signalCode === null,
    async tell(command, input) {
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      const id = ++lastId;
      if (command === 'open') reached.clear();
      pending.set(id, { resolve, reject });
      child.send({ id, name: command, input }, (error) => {
        if (error !== null) settle(id, (waiting) => waiting.reject(new WorkerFailure('ended', error.message)));
      });
      return (await promise) as OutputOf<typeof command>;
    },
    async reached(point) {
      await reachedAt(point).promise;
    },
    stopped: async () => await stopped(pid),
    async kill(signal) {
      child.kill(signal);
      if (signal === 'SIGKILL' || signal === 'SIGTERM') await exited;
      if (signal === 'SIGSTOP') await stopped(pid);
    },
    async close() {
      if (!worker.isAlive()) return;
      const closed = worker.tell('close', {}).then(
        () => true,
        () => false,
      );
      if (!(await Promise.race([closed, sleep(CLOSE_WITHIN_MS, false, { ref: false })]))) await worker.kill('SIGKILL');
    },
    ended: async () => await exited,
  };
  return worker;
}

/** Tells all of them at once. */
export async function tellAll<N extends CommandName>(
  workers: readonly Worker[],
  name: N,
  input: InputOf<N>,
): Promise<readonly OutputOf<N>[]> {
  return await Promise.all(workers.map(async (worker) => await worker.tell(name, input)));
}

/** Calls that failed, by status or code, over several reports. */
export function failures(reports: readonly CallReport[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const [outcome, count] of reports.flatMap(({ outcomes }) => Object.entries(outcomes)))
    if (!/^(?:2\d\d|ok)$/.test(outcome)) counts.set(outcome, (counts.get(outcome) ?? 0) + count);
  return Object.fromEntries(counts);
}
