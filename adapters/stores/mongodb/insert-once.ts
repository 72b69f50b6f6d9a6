/** Inserts with the server's time in the document, which a plain insert can't. */
import type { Collection, Filter } from 'mongodb';
import type { StoreClock } from './store-clock.ts';

/** A document of ours: ids are strings that we make. */
export interface StoredDocument {
  readonly _id: string;
  readonly [field: string]: unknown;
}

export interface InsertOnce {
  readonly id: string;
  /** Foreign strings are safe in it: it is taken literally. */
  readonly fields: object;
  /** Fields that are set to the server's time. */
  readonly stamps: readonly string[];
}

/**
 * Insert-if-absent by id in one round trip. That a document stands under the id may also be our own earlier write whose answer was lost.
 * @returns whether it was inserted by this call
 * @throws the driver's duplicate key error: another unique index, or a race on the id
 */
export async function insertOnce<T extends { readonly _id: string }>(
  collection: Collection<T>,
  clock: StoreClock,
  { id, fields, stamps }: InsertOnce,
): Promise<boolean> {
  const stamped = Object.fromEntries(stamps.map((field) => [field, clock.now()]));
  const isNew = { $eq: ['$$ROOT', { _id: '$_id' }] };
  const made = { $mergeObjects: ['$$ROOT', { $literal: fields }, stamped] };
  const pipeline = [{ $replaceWith: { $cond: [isNew, made, '$$ROOT'] } }];
  const { upsertedCount } = await collection.updateOne({ _id: { $eq: id } } as Filter<T>, pipeline, { upsert: true });
  return upsertedCount === 1;
}
