/** Real child processes on one SQLite file. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { TokenTransition } from '../../../src/token/token-transition.ts';

export type WorkerCommand =
  | { readonly kind: 'open'; readonly path: string }
  | { readonly kind: 'apply'; readonly id: string; readonly transitions: readonly TokenTransition[] }
  | { readonly kind: 'clear-repeatedly'; readonly id: string; readonly times: number }
  | {
      readonly kind: 'import';
      readonly versionId: string;
      readonly operations: number;
      readonly sourceBytes: number;
    }
  | { readonly kind: 'close' };

export type WorkerAnswer = { readonly value: unknown } | { readonly error: unknown } | { readonly progress: number };

export interface StoreProcess {
  /** Resolves with the answer, or with `{error}`: the error's document. */
  tell(command: WorkerCommand, onProgress?: (done: number) => void): Promise<unknown>;
  kill(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): Promise<void>;
}

export interface ProcessOptions {
  /** Runs it as another user, which only root may. */
  readonly uid?: number;
}

const started: ChildProcess[] = [];

export async function startStoreProcess(options: ProcessOptions = {}): Promise<StoreProcess> {
  const { uid } = options;
  const child = fork(new URL('./sqlite-worker.ts', import.meta.url), {
    execArgv: ['--no-warnings'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  started.push(child);
  const ready = await answerOf(child);
  if (ready !== 'ready') throw new Error(`worker: ${JSON.stringify(ready)}`);
  return {
    async tell(command, onProgress) {
      const answered = answerOf(child, onProgress);
      child.send(command);
      return await answered;
    },
    async kill(signal) {
      child.kill(signal);
      if (signal === 'SIGKILL') await once(child, 'exit');
    },
  };
}

/** Ends every process that was started here; for `afterEach`. */
export async function endStoreProcesses(): Promise<void> {
  for (const child of started.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}

function answerOf(child: ChildProcess, onProgress?: (done: number) => void): Promise<unknown> {
  return new Promise((resolve) => {
    const settle = (value: unknown): void => {
      child.off('message', onMessage);
      child.off('exit', onExit);
      resolve(value);
    };
    const onMessage = (message: WorkerAnswer): void => {
      if ('progress' in message) onProgress?.(message.progress);
      else settle('value' in message ? message.value : message);
    };
    const onExit = (): void => settle({ error: 'ended' });
    child.on('message', onMessage);
    child.on('exit', onExit);
  });
}
