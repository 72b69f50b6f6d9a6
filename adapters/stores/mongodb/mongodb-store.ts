/** The MongoDB store: one connection, the ports over it, and its migrations. */
import type { OpenStoreOptions, Store } from '../../../src/store.ts';
import { connect, openingFailure } from './connection.ts';
import type { MongoConnection } from './connection.ts';
import { createCredentialStore } from './credential-store.ts';
import { createEventStore } from './event-store.ts';
import { createIntegrationStore } from './integration-store.ts';
import { createKeyCheckStore } from './key-check-store.ts';
import { MIGRATIONS, migrateDatabase, readMigrationStatus, refuseNewer, refusePending } from './migrator.ts';
import type { MongoMigration } from './migrator.ts';
import { MongoModelStore } from './model-store.ts';
import { createStoreClock } from './store-clock.ts';
import { createTokenStore } from './token-store.ts';
import { translated } from './translate-error.ts';

export interface OpenMongoStoreOptions extends OpenStoreOptions {
  /**
   * What to do with a store that an older version left: `refuse` (default) is what every worker does, `allow` is for `migrate` and `doctor`, which look
   * at it and call `migrate()`. An empty database is migrated at once with `refuse`, and by `migrate()` alone with `allow`.
   */
  readonly pendingMigrations?: 'refuse' | 'allow';
  /** Default: those of this version. */
  readonly migrations?: readonly MongoMigration[];
}

/**
 * Opens a store.
 * @param url `mongodb://…` or `mongodb+srv://…`; the database is the one it names, else `everbearer`
 * @throws EverbearerError `store_unavailable` where no primary answers within 5 s (or the URL's own time-out); `configuration_missing` for a URL, login,
 *   server or version of the store that can't be used. No message holds the URL.
 */
export async function openMongoStore(url: string, options: OpenMongoStoreOptions = {}): Promise<Store> {
  const { clockOffsetMs, pendingMigrations = 'refuse', migrations = MIGRATIONS } = options;
  const connection = await connect(url);
  const { db } = connection;
  const clock = createStoreClock(db, clockOffsetMs);
  const status = async () => refuseNewer(await readMigrationStatus(db, migrations));
  const migrate = async () => await migrateUnhurried(url, options);
  try {
    const { version } = await status();
    if (pendingMigrations === 'refuse' && version === 0) await migrate();
    if (pendingMigrations === 'refuse') refusePending(await status());
  } catch (error) {
    await connection.close();
    throw openingFailure(error);
  }
  return {
    kind: 'mongodb',
    models: new MongoModelStore(db, clock),
    integrations: createIntegrationStore(db, clock),
    tokens: createTokenStore(db, clock),
    credentials: createCredentialStore(db, clock),
    events: createEventStore(db, clock),
    keys: createKeyCheckStore(db),
    migrationStatus: async () => await translated(async () => await readMigrationStatus(db, migrations)),
    migrate: async () => await translated(migrate),
    close: async () => await connection.close(),
  };
}

/** Through a connection without a socket time-out: an index over a large collection takes its time. */
async function migrateUnhurried(url: string, options: OpenMongoStoreOptions): Promise<readonly string[]> {
  const connection: MongoConnection = await connect(url, { socketTimeoutMS: 0 });
  try {
    return await migrateDatabase(
      connection.db,
      createStoreClock(connection.db, options.clockOffsetMs),
      options.migrations,
    );
  } finally {
    await connection.close();
  }
}
