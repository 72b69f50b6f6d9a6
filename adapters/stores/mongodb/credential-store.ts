/**
 * The credential guard's records in MongoDB. They are written rarely: read, changed by the pure function, and put back where they still are as they were
 * read (docs/decisions/0009).
 */
import type { Collection, Db } from 'mongodb';
import type { CredentialRecord } from '../../../src/token/credential-record.ts';
import type { CredentialResult, CredentialStore } from '../../../src/token/credential-store.ts';
import { applyCredentialTransition } from '../../../src/token/credential-transitions.ts';
import type { CredentialTransition } from '../../../src/token/credential-record.ts';
import { EverbearerError } from '../../../src/errors.ts';
import type { StoreClock } from './store-clock.ts';
import { duplicateField, translated } from './translate-error.ts';

interface CredentialDocument {
  readonly _id: string;
  /** Grows with each write. */
  readonly ver: number;
  readonly record: CredentialRecord;
}

/** How often a write is tried again when another one came between. */
const MOST_TRIES = 20;

/** @see CredentialStore */
export function createCredentialStore(db: Db, clock: StoreClock): CredentialStore {
  const credentials = db.collection<CredentialDocument>('credentials');
  return {
    apply: async (id, transition) => await translated(async () => await swapped(credentials, clock, id, transition)),
  };
}

async function swapped(
  credentials: Collection<CredentialDocument>,
  clock: StoreClock,
  id: string,
  transition: CredentialTransition,
): Promise<CredentialResult> {
  for (let tried = 0; tried < MOST_TRIES; tried += 1) {
    const stored = await credentials.findOne({ _id: { $eq: id } }, { readConcern: { level: 'majority' } });
    const now = await clock.read();
    const record = stored?.record;
    const after = applyCredentialTransition(id, record, transition, now);
    if (after === undefined) return { applied: false, now, ...(record === undefined ? {} : { record }) };
    if (await replaced(credentials, id, stored?.ver, after)) return { applied: true, now, record: after };
  }
  throw new EverbearerError('store_unavailable', 'The record of a credential is being written by too many at once.', {
    hint: 'Try again.',
  });
}

async function replaced(
  credentials: Collection<CredentialDocument>,
  id: string,
  ver: number | undefined,
  record: CredentialRecord,
): Promise<boolean> {
  if (ver !== undefined) {
    const { matchedCount } = await credentials.replaceOne({ _id: { $eq: id }, ver }, { ver: ver + 1, record });
    return matchedCount === 1;
  }
  try {
    await credentials.insertOne({ _id: id, ver: 1, record });
    return true;
  } catch (error) {
    if (duplicateField(error) === undefined) throw error;
    return false;
  }
}
