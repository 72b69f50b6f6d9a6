/** The CredentialStore: one row a credential; a write is read, `applyCredentialTransition` and write in one transaction. */
import type { CredentialRecord, CredentialTransition } from '../../../src/token/credential-record.ts';
import type { CredentialResult, CredentialStore } from '../../../src/token/credential-store.ts';
import { applyCredentialTransition } from '../../../src/token/credential-transitions.ts';
import { type Connection, query } from './connection.ts';
import { decodeCredential, encodeCredential } from './credential-codec.ts';
import { effectiveLease, type HostTime, type LeaseFact, newLeaseFact } from './host-facts.ts';
import type { Host } from './host.ts';

/** What is kept beside a record about the holder of its lease, so that one who is gone keeps nobody waiting. */
interface Stored {
  readonly record: CredentialRecord;
  readonly fact: LeaseFact | undefined;
}

const SELECT = query<{ record: string; host: string | null }>('SELECT record, host FROM credentials WHERE id = ?');
const UPSERT = `
INSERT INTO credentials (id, record, host) VALUES (?, ?, ?)
ON CONFLICT (id) DO UPDATE SET record = excluded.record, host = excluded.host`;

export function createCredentialStore(connection: Connection, host: Host): CredentialStore {
  const timeNow = (): HostTime => ({
    now: connection.now(),
    monotonicMs: host.monotonicMs() + connection.offsetMs(),
  });

  function find(id: string): Stored | undefined {
    const row = connection.one(SELECT, id);
    if (row === undefined) return undefined;
    const fact = row.host === null ? undefined : (JSON.parse(row.host) as LeaseFact);
    return { record: decodeCredential(id, row.record), fact };
  }

  function applyOne(id: string, transition: CredentialTransition): CredentialResult {
    const time = timeNow();
    const { now } = time;
    const stored = find(id);
    const seen = stored === undefined ? undefined : inLightOf(host, stored, time);
    const next = applyCredentialTransition(id, seen, transition, now);
    if (next === undefined) return { applied: false, now, ...(seen === undefined ? {} : { record: seen }) };
    // Every write either takes the lease or ends it: none keeps another's.
    const fact = next.lease === undefined ? null : JSON.stringify(newLeaseFact(host, next.lease, time));
    connection.run(UPSERT, id, encodeCredential(next), fact);
    return { applied: true, now, record: next };
  }

  return {
    async apply(id, transition) {
      return await connection.write(() => applyOne(id, transition));
    },
  };
}

/** The record as it holds now. */
function inLightOf(host: Host, { record, fact }: Stored, time: HostTime): CredentialRecord {
  const lease = effectiveLease(host, fact, record.lease, time);
  return lease === undefined || lease === record.lease ? record : { ...record, lease };
}
