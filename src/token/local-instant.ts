/** Instants by this machine's own clocks, for when no store is asked. Pure but for the clock. */
import type { Clock } from '../kernel/clock.ts';

type Clocks = Pick<Clock, 'now' | 'monotonic'>;

/** By a clock that nobody steps, and by the wall, which goes on while the machine sleeps: of two deadlines the earlier counts. */
export interface LocalInstant {
  readonly monotonic: number;
  readonly wall: number;
}

/** @param inMs from now; may be infinite */
export function localInstant(clock: Clocks, inMs = 0): LocalInstant {
  return { monotonic: clock.monotonic() + inMs, wall: clock.now() + inMs };
}

/** @param byMs may be infinite */
export function later({ monotonic, wall }: LocalInstant, byMs: number): LocalInstant {
  return { monotonic: monotonic + byMs, wall: wall + byMs };
}

export function isAhead(clock: Clocks, instant: LocalInstant): boolean {
  return clock.monotonic() < instant.monotonic && clock.now() < instant.wall;
}

/** Milliseconds since then, by the clock that says more. */
export function ageMs(clock: Clocks, since: LocalInstant): number {
  return Math.max(clock.monotonic() - since.monotonic, clock.now() - since.wall);
}
