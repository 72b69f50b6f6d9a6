/**
 * A token's record as people meet it in the database: instants are dates, and failures a list (the newest first), because a fingerprint is no safe field
 * name. What a person may have done to it by hand (a part unset, a date typed as text) is read as well as it can be, and members that this program does
 * not know are carried along.
 */
import { isObject } from '../../../src/kernel/json.ts';
import type { RecordedFailure, TokenRecord } from '../../../src/token/token-record.ts';
import type { StoredDocument } from './insert-once.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Parts that hold instants, in fields called `at`, `until` or `…_at`. */
const TIMED_PARTS: readonly string[] = ['rt', 'lease', 'rejected'] satisfies (keyof TokenRecord)[];

/** A part of a record as it is stored. */
export function storedPart(part: object): Fields {
  return mapFields(part, (name, value) => {
    if (typeof value === 'number' && isInstant(name)) return new Date(value);
    return isObject(value) ? storedPart(value) : value;
  });
}

/** The document of a whole record. */
export function tokenDocument(record: TokenRecord): StoredDocument {
  const { id, at, fail, ...rest } = record;
  const stored = mapFields(rest, (name, value) => {
    if (typeof value === 'number' && isInstant(name)) return new Date(value);
    return TIMED_PARTS.includes(name) && isObject(value) ? storedPart(value) : value;
  });
  return { _id: id, ...stored, at: storedPart(at), ...(fail === undefined ? {} : { fail: failureList(fail) }) };
}

/** The record of a document. */
export function tokenRecord(document: StoredDocument): TokenRecord {
  const { _id: id, at, fail, ...rest } = document;
  const read = mapFields(rest, (name, value) => {
    if (isInstant(name)) return epochMs(value);
    return TIMED_PARTS.includes(name) && isObject(value) ? readPart(value) : value;
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

function readPart(part: object): Fields {
  return mapFields(part, (name, value) => {
    if (isInstant(name)) return epochMs(value);
    return isObject(value) ? readPart(value) : value;
  });
}

/** Also of a text or number that somebody typed; what is no instant at all is as good as absent. */
function epochMs(value: unknown): number | undefined {
  const ms = value instanceof Date ? value.getTime() : typeof value === 'string' ? Date.parse(value) : value;
  return typeof ms === 'number' && Number.isFinite(ms) ? ms : undefined;
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

function isInstant(name: string): boolean {
  return name === 'at' || name === 'until' || name.endsWith('_at');
}

/** A field that is mapped to `undefined` is left out. A plain loop: a read batch maps thousands of fields on the path of every call. */
function mapFields(part: object, map: (name: string, value: unknown) => unknown): Fields {
  const fields = part as Fields;
  const mapped: Record<string, unknown> = {};
  for (const name of Object.keys(fields)) {
    const value = name === '__proto__' ? undefined : map(name, fields[name]);
    if (value !== undefined) mapped[name] = value;
  }
  return mapped;
}
