/**
 * The credential guard's records in MongoDB. They are written seldom, so a write is not compiled: read with the server's time, the pure function, and a
 * replacement of the very version that was read. Whoever loses such a race has seen another's write, and looks again.
 */
import type { Collection, Db } from 'mongodb';
import { EverbearerError } from '../../../src/errors.ts';
import type { CredentialRecord, CredentialTransition } from '../../../src/token/credential-record.ts';
import type { CredentialResult, CredentialStore } from '../../../src/token/credential-store.ts';
import { applyCredentialTransition } from '../../../src/token/credential-transitions.ts';
import { credentialDocument, credentialRecord, credentialVersion } from './credential-document.ts';
import type { StoredDocument } from './insert-once.ts';
import type { StoreClock } from './store-clock.ts';
import { duplicateField, translated } from './translate-error.ts';

/** Races that one write may lose. */
const MOST_TRIES = 20;

interface Seen {
  readonly now: number;
  readonly record?: CredentialRecord;
  /** Of the document; absent where there is none. */
  readonly version?: number;
}

/** @see CredentialStore */
export function createCredentialStore(db: Db, clock: StoreClock): CredentialStore {
  const credentials = db.collection<StoredDocument>('credentials');
  return {
    apply: async (id, transition) => await translated(async () => await applyTo(credentials, clock, id, transition)),
  };
}

async function applyTo(
  credentials: Collection<StoredDocument>,
  clock: StoreClock,
  id: string,
  transition: CredentialTransition,
): Promise<CredentialResult> {
  for (let tried = 0; tried < MOST_TRIES; tried += 1) {
    const seen = await readCredential(credentials, clock, id, 'local');
    const next = applyCredentialTransition(id, seen.record, transition, seen.now);
    if (next === undefined) return await asItStands(credentials, clock, id);
    if (await replaceVersion(credentials, next, seen.version)) return { applied: true, now: seen.now, record: next };
  }
  throw new EverbearerError('store_unavailable', 'Too many workers write the same credential at once.', {
    hint: 'Try again.',
  });
}

async function readCredential(
  credentials: Collection<StoredDocument>,
  clock: StoreClock,
  id: string,
  level: 'local' | 'majority',
): Promise<Seen> {
  const [row] = await credentials
    .find({ _id: { $eq: id } }, { readConcern: { level } })
    .project<{ readonly document: StoredDocument; readonly now: Date }>({
      _id: 0,
      document: '$$ROOT',
      now: clock.now(),
    })
    .toArray();
  if (row === undefined) return { now: await clock.read() };
  const { document, now } = row;
  return { now: now.getTime(), record: credentialRecord(document), version: credentialVersion(document) };
}

/** With majority, so that a write which could still be rolled back is not reported as what stood in the way, nor as one's own. */
async function asItStands(
  credentials: Collection<StoredDocument>,
  clock: StoreClock,
  id: string,
): Promise<CredentialResult> {
  const { now, record } = await readCredential(credentials, clock, id, 'majority');
  return { applied: false, now, ...(record === undefined ? {} : { record }) };
}

/** @returns whether the version that was read still stood there */
async function replaceVersion(
  credentials: Collection<StoredDocument>,
  record: CredentialRecord,
  version: number | undefined,
): Promise<boolean> {
  const document = credentialDocument(record, (version ?? 0) + 1);
  if (version === undefined) return await insertFirst(credentials, document);
  const asRead = version === 0 ? { $exists: false } : { $eq: version };
  const { _id: id, ...fields } = document;
  const { matchedCount } = await credentials.replaceOne({ _id: { $eq: id }, version: asRead }, fields);
  return matchedCount === 1;
}

async function insertFirst(credentials: Collection<StoredDocument>, document: StoredDocument): Promise<boolean> {
  try {
    await credentials.insertOne(document);
    return true;
  } catch (error) {
    // Two first tries at once.
    if (duplicateField(error) === '_id') return false;
    throw error;
  }
}
