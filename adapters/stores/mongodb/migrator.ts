/** Brings a database to the shape that this program knows: numbered steps, one process at a time, each written down when it is done. */
import type { Collection, Db } from 'mongodb';
import { createIndexes } from '../../../migrations/mongodb/0001-create-indexes.ts';
import { indexEdits } from '../../../migrations/mongodb/0002-index-edits.ts';
import { EverbearerError } from '../../../src/errors.ts';
import type { MigrationStatus } from '../../../src/store.ts';
import type { StoredDocument } from './insert-once.ts';
import { whileLocked } from './migration-lock.ts';
import type { StoreClock } from './store-clock.ts';

/** One step. `id` is `NNNN-verb-noun`; `up` may be run again after a crash in its middle. */
export interface MongoMigration {
  readonly id: string;
  readonly up: (db: Db) => Promise<void>;
}

/** In their order; the number of each is its position, from 1. */
export const MIGRATIONS: readonly MongoMigration[] = [createIndexes, indexEdits];

/** What the database says of its shape. */
export async function readMigrationStatus(
  db: Db,
  migrations: readonly MongoMigration[] = MIGRATIONS,
): Promise<MigrationStatus> {
  const document = await metaOf(db).findOne({ _id: SCHEMA }, { readConcern: { level: 'majority' } });
  const version = typeof document?.['version'] === 'number' ? document['version'] : 0;
  return { version, known: migrations.length, pending: migrations.slice(version).map(({ id }) => id) };
}

/**
 * Runs what is pending.
 * @returns ids of the steps that ran; of two processes at once only one runs any
 * @throws EverbearerError `configuration_missing` where the store is newer than the program
 */
export async function migrateDatabase(
  db: Db,
  clock: StoreClock,
  migrations: readonly MongoMigration[] = MIGRATIONS,
): Promise<readonly string[]> {
  return await whileLocked(metaOf(db), clock, async () => {
    const { version } = refuseNewer(await readMigrationStatus(db, migrations));
    const pending = migrations.slice(version);
    for (const [index, { id, up }] of pending.entries()) {
      await up(db);
      const done = { $set: { version: version + index + 1 }, $push: { applied: id } as object };
      await metaOf(db).updateOne({ _id: SCHEMA }, done, { upsert: true });
    }
    return pending.map(({ id }) => id);
  });
}

/** @throws EverbearerError `configuration_missing` for a shape that this program does not know */
export function refuseNewer(status: MigrationStatus): MigrationStatus {
  if (status.version <= status.known) return status;
  throw new EverbearerError(
    'configuration_missing',
    `The store was written by a newer Everbearer: its version is ${status.version}, this program knows ${status.known}.`,
    { hint: 'Use the newer Everbearer everywhere; it went through all earlier versions of the store.' },
  );
}

/** @throws EverbearerError `configuration_missing` for a store that must be migrated first: others may be using it in its present shape */
export function refusePending(status: MigrationStatus): MigrationStatus {
  if (status.pending.length === 0) return status;
  throw new EverbearerError(
    'configuration_missing',
    `The store has pending migrations: ${status.pending.join(', ')}.`,
    {
      hint: 'Stop older workers, then run: everbearer migrate',
    },
  );
}

const SCHEMA = 'schema';

function metaOf(db: Db): Collection<StoredDocument> {
  return db.collection<StoredDocument>('meta');
}
