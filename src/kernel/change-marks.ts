/**
 * What was heard to have changed, and when: an answer that was asked for before that may be older than the change, and proves nothing. Bounded; what has to
 * go for room makes the others a little more careful than they need be.
 */
import { BoundedCache } from './bounded-cache.ts';
import type { Clock } from './clock.ts';

/** How many changes are remembered one by one. */
const KEPT = 10_000;

export interface ChangeMarks {
  mark(key: string): void;
  /** Anything may have changed. */
  markAll(): void;
  /** @param askedAt when the answer was asked for, by the monotonic clock */
  isNews(key: string, askedAt: number): boolean;
}

export function createChangeMarks(clock: Pick<Clock, 'monotonic'>, maxEntries: number = KEPT): ChangeMarks {
  const marks = new BoundedCache<string, number>({ maxEntries });
  let allAt = Number.NEGATIVE_INFINITY;
  return {
    mark(key) {
      const gone = marks.set(key, clock.monotonic());
      if (gone !== undefined) allAt = Math.max(allAt, gone);
    },
    markAll() {
      marks.drain();
      allAt = clock.monotonic();
    },
    isNews: (key, askedAt) => askedAt > allAt && (marks.size === 0 || askedAt > (marks.peek(key) ?? allAt)),
  };
}
