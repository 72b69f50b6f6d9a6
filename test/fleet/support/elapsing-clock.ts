/** The system's clock plus the time that has passed without waiting. Whoever sleeps wakes when its time has come either way. */
import { createSystemClock } from '../../../src/io/system-clock.ts';
import type { Clock } from '../../../src/kernel/clock.ts';

interface Sleeper {
  readonly dueMs: number;
  readonly wake: () => void;
  timer?: NodeJS.Timeout;
}

/** How soon a step is noticed by whoever sleeps. */
const LOOK_EVERY_MS = 20;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** @param elapsedMs what is added to both times; looked at again and again */
export function createElapsingClock(elapsedMs: () => number): Clock {
  const system = createSystemClock();
  const monotonic = (): number => system.monotonic() + elapsedMs();
  return { ...system, now: () => system.now() + elapsedMs(), monotonic, sleep: createSleep(monotonic, elapsedMs) };
}

function createSleep(monotonic: () => number, elapsedMs: () => number): Clock['sleep'] {
  const sleepers = new Set<Sleeper>();
  let seenMs = elapsedMs();
  let looking: NodeJS.Timeout | undefined;

  const arm = (sleeper: Sleeper): void => {
    clearTimeout(sleeper.timer);
    const leftMs = Math.max(0, Math.ceil(sleeper.dueMs - monotonic()));
    sleeper.timer = setTimeout(
      leftMs > LONGEST_TIMER_MS ? arm : sleeper.wake,
      Math.min(leftMs, LONGEST_TIMER_MS),
      sleeper,
    );
  };

  const look = (): void => {
    const elapsed = elapsedMs();
    if (elapsed === seenMs) return;
    seenMs = elapsed;
    sleepers.forEach(arm);
  };

  const leave = (sleeper: Sleeper): void => {
    clearTimeout(sleeper.timer);
    sleepers.delete(sleeper);
    if (sleepers.size > 0) return;
    clearInterval(looking);
    looking = undefined;
  };

  return async (ms, signal) => {
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const sleeper: Sleeper = { dueMs: monotonic() + ms, wake: () => resolve(undefined) };
    sleepers.add(sleeper);
    arm(sleeper);
    looking ??= setInterval(look, LOOK_EVERY_MS);
    const abort = (): void => reject(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      await promise;
    } finally {
      signal?.removeEventListener('abort', abort);
      leave(sleeper);
    }
  };
}
