/** A clock that moves only when a test moves it. Sleepers wake in order of their deadline. */
import type { Clock } from '../../src/kernel/clock.ts';

export interface VirtualClock extends Clock {
  /** Moves both times on and wakes who is due, letting promises run in between. */
  advance(ms: number): Promise<void>;
  /** How many wait. */
  sleepers(): number;
}

export function createVirtualClock(start = Date.UTC(2026, 0, 1)): VirtualClock {
  let elapsed = 0;
  let ids = 0;
  const waiting = new Set<{ readonly due: number; readonly wake: () => void }>();

  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
    await new Promise<void>((resolve) => setImmediate(resolve));
  };

  return {
    now: () => start + elapsed,
    monotonic: () => elapsed,
    endOfTurn: () => Promise.resolve(),
    random: () => 0.5,
    uuid: () => `uuid-${String((ids += 1))}`,
    sleepers: () => waiting.size,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const sleeper = {
          due: elapsed + ms,
          wake: () => {
            waiting.delete(sleeper);
            resolve();
          },
        };
        waiting.add(sleeper);
        const abort = (): void => {
          waiting.delete(sleeper);
          reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
        };
        if (signal?.aborted === true) abort();
        else signal?.addEventListener('abort', abort, { once: true });
      }),
    async advance(ms) {
      const until = elapsed + ms;
      await settle();
      for (;;) {
        const next = [...waiting].filter(({ due }) => due <= until).toSorted((a, b) => a.due - b.due)[0];
        if (next === undefined) break;
        elapsed = Math.max(elapsed, next.due);
        next.wake();
        await settle();
      }
      elapsed = until;
      await settle();
    },
  };
}
