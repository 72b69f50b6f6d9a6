/** The credential guard's port over a map: the pure transitions and nothing else. */
import type { CredentialRecord } from '../../src/token/credential-record.ts';
import type { CredentialStore } from '../../src/token/credential-store.ts';
import { applyCredentialTransition } from '../../src/token/credential-transitions.ts';

export interface MemoryCredentialStore extends CredentialStore {
  readonly records: Map<string, CredentialRecord>;
}

export function createMemoryCredentialStore(now: () => number): MemoryCredentialStore {
  const records = new Map<string, CredentialRecord>();
  return {
    records,
    async apply(id, transition) {
      await Promise.resolve();
      const record = records.get(id);
      const after = applyCredentialTransition(id, record, transition, now());
      if (after !== undefined) records.set(id, after);
      const stands = after ?? record;
      return { applied: after !== undefined, now: now(), ...(stands === undefined ? {} : { record: stands }) };
    },
  };
}
