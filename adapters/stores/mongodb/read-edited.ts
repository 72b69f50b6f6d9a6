/** What was edited since an instant, with the server's time. */
import type { Collection, Filter } from 'mongodb';
import type { StoreClock } from './store-clock.ts';

export interface EditedQuery {
  /** The date field that is looked at; an index holds it. */
  readonly field: 'edited_at' | 'updated_at';
  /** Epoch milliseconds, itself included. */
  readonly since: number;
  readonly limit: number;
}

export interface EditedRow {
  readonly _id: string;
  readonly at: Date;
  readonly name?: string;
}

/** The oldest first. One round trip; a second one for the time where nothing was found. */
export async function readEdited<T extends { readonly _id: string }>(
  collection: Collection<T>,
  clock: StoreClock,
  { field, since, limit }: EditedQuery,
): Promise<{ readonly now: number; readonly rows: readonly EditedRow[] }> {
  const rows = await collection
    .find({ [field]: { $gte: new Date(since) } } as Filter<T>, { batchSize: limit + 1 })
    .sort({ [field]: 1, _id: 1 })
    .limit(limit)
    .project<EditedRow & { readonly now: Date }>({ _id: 1, name: 1, at: `$${field}`, now: clock.now() })
    .toArray();
  return { now: rows.at(-1)?.now.getTime() ?? (await clock.read()), rows };
}
