/** The port for the credential guard's records. */
import type { CredentialRecord, CredentialTransition } from './credential-record.ts';

export interface CredentialResult {
  /** Whether the write was made. */
  readonly applied: boolean;
  /** The store's clock at the write, epoch milliseconds. */
  readonly now: number;
  /** The record after a write that was made, or as it stands; absent: there is none. */
  readonly record?: CredentialRecord;
}

/** @throws EverbearerError `store_unavailable` from every call */
export interface CredentialStore {
  /** One atomic write of what `applyCredentialTransition` says, majority-acknowledged and journalled. */
  apply(id: string, transition: CredentialTransition): Promise<CredentialResult>;
}
