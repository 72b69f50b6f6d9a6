/**
 * Events in MongoDB. Ids are made by the server at the insert (seconds, then a counter), so they grow in the order in which the primary took them, whatever
 * the workers' clocks say.
 */
import { ObjectId } from 'mongodb';
import type { Db } from 'mongodb';
import type { EventQuery, EventStore } from '../../../src/kernel/event-store.ts';
import type { EverbearerEvent, NewEvent } from '../../../src/kernel/event.ts';
import type { Page } from '../../../src/kernel/page.ts';
import { listPage, refuseCursor } from './list-page.ts';
import type { StoreClock } from './store-clock.ts';
import { translated } from './translate-error.ts';

type Details = NonNullable<EverbearerEvent['details']>;
/** Names of details are no field names: a list of pairs holds any. */
type StoredDetails = readonly { readonly name: string; readonly value: Details[string] }[];

interface EventDocument extends Omit<EverbearerEvent, 'id' | 'at' | 'details'> {
  readonly _id: ObjectId;
  readonly at: Date;
  readonly details?: StoredDetails;
}

/** @see EventStore */
export function createEventStore(db: Db, clock: StoreClock): EventStore {
  const events = db.collection<EventDocument>('events');
  const list = async (query: EventQuery): Promise<Page<EverbearerEvent>> => {
    const forwards = query.order === 'oldest';
    const filter = {
      ...(query.integration === undefined ? {} : { integration: { $eq: query.integration } }),
      ...(query.after === undefined ? {} : { _id: { [forwards ? '$gt' : '$lt']: parseCursor(query.after) } }),
    };
    const rows = async (limit: number): Promise<readonly EventDocument[]> =>
      await events
        .find(filter)
        .sort({ _id: forwards ? 1 : -1 })
        .limit(limit)
        .toArray();
    return await listPage(query, rows, eventOf, ({ _id }) => _id.toHexString());
  };
  return {
    append: async (event) =>
      await translated(async () => {
        // Matches nothing and names no id: the server makes it, and $$NOW can stand in the document.
        const made = { $mergeObjects: ['$$ROOT', { $literal: eventFields(event) }, { at: clock.now() }] };
        await events.updateOne({ _id: { $in: [] } }, [{ $replaceWith: made }], { upsert: true });
      }),
    list: async (query = {}) => await translated(async () => await list(query)),
  };
}

function eventFields({ details, ...fields }: NewEvent): Omit<EventDocument, '_id' | 'at'> {
  if (details === undefined) return fields;
  return { ...fields, details: Object.entries(details).map(([name, value]) => ({ name, value })) };
}

function eventOf({ _id, at, details, ...fields }: EventDocument): EverbearerEvent {
  const named = details?.map(({ name, value }) => [name, value] as const);
  return {
    id: _id.toHexString(),
    at: at.toISOString(),
    ...fields,
    ...(named === undefined ? {} : { details: Object.fromEntries(named) }),
  };
}

function parseCursor(after: string): ObjectId {
  return /^[0-9a-f]{24}$/.test(after) ? ObjectId.createFromHexString(after) : refuseCursor();
}
