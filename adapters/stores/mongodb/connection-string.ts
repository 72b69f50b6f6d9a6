/** What a store's URL says, and what we add to it. */

const DEFAULT_DATABASE = 'everbearer';

/** Options that a URL may set otherwise. Times are milliseconds. */
const DEFAULTS = {
  appName: 'everbearer',
  serverSelectionTimeoutMS: 5_000,
  connectTimeoutMS: 5_000,
  waitQueueTimeoutMS: 5_000,
  socketTimeoutMS: 10_000,
} as const;

/** WHATWG URLs can't hold several hosts. A slash in a user or password is percent-encoded, or the driver refuses it. */
const CONNECTION_STRING = /^mongodb(?:\+srv)?:\/\/[^/?]+(?:\/(?<database>[^?]*))?(?:\?(?<query>.*))?$/s;

/**
 * The database that a connection string names, else `everbearer`.
 * @throws URIError where the name is not percent-encoded as it should be
 */
export function databaseName(url: string): string {
  const database = CONNECTION_STRING.exec(url)?.groups?.['database'];
  return database === undefined || database === '' ? DEFAULT_DATABASE : decodeURIComponent(database);
}

/** What a connection string leaves to us, as options of the driver. */
export function defaultsFor(url: string): Partial<typeof DEFAULTS> {
  const query = new URLSearchParams(CONNECTION_STRING.exec(url)?.groups?.['query'] ?? '');
  const given = new Set([...query.keys()].map((name) => name.toLowerCase()));
  return Object.fromEntries(Object.entries(DEFAULTS).filter(([name]) => !given.has(name.toLowerCase())));
}
