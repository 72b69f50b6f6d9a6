/** The handle of one process of a contender. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Site } from './contender.ts';
import type { ContenderName } from './contenders.ts';
import type { Answer, Command, TaskOrder } from './worker.ts';

/** No command takes longer, or the run ends: a caller of Everbearer waits for a token for 45 s at most, the peers' callers as long as it takes. */
const PATIENCE_MS = 120_000;

export interface Run {
  /** Every task that starts now has started. */
  readonly begun: Promise<void>;
  /** Why tasks failed, a text each. Of a process that is killed meanwhile it stays unsettled. */
  readonly failures: Promise<readonly string[]>;
}

/** It is told one command at a time. */
export interface WorkerProcess {
  start(contender: ContenderName, site: Site): Promise<void>;
  /** How far its clock is to be ahead, milliseconds. */
  setClock(offsetMs: number): Promise<void>;
  run(tasks: number, order: TaskOrder): Run;
  /** At once, by SIGKILL. */
  kill(): Promise<void>;
}

export function startWorkerProcess(): WorkerProcess {
  const child = fork(new URL('./worker.ts', import.meta.url), {
    execArgv: ['--no-warnings'],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const obey = async (command: Command): Promise<void> => {
    await tell(child, command).failures;
  };
  return {
    start: async (contender, site) => await obey({ kind: 'start', contender, site }),
    setClock: async (offsetMs) => await obey({ kind: 'clock', offsetMs }),
    run: (tasks, order) => tell(child, { kind: 'run', tasks, order }),
    kill: async () => await kill(child),
  };
}

function tell(child: ChildProcess, command: Command): Run {
  const begun = Promise.withResolvers<undefined>();
  const done = Promise.withResolvers<readonly string[]>();
  // Who waits for the one need not wait for the other.
  begun.promise.catch(() => undefined);
  done.promise.catch(() => undefined);
  const end = (settle: () => void): void => {
    clearTimeout(timer);
    child.off('message', onMessage).off('exit', onExit);
    settle();
  };
  const fail = (reason: string): void =>
    end(() => {
      const error = new Error(`A process that was told to ${command.kind}: ${reason}`);
      begun.reject(error);
      done.reject(error);
    });
  const onMessage = (answer: Answer): void => {
    if (answer.kind !== 'broken') begun.resolve(undefined);
    if (answer.kind === 'done') end(() => done.resolve(answer.failures));
    if (answer.kind === 'broken') fail(answer.reason);
  };
  const onExit = (code: number | null, signal: string | null): void => {
    if (child.killed) end(() => undefined);
    else fail(`ended with ${signal ?? String(code)}`);
  };
  const timer = setTimeout(() => fail('no answer in time'), PATIENCE_MS);
  child.on('message', onMessage).on('exit', onExit);
  child.send(command);
  return { begun: begun.promise, failures: done.promise };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}
