/** The real clock, and the only place that reads it. */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../kernel/clock.ts';
import { LONGEST_TIMER_MS } from './timer-limit.ts';

export function createSystemClock(): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    sleep,
    endOfTurn: () => new Promise((resolve) => setImmediate(resolve)),
    random: () => Math.random(),
    uuid: () => randomUUID(),
  };
}

async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  const until = performance.now() + ms;
  signal?.throwIfAborted();
  let remainingMs = ms;
  while (remainingMs > 0) {
    await sleepOnce(Math.min(remainingMs, LONGEST_TIMER_MS), signal);
    remainingMs = until - performance.now();
  }
}

async function sleepOnce(ms: number, signal: AbortSignal | undefined): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), Math.ceil(ms));
  const onAbort = (): void => {
    clearTimeout(timer);
    reject(signal?.reason);
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    await promise;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}
