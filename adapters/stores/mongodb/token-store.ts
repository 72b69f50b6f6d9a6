/** Token records in MongoDB: a read is one `find` on the primary, a transition one `findOneAndUpdate`. */
import type { Collection, Db, Filter } from 'mongodb';
import type { TokenRecord } from '../../../src/token/token-record.ts';
import type { NewTokenRecord, TokenRead, TokenStore, TransitionResult } from '../../../src/token/token-store.ts';
import type { TokenTransition } from '../../../src/token/token-transition.ts';
import { newTokenRecord } from '../../../src/token/transitions.ts';
import { compileTransition } from './compile-transition.ts';
import { insertOnce } from './insert-once.ts';
import type { StoredDocument } from './insert-once.ts';
import { readInOneReply } from './one-reply.ts';
import { readEdited } from './read-edited.ts';
import type { StoreClock } from './store-clock.ts';
import { tokenDocument, tokenRecord } from './token-document.ts';
import { watchTokens } from './token-watch.ts';
import { duplicateField, translated } from './translate-error.ts';

const TOKENS = 'tokens';

/** @see TokenStore */
export function createTokenStore(db: Db, clock: StoreClock): TokenStore {
  const tokens = db.collection<StoredDocument>(TOKENS);
  return {
    read: async (ids) => await translated(async () => await readTokens(db, clock, { _id: { $in: [...new Set(ids)] } })),
    list: async (integrationId) =>
      await translated(async () => await readTokens(db, clock, { integration_id: { $eq: integrationId } })),
    insert: async (made) => await translated(async () => await insertToken(tokens, clock, made)),
    apply: async (id, transition) => await translated(async () => await applyTo(db, clock, id, transition)),
    removeAll: async (integrationId) =>
      await translated(async () => {
        await tokens.deleteMany({ integration_id: { $eq: integrationId } });
      }),
    editedSince: async (since, limit) =>
      await translated(async () => {
        const { now, rows } = await readEdited(tokens, clock, { field: 'edited_at', since, limit });
        return { now, edited: rows.map(({ _id, at }) => ({ id: _id, at: at.getTime() })) };
      }),
    watch: async (watcher) => await watchTokens(tokens, watcher),
  };
}

/** The server's time comes along with the documents; where there are none it takes a second question. */
async function readTokens(
  db: Db,
  clock: StoreClock,
  filter: Filter<StoredDocument>,
  level: 'local' | 'majority' = 'local',
): Promise<TokenRead> {
  const rows = await readInOneReply<{ readonly record: StoredDocument; readonly now: Date }>(db, {
    ...{ collection: TOKENS, filter, level },
    projection: { _id: 0, record: '$$ROOT', now: clock.now() },
  });
  const records = new Map(rows.map(({ record }) => [record._id, tokenRecord(record)]));
  return { now: rows.at(-1)?.now.getTime() ?? (await clock.read()), records };
}

async function insertToken(tokens: Collection<StoredDocument>, clock: StoreClock, made: NewTokenRecord): Promise<void> {
  const fields = tokenDocument(newTokenRecord(made, 0));
  try {
    await insertOnce(tokens, clock, { id: made.id, fields, stamps: ['created_at', 'updated_at'] });
  } catch (error) {
    // Two first workers at once: the other one's record stands, and both are equally empty.
    if (duplicateField(error) !== '_id') throw error;
  }
}

async function applyTo(db: Db, clock: StoreClock, id: string, transition: TokenTransition): Promise<TransitionResult> {
  const { guard, set } = compileTransition(transition, clock.now());
  const filter = { _id: { $eq: id }, $expr: guard };
  const written = await db
    .collection<StoredDocument>(TOKENS)
    .findOneAndUpdate(filter, [{ $set: set }], { upsert: false, returnDocument: 'after' });
  if (written === null) return await asItStands(db, clock, id);
  const record = tokenRecord(written);
  return { applied: true, now: record.updated_at, record };
}

/** With majority, so that a write which could still be rolled back is not reported as what stood in the way. */
async function asItStands(db: Db, clock: StoreClock, id: string): Promise<TransitionResult> {
  const { now, records } = await readTokens(db, clock, { _id: { $eq: id } }, 'majority');
  const record: TokenRecord | undefined = records.get(id);
  return { applied: false, now, ...(record === undefined ? {} : { record }) };
}
