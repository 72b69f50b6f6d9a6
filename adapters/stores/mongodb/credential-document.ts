/** A credential's record as people meet it in the database: instants are dates. `version` counts its writes. */
import type { CredentialRecord } from '../../../src/token/credential-record.ts';
import type { StoredDocument } from './insert-once.ts';
import { readPart, storedPart } from './stored-part.ts';

export function credentialDocument({ id, ...fields }: CredentialRecord, version: number): StoredDocument {
  return { _id: id, ...storedPart(fields), version };
}

/** Counters that a person unset begin anew. */
export function credentialRecord({ _id: id, version: _version, ...fields }: StoredDocument): CredentialRecord {
  return { tries: 0, worked: false, updated_at: 0, ...readPart(fields), id };
}

/** 0 where a person unset it: the filter then asks for its absence. */
export function credentialVersion({ version }: StoredDocument): number {
  return typeof version === 'number' ? version : 0;
}
