/** Lists are paged by an opaque cursor: `next` is what the following call gives as `after`. */
export interface PageOptions {
  readonly after?: string;
  /** Default 100, at most 1,000. */
  readonly limit?: number;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly next?: string;
}

/** How many items a page gives: 100 by default, never more than 1,000 nor fewer than one. */
export function pageLimit(options: PageOptions = {}): number {
  return Math.min(1_000, Math.max(1, Math.trunc(options.limit ?? 100)));
}
