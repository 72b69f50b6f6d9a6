/** A read in one round trip without a cursor: on the path of every call the driver's cursor costs a worker as much again. */
import {
  MongoNetworkError,
  MongoServerError,
  type Db,
  type Document,
  type Filter,
  type Long,
  type ReadConcernLevel,
} from 'mongodb';
import type { StoredDocument } from './insert-once.ts';

export interface OneReplyQuery {
  readonly collection: string;
  readonly filter: Filter<StoredDocument>;
  readonly projection: Document;
  readonly level: ReadConcernLevel;
}

interface Reply<Row> {
  readonly cursor: { readonly firstBatch: readonly Row[]; readonly id: number | Long };
}

/** So many documents come in one reply, as long as they are less than 16 MB together; the server's own first batch is 101. */
const BATCH_SIZE = 1_000;

/** A server that is no primary any more, or shuts down: codes of MongoDB's "retryable reads". */
const NO_PRIMARY: ReadonlySet<unknown> = new Set([91, 189, 10107, 11600, 11602, 13435]);

/** What is too much for one reply is left to a cursor, which reads on; so is a failure that may pass, as the driver would try once more. */
export async function readInOneReply<Row extends Document>(db: Db, query: OneReplyQuery): Promise<readonly Row[]> {
  const { collection, filter, projection, level } = query;
  try {
    const reply = (await db.command({
      ...{ find: collection, filter, projection, batchSize: BATCH_SIZE },
      readConcern: { level },
    })) as Reply<Row>;
    const { firstBatch, id } = reply.cursor;
    if (Number(id) === 0) return firstBatch;
    await db.command({ killCursors: collection, cursors: [id] });
  } catch (error) {
    if (!isPassing(error)) throw error;
  }
  return await db
    .collection<StoredDocument>(collection)
    .find(filter, { batchSize: BATCH_SIZE, readConcern: { level } })
    .project<Row>(projection)
    .toArray();
}

function isPassing(error: unknown): boolean {
  return error instanceof MongoNetworkError || (error instanceof MongoServerError && NO_PRIMARY.has(error.code));
}
