/** A credential's record as JSON text and back; what a person removed by hand comes back in the shape that the program expects. */
import type { CredentialRecord } from '../../../src/token/credential-record.ts';
import { decodeRecord, encodeRecord, type InstantPaths } from './record-codec.ts';

const INSTANTS: InstantPaths = [['lease', 'until'], ['refused', 'at'], ['next_at'], ['updated_at']];

export function encodeCredential(record: CredentialRecord): string {
  return encodeRecord(record, INSTANTS);
}

/** @param id of the row */
export function decodeCredential(id: string, text: string): CredentialRecord {
  const node = decodeRecord(text, INSTANTS, ['lease', 'refused']);
  return { tries: 0, worked: false, updated_at: 0, ...node, id };
}
