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
