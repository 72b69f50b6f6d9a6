/**
 * A real MongoDB for tests.
 *
 * ```ts
 * import { freshMongodbUri, hasMongodb } from '../support/mongodb.ts';
 *
 * describe.skipIf(!hasMongodb)('MongoDB token store', () => {
 *   const uri = freshMongodbUri(); // a database of its own on the server of this run
 * ```
 *
 * The server is started, and its absence reported, by `mongodb-global-setup.ts`; databases go with the run.
 */
import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import type {} from './mongodb-global-setup.ts';

const mongodb = inject('mongodb');

/** Whether this run has a MongoDB; where it has none, that was said at its start (and in CI the run has failed). */
export const hasMongodb: boolean = mongodb !== null;

/**
 * A connection string that names a database nobody else uses.
 *
 * @throws {Error} when there is no MongoDB: guard with {@link hasMongodb}.
 */
export function freshMongodbUri(): string {
  if (mongodb === null) throw new Error('No MongoDB in this run: guard the test with describe.skipIf(!hasMongodb).');
  return withDatabase(mongodb.uri, `${mongodb.databasePrefix}${randomBytes(6).toString('hex')}`);
}

/** The connection string with this database. WHATWG URLs cannot hold MongoDB's comma-separated hosts, so the name is placed by hand. @throws Error where it is none */
export function withDatabase(uri: string, database: string): string {
  const parts = /^(?<hosts>[^:]+:\/\/[^/?]+)(?:\/[^?]*)?(?<query>\?.*)?$/.exec(uri);
  if (parts?.groups === undefined)
    throw new Error('MONGODB_URI is not a connection string: mongodb://host[:port][/…].');
  return `${parts.groups['hosts'] ?? ''}/${database}${parts.groups['query'] ?? ''}`;
}
