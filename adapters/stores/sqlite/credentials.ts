/** The CredentialStore: one row a credential. The lease of a process that is gone keeps nobody waiting. */
import type { CredentialRecord } from '../../../src/token/credential-record.ts';
import type { CredentialStore } from '../../../src/token/credential-store.ts';
import { applyCredentialTransition } from '../../../src/token/credential-transitions.ts';
import { type Connection, query } from './connection.ts';
import type { Host, ProcessIdentity } from './host.ts';

/** The record, and the process that took its lease. */
interface Stored {
  readonly record: CredentialRecord;
  readonly holder?: { readonly attempt: string; readonly process: ProcessIdentity };
}

const SELECT = query<{ record: string }>('SELECT record FROM credentials WHERE id = ?');
const UPSERT =
  'INSERT INTO credentials (id, record) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET record = excluded.record';

export function createCredentialStore(connection: Connection, host: Host): CredentialStore {
  function find(id: string): CredentialRecord | undefined {
    const row = connection.one(SELECT, id);
    return row === undefined ? undefined : withoutGoneHolder(host, JSON.parse(row.record) as Stored);
  }

  return {
    async apply(id, transition) {
      return await connection.write(() => {
        const now = connection.now();
        const record = find(id);
        const after = applyCredentialTransition(id, record, transition, now);
        if (after === undefined) return { applied: false, now, ...(record === undefined ? {} : { record }) };
        const stored: Stored = {
          record: after,
          ...(after.lease === undefined ? {} : { holder: { attempt: after.lease.attempt, process: host.process } }),
        };
        connection.run(UPSERT, id, JSON.stringify(stored));
        return { applied: true, now, record: after };
      });
    },
  };
}

function withoutGoneHolder(host: Host, { record, holder }: Stored): CredentialRecord {
  if (holder?.attempt !== record.lease?.attempt || holder === undefined) return record;
  const isGone = holder.process.namespace === host.process.namespace && host.isGone(holder.process);
  if (!isGone) return record;
  const { lease: _lease, ...free } = record;
  return free;
}
