/** A lock over a database: a document with an expiry, so that a crashed holder keeps nobody out for long. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Collection } from 'mongodb';
import { EverbearerError } from '../../../src/errors.ts';
import { insertOnce } from './insert-once.ts';
import type { StoredDocument } from './insert-once.ts';
import type { StoreClock } from './store-clock.ts';
import { duplicateField } from './translate-error.ts';

const ID = 'migration-lock';
const TTL_MS = 60_000;
const RENEW_MS = 20_000;
const POLL_MS = 100;
const WAIT_MS = 90_000;
const FREE = new Date(0);

/**
 * Runs under the lock, which is renewed meanwhile and given back at the end.
 * @throws EverbearerError `store_unavailable` where another process holds it for too long
 */
export async function whileLocked<T>(
  meta: Collection<StoredDocument>,
  clock: StoreClock,
  operation: () => Promise<T>,
): Promise<T> {
  const holder = randomUUID();
  await acquireLock(meta, clock, holder);
  const renewal = setInterval(() => void hold(meta, clock, { holder }, holder).catch(() => undefined), RENEW_MS);
  try {
    return await operation();
  } finally {
    clearInterval(renewal);
    await meta.updateOne({ _id: ID, holder }, { $set: { until: FREE } });
  }
}

async function acquireLock(meta: Collection<StoredDocument>, clock: StoreClock, holder: string): Promise<void> {
  await insertOnce(meta, clock, { id: ID, fields: { until: FREE }, stamps: [] }).catch((error: unknown) => {
    if (duplicateField(error) === undefined) throw error;
  });
  const deadline = performance.now() + WAIT_MS;
  while (!(await hold(meta, clock, { $expr: { $lt: ['$until', clock.now()] } }, holder))) {
    if (performance.now() > deadline) {
      throw new EverbearerError('store_unavailable', 'Another process has been migrating the store for too long.', {
        hint: 'Wait for it to end, or end it; its lock runs out a minute later.',
      });
    }
    await sleep(POLL_MS);
  }
}

async function hold(
  meta: Collection<StoredDocument>,
  clock: StoreClock,
  guard: object,
  holder: string,
): Promise<boolean> {
  const held = { holder: { $literal: holder }, until: { $add: [clock.now(), TTL_MS] } };
  const { matchedCount } = await meta.updateOne({ ...guard, _id: ID }, [{ $set: held }]);
  return matchedCount === 1;
}
