/** "Now" as the server sees it, inside the operation that asks: constant within one, and no worker's clock is ever written. */
import type { Db } from 'mongodb';

/** Gives the store's present. Every time that an adapter writes or compares an instant it goes through here. */
export interface StoreClock {
  /** Aggregation expression of type date, for pipelines, `$expr` and projections. */
  now(): NowExpression;
  /** One round trip of its own, epoch milliseconds: for a read that found no document to bring the time along. */
  read(): Promise<number>;
}

export type NowExpression = '$$NOW' | { readonly $add: readonly ['$$NOW', number] };

/** @param offsetMs added to the server's clock, milliseconds; read at each use */
export function createStoreClock(db: Db, offsetMs: () => number = () => 0): StoreClock {
  const offset = (): number => Math.trunc(offsetMs());
  return {
    now: () => (offset() === 0 ? '$$NOW' : { $add: ['$$NOW', offset()] }),
    read: async () => {
      const { localTime } = await db.command({ hello: 1 });
      return (localTime as Date).getTime() + offset();
    },
  };
}
