/** Which servers a store can stand on. */
import type { Document } from 'mongodb';
import { EverbearerError } from '../../../src/errors.ts';

/** MongoDB 5.0. */
const OLDEST_WIRE_VERSION = 13;

/**
 * Looks at the server's answer to `hello`.
 * @returns why the server can't be used, `configuration_missing`; `undefined` where it can
 */
export function serverRefusal(hello: Document): EverbearerError | undefined {
  if (hello['msg'] === 'isdbgrid') {
    return new EverbearerError(
      'configuration_missing',
      'The store is a sharded MongoDB cluster, which is not supported.',
      {
        hint: 'Use a replica set or a standalone server of its own: the store is small and its writes are ordered by record.',
      },
    );
  }
  const wireVersion: unknown = hello['maxWireVersion'];
  if (typeof wireVersion !== 'number' || wireVersion < OLDEST_WIRE_VERSION) {
    return new EverbearerError('configuration_missing', 'The MongoDB server is older than 5.0.', {
      hint: 'Use MongoDB 5.0 or newer.',
    });
  }
  return undefined;
}
