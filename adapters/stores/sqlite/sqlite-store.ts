/** The embedded store: every port over one SQLite file. */
import { resolve } from 'node:path';
import type { OpenStoreOptions, Store } from '../../../src/store.ts';
import { configureConnection, Connection } from './connection.ts';
import { createCredentialStore } from './credentials.ts';
import { prepareDatabaseFile } from './database-file.ts';
import { createEventStore } from './events.ts';
import { translateFault } from './fault.ts';
import { type Host, readHost } from './host.ts';
import { createIntegrationStore } from './integrations.ts';
import { createKeyCheckStore } from './key-check.ts';
import { SQLITE_MIGRATIONS, type SqliteMigration } from './migrations.ts';
import { createModelStore } from './models.ts';
import { checkSchema, migrateSchema, schemaStatus } from './schema.ts';
import { createTokenStore } from './tokens.ts';

export interface SqliteStoreOptions extends OpenStoreOptions {
  /** Brings the file up at once. Without, and with steps pending, only `migrationStatus`, `migrate` and `close` may be called. Default true. */
  readonly migrateOnOpen?: boolean;
  /** How long a call waits for another process's lock, milliseconds. Default 5,000. */
  readonly lockWaitMs?: number;
  /** How many events are kept. Default 100,000. */
  readonly eventsKept?: number;
  /** Steps of the schema. Default: those of `migrations/sqlite`. */
  readonly migrations?: readonly SqliteMigration[];
  /** The machine's processes and monotonic clock. Default: the real ones. */
  readonly host?: Host;
}

/**
 * Opens the file, makes it (mode 0600, its directory 0700) where it is missing, and brings its schema up.
 *
 * @param path of the file, without `sqlite:`
 * @throws EverbearerError `store_unavailable` (its message tells directory, foreign or damaged file, missing rights, full disk and lock apart),
 * `configuration_missing` for a store newer than the program
 */
export async function openSqliteStore(path: string, options: SqliteStoreOptions = {}): Promise<Store> {
  const { migrations = SQLITE_MIGRATIONS, migrateOnOpen = true } = options;
  const connection = openConnection(resolve(path), options);
  try {
    await checkSchema(connection, migrations);
    await configureConnection(connection);
    if (migrateOnOpen) await migrateSchema(connection, migrations);
  } catch (error) {
    connection.close();
    throw error;
  }
  const host = options.host ?? readHost();
  return {
    kind: 'sqlite',
    models: createModelStore(connection),
    integrations: createIntegrationStore(connection),
    tokens: createTokenStore(connection, host),
    credentials: createCredentialStore(connection, host),
    events: createEventStore(connection, options.eventsKept),
    keys: createKeyCheckStore(connection),
    migrationStatus: () => schemaStatus(connection, migrations),
    migrate: () => migrateSchema(connection, migrations),
    close: async () => {
      connection.close();
    },
  };
}

function openConnection(path: string, options: SqliteStoreOptions): Connection {
  try {
    prepareDatabaseFile(path);
    return new Connection(path, options);
  } catch (error) {
    throw translateFault(error, path);
  }
}
