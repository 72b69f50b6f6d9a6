/** The version of the file: recognised before anything is written, brought up under the write lock after a backup copy. */
import { EverbearerError } from '../../../src/errors.ts';
import type { MigrationStatus } from '../../../src/store.ts';
import { type Connection, query } from './connection.ts';
import { backUpDatabase } from './database-file.ts';
import { unsuitableFault } from './fault.ts';
import type { SqliteMigration } from './migrations.ts';

/** SQLite's `application_id`: tells our files from those of other programs. ASCII "EVBR". */
const APPLICATION_ID = 0x45564252;

/** How long a process waits for another one that migrates, milliseconds: a big file's backup copy takes its time. */
const MIGRATION_WAIT_MS = 60_000;

const APPLICATION = query<{ application_id: number }>('PRAGMA application_id');
const VERSION = query<{ user_version: number }>('PRAGMA user_version');
const TABLES = query<{ n: number }>('SELECT count(*) AS n FROM sqlite_schema');
const BROKEN = query<{ table: string }>('PRAGMA foreign_key_check');

/**
 * Reads only.
 * @throws EverbearerError `configuration_missing` for a store newer than the program, `store_unavailable` for a database of another program
 */
export async function checkSchema(connection: Connection, migrations: readonly SqliteMigration[]): Promise<void> {
  const { application, version, tables } = await connection.snapshot(() => ({
    application: connection.one(APPLICATION)?.application_id,
    version: readVersion(connection),
    tables: connection.one(TABLES)?.n,
  }));
  if (application !== APPLICATION_ID && (application !== 0 || tables !== 0)) {
    const hint = 'Name another file with --store; this one was not touched.';
    throw unsuitableFault(connection.path, 'is a database of another program', hint);
  }
  refuseNewer(connection.path, version, migrations.length);
}

export async function schemaStatus(
  connection: Connection,
  migrations: readonly SqliteMigration[],
): Promise<MigrationStatus> {
  const version = await connection.read(() => readVersion(connection));
  return { version, known: migrations.length, pending: migrations.slice(version).map((each) => each.id) };
}

/** Runs what is pending, all or nothing. Of several processes one does it, the others wait and find it done. @returns ids of those that ran */
export async function migrateSchema(
  connection: Connection,
  migrations: readonly SqliteMigration[],
): Promise<readonly string[]> {
  const isCurrent = await connection.read(() => readVersion(connection) === migrations.length);
  return isCurrent ? [] : await connection.write(() => bringUp(connection, migrations), MIGRATION_WAIT_MS);
}

function bringUp(connection: Connection, migrations: readonly SqliteMigration[]): readonly string[] {
  const version = readVersion(connection);
  refuseNewer(connection.path, version, migrations.length);
  const pending = migrations.slice(version);
  if (pending.length === 0) return [];
  if (version > 0) backUpDatabase(connection.path, `${version}-${timestamp(connection.now())}`);
  for (const migration of pending) migration.up(connection.database);
  refuseBrokenReferences(connection);
  connection.script(`PRAGMA user_version = ${migrations.length}; PRAGMA application_id = ${APPLICATION_ID}`);
  return pending.map((each) => each.id);
}

function readVersion(connection: Connection): number {
  return connection.one(VERSION)?.user_version ?? 0;
}

function refuseNewer(path: string, version: number, known: number): void {
  if (version <= known) return;
  throw new EverbearerError(
    'configuration_missing',
    `The store file ${path} has version ${version}; this program knows versions up to ${known}.`,
    {
      hint: `Use a newer Everbearer, or the backup copy that was made before the migration (${path}.backup-…).`,
      details: { version, known },
    },
  );
}

function refuseBrokenReferences(connection: Connection): void {
  const broken = connection.all(BROKEN);
  if (broken.length > 0) throw new Error(`A migration left ${broken.length} broken references.`);
}

/** `20250131T235959123Z`: sorts by time and may stand in a file name everywhere. */
function timestamp(now: number): string {
  return new Date(now).toISOString().replaceAll(/[-:.]/g, '');
}
