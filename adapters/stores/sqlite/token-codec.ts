/**
 * A token's record as JSON text and back. Members that this program does not know stay as they are; what a person removed by hand comes back in the
 * shape that the program expects. Read records are frozen: they are shared by all who read the same text.
 */
import { isObject } from '../../../src/kernel/json.ts';
import type { TokenRecord } from '../../../src/token/token-record.ts';
import { decodeRecord, encodeRecord, type InstantPaths } from './record-codec.ts';

const INSTANTS: InstantPaths = [
  ['at', 'issued_at'],
  ['at', 'expires_at'],
  ['at', 'soft_at'],
  ['at', 'hard_at'],
  ['rt', 'expires_at'],
  ['rt', 'doubt', 'at'],
  ['rt', 'refused', 'at'],
  ['lease', 'until'],
  ['fail', '*', 'at'],
  ['fail', '*', 'next_at'],
  ['rejected', 'at'],
  ['rejected', 'next_at'],
  ['created_at'],
  ['updated_at'],
  ['edited_at'],
];

/** Parts that are as good as absent where a person left something else than an object. */
const PARTS: readonly (keyof TokenRecord)[] = ['rt', 'lease', 'fail', 'rejected'];

export function encodeToken(record: TokenRecord): string {
  return encodeRecord(record, INSTANTS);
}

/** @param id of the row: what is left of a record that a person has thinned out belongs to it */
export function decodeToken(id: string, text: string): TokenRecord {
  const { at, manual, ...node } = decodeRecord(text, INSTANTS, PARTS);
  const record = {
    ...{ ver: 0, epoch: 0, rev: 0, cfg_ver: 0, ...node, id, at: { id: '', ...(isObject(at) ? at : {}) } },
    ...(manual === undefined || manual === null ? {} : { manual }),
  };
  return deepFreeze(record) as unknown as TokenRecord;
}

function deepFreeze(value: object): object {
  for (const member of Object.values(value))
    if (typeof member === 'object' && member !== null) deepFreeze(member as object);
  return Object.freeze(value);
}
