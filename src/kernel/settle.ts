/** Waiting for a shared promise with one's own patience: giving up detaches the waiter and leaves the work alone. */
import type { Clock } from './clock.ts';

/** A reason that is there already: without one each end of a wait would make an exception with its stack. */
const OVER = new Error('The wait is over.');

/** @returns the value, or `undefined` when `ms` passed first. @throws what the promise throws, or the signal's reason */
export async function within<T>(
  clock: Clock,
  promise: Promise<T>,
  ms: number,
  signal?: AbortSignal,
): Promise<T | undefined> {
  const stop = new AbortController();
  const abort = (): void => {
    stop.abort(signal?.reason);
  };
  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted === true) abort();
  try {
    return await Promise.race([promise, clock.sleep(Math.max(0, ms), stop.signal).then(() => undefined)]);
  } finally {
    signal?.removeEventListener('abort', abort);
    stop.abort(OVER);
  }
}
