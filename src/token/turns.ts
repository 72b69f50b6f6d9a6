/** Waiting for another worker: one poll a token in this process, slower and slower, whoever waits for it. */
import type { Clock } from '../kernel/clock.ts';

export interface Turns {
  /** Resolves when it is time to look at the record again. Never throws. */
  next(key: string): Promise<void>;
}

const FIRST_MS = 40;
const FACTOR = 1.6;
const LONGEST_MS = 500;
/** Who has not been waited for this long is waited for anew. */
const FORGOTTEN_MS = 2_000;

interface Turn {
  readonly delayMs: number;
  readonly due: number;
  readonly passed: Promise<void>;
}

export function createTurns(clock: Clock): Turns {
  const turns = new Map<string, Turn>();

  function forgetOld(now: number): void {
    for (const [key, { due }] of turns) if (now - due > FORGOTTEN_MS) turns.delete(key);
  }

  return {
    next(key) {
      const now = clock.monotonic();
      const last = turns.get(key);
      if (last !== undefined && now < last.due) return last.passed;
      const isStale = last === undefined || now - last.due > FORGOTTEN_MS;
      const delayMs = isStale ? FIRST_MS : Math.min(LONGEST_MS, last.delayMs * FACTOR);
      const jittered = delayMs * (0.75 + 0.5 * clock.random());
      const turn = { delayMs, due: now + jittered, passed: clock.sleep(jittered) };
      forgetOld(now);
      turns.set(key, turn);
      return turn.passed;
    },
  };
}
