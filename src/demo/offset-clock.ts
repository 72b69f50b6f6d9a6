/** A clock that can be set forward: tokens age in no time, pauses take what they take. */
import type { Clock } from '../kernel/clock.ts';

export interface OffsetClock extends Clock {
  /** Milliseconds; negative ones set it back. */
  advance(ms: number): void;
}

export function createOffsetClock(clock: Clock): OffsetClock {
  let offsetMs = 0;
  return {
    now: () => clock.now() + offsetMs,
    monotonic: () => clock.monotonic() + Math.max(0, offsetMs),
    sleep: (ms, signal, options) => clock.sleep(ms, signal, options),
    endOfTurn: () => clock.endOfTurn(),
    random: () => clock.random(),
    uuid: () => clock.uuid(),
    advance: (ms) => {
      offsetMs += ms;
    },
  };
}
