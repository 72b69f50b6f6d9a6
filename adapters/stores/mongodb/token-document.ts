/**
 * A token's record as people meet it in the database: instants are dates, and failures a list (the newest first), because a fingerprint is no safe field
 * name. What a person may have done to it by hand (a part unset, a date typed as text) is read as well as it can be, and members that this program does
 * not know are carried along.
 */
import { isObject } from '../../../src/kernel/json.ts';
import type { RecordedFailure, TokenRecord } from '../../../src/token/token-record.ts';
import type { StoredDocument } from './insert-once.ts';
import { epochMs, isInstant, mapFields, readPart, storedPart } from './stored-part.ts';
import type { Fields } from './stored-part.ts';

/** Parts that hold instants. Where one is no sub-document it is as good as absent. */
const TIMED_PARTS: readonly string[] = ['rt', 'lease', 'rejected'] satisfies (keyof TokenRecord)[];

/** The document of a whole record. */
export function tokenDocument(record: TokenRecord): StoredDocument {
  const { id, at, fail, ...rest } = record;
  const stored = mapFields(rest, (name, value) => {
    if (typeof value === 'number' && isInstant(name)) return new Date(value);
    return TIMED_PARTS.includes(name) && isObject(value) ? storedPart(value) : value;
  });
  return { _id: id, ...stored, at: storedPart(at), ...(fail === undefined ? {} : { fail: failureList(fail) }) };
}

/** The record of a document. What a person wrote under `manual` is left as the driver reads it. */
export function tokenRecord(document: StoredDocument): TokenRecord {
  const { _id: id, at, fail, ...rest } = document;
  const read = mapFields(rest, (name, value) => {
    if (isInstant(name)) return epochMs(value);
    if (TIMED_PARTS.includes(name)) return isObject(value) ? readPart(value) : undefined;
    return value ?? undefined;
  });
  const failures = failureMap(fail);
  const accessToken = isObject(at) && typeof at['id'] === 'string' ? readPart(at) : { id: '' };
  return {
    id,
    ...read,
    at: accessToken,
    ...(failures === undefined ? {} : { fail: failures }),
  } as unknown as TokenRecord;
}

function failureList(failures: Readonly<Record<string, RecordedFailure>>): readonly Fields[] {
  return Object.entries(failures)
    .toSorted(([, a], [, b]) => b.at - a.at)
    .map(([fingerprint, failure]) => ({ cfg_fp: fingerprint, ...storedPart(failure) }));
}

function failureMap(list: unknown): Fields | undefined {
  const entries = Array.isArray(list) ? list.filter(isFailure) : [];
  if (entries.length === 0) return undefined;
  return Object.fromEntries(entries.map(({ cfg_fp: fingerprint, ...failure }) => [fingerprint, readPart(failure)]));
}

function isFailure(entry: unknown): entry is Fields & { readonly cfg_fp: string } {
  return isObject(entry) && typeof entry['cfg_fp'] === 'string';
}
