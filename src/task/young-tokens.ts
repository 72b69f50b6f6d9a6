/**
 * Tokens so young that an API whose clock is behind may refuse them as not yet valid (F45). Youth excuses a refusal only until the API has taken that
 * very token once, or has refused it again after the pause: then its clock is not the reason.
 */
import { BoundedCache } from '../kernel/bounded-cache.ts';
import type { Clock } from '../kernel/clock.ts';
import type { HeldToken } from '../token/held-token.ts';

export interface YoungTokens {
  /** How long to wait before the same token is tried again, milliseconds; 0: its youth is no excuse. */
  excuseMs(token: HeldToken): number;
  /** The API took it, or refused it twice. */
  settle(token: HeldToken): void;
}

const YOUNG_MAX_MS = 5_000;
const WAIT_MAX_MS = 2_000;

/** How many a process remembers: those that it obtained within the last seconds. */
const KEPT = 10_000;

export function createYoungTokens(clock: Pick<Clock, 'monotonic'>): YoungTokens {
  const settled = new BoundedCache<string, true>({ maxEntries: KEPT });
  const youthLeftMs = ({ obtainedAt, lifetimeMs }: HeldToken): number => {
    if (obtainedAt === undefined) return 0;
    const youngMs = Math.min(YOUNG_MAX_MS, (lifetimeMs ?? Number.POSITIVE_INFINITY) / 10);
    return Math.max(0, youngMs - (clock.monotonic() - obtainedAt));
  };
  return {
    excuseMs(token) {
      const leftMs = youthLeftMs(token);
      return leftMs === 0 || settled.find(token.id) === true ? 0 : Math.min(WAIT_MAX_MS, leftMs);
    },
    settle(token) {
      if (youthLeftMs(token) > 0) settled.set(token.id, true);
    },
  };
}
