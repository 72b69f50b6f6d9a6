/**
 * A thread of the import child that ends the whole child after a time. The parent enforces the limits as long as it lives; a child that spins in a
 * library when its parent was killed would otherwise spin for ever.
 */
import { isMainThread, Worker, workerData } from 'node:worker_threads';

/** Runs work that may never end; afterwards the watchdog is gone. */
export async function watched<T>(limitMs: number, work: () => Promise<T>): Promise<T> {
  const watchdog = new Worker(new URL(import.meta.url), { workerData: limitMs, execArgv: [], env: {} });
  try {
    return await work();
  } finally {
    await watchdog.terminate();
  }
}

if (!isMainThread) setTimeout(() => process.kill(process.pid, 'SIGKILL'), Number(workerData));
