/** A checked connection: right kind of server, majority writes, primary reads. */
import { MongoClient, ReadConcern } from 'mongodb';
import type { Db, MongoClientOptions } from 'mongodb';
import { EverbearerError } from '../../../src/errors.ts';
import { databaseName, defaultsFor } from './connection-string.ts';
import { serverRefusal } from './server-requirements.ts';
import { isLoginFailure, isRightsFailure, translateError } from './translate-error.ts';

/** A majority that takes longer is reported as an unknown outcome. */
const WRITE_CONCERN_TIMEOUT_MS = 5_000;

export interface MongoConnection {
  readonly db: Db;
  close(): Promise<void>;
}

/**
 * Connects and looks at the server. The URL's own write concern and read preference are not followed: the store's promises need these.
 * @param options beyond the defaults, e.g. without a socket time-out for an index build
 * @throws EverbearerError `store_unavailable` where no primary answers in time; `configuration_missing` for a URL, login or server that can't be used
 */
export async function connect(url: string, options: MongoClientOptions = {}): Promise<MongoConnection> {
  const client = createClient(url, options);
  try {
    await client.connect();
    const db = client.db(databaseName(url), {
      writeConcern: { w: 'majority', journal: true, wtimeoutMS: WRITE_CONCERN_TIMEOUT_MS },
      readConcern: new ReadConcern('local'),
      readPreference: 'primary',
      ignoreUndefined: true,
    });
    const refusal = serverRefusal(await db.command({ hello: 1 }));
    if (refusal !== undefined) throw refusal;
    return { db, close: async () => await client.close() };
  } catch (error) {
    await client.close().catch(() => undefined);
    throw openingFailure(error);
  }
}

/**
 * A client that is not connected. The parser's errors can quote the URL, password and all: none is passed on.
 * @throws EverbearerError `configuration_missing`
 */
export function createClient(url: string, options: MongoClientOptions): MongoClient {
  try {
    databaseName(url);
    return new MongoClient(url, { ...defaultsFor(url), ...options });
  } catch {
    throw new EverbearerError('configuration_missing', "The store's MongoDB URL cannot be read.", {
      hint: 'Write it as mongodb://user:password@host:port/database, with :/?#[]@ in user and password percent-encoded.',
    });
  }
}

/** An error met while a store is opened: what a person has to set right is `configuration_missing`, not an outage. */
export function openingFailure(error: unknown): unknown {
  if (isLoginFailure(error)) {
    return new EverbearerError('configuration_missing', 'MongoDB refused the user or password of the store URL.', {
      hint: 'Correct user and password; a user of another database needs ?authSource=<database>.',
      cause: error,
    });
  }
  if (isRightsFailure(error)) {
    return new EverbearerError('configuration_missing', 'MongoDB does not let this user work on the database.', {
      hint: 'Name a user in the store URL who has the role readWrite on its database.',
      cause: error,
    });
  }
  if (isNameFailure(error)) {
    return new EverbearerError('store_unavailable', "The name of the store's MongoDB cannot be resolved.", {
      hint: "Check the host in the store URL, and this machine's DNS.",
      cause: error,
    });
  }
  return translateError(error);
}

/** `mongodb+srv://` is resolved before the driver's own errors begin. */
function isNameFailure(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
