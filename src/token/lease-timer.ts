/** How much of a lease is left, by a worker's own clocks, and what the store's clock says at the instant of sending (token-lifecycle §3.3, §3.5). */
import type { Clock } from '../kernel/clock.ts';
import { SEND_AND_SAVE_MS } from './attempt-plan.ts';
import { ageMs, localInstant, type LocalInstant } from './local-instant.ts';

export interface LeaseTimer {
  /** A write that takes the lease, or makes it last, is about to be sent. */
  begin(): void;
  /** Its reply is here. @param now the store's clock, epoch ms */
  replied(now: number): void;
  /** Whether enough is left for a request and its save: by the clock that says less, for one may stand still and the other be stepped. */
  hasTime(): boolean;
  /** The store's clock now, whole epoch ms (stores keep no less), as told by a clock of ours that nobody steps. */
  storeNow(): number;
}

export function createLeaseTimer(clock: Pick<Clock, 'now' | 'monotonic'>, ttlMs: number): LeaseTimer {
  let begun: LocalInstant = { monotonic: 0, wall: 0 };
  let reply = { monotonic: 0, store: 0 };
  return {
    begin() {
      begun = localInstant(clock);
    },
    replied(now) {
      reply = { monotonic: clock.monotonic(), store: now };
    },
    hasTime: () => ageMs(clock, begun) <= ttlMs - SEND_AND_SAVE_MS,
    storeNow: () => Math.floor(reply.store + (clock.monotonic() - reply.monotonic)),
  };
}
