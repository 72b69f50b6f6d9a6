/** The TokenStore: one row a record; a transition is read, `applyTransition` and write in one transaction. */
import { BoundedCache } from '../../../src/kernel/bounded-cache.ts';
import type { TokenRecord } from '../../../src/token/token-record.ts';
import type { EditedRecords, TokenRead, TokenStore, TransitionResult } from '../../../src/token/token-store.ts';
import type { TokenTransition } from '../../../src/token/token-transition.ts';
import { applyTransition, newTokenRecord } from '../../../src/token/transitions.ts';
import { type Connection, query, type Query } from './connection.ts';
import { afterTransition, type HostFacts, type HostTime, inLightOf } from './host-facts.ts';
import type { Host } from './host.ts';
import { instantFromStored, isoFromMs } from './instant.ts';
import { decodeToken, encodeToken } from './token-codec.ts';

/** Records that are kept parsed. */
const PARSED_KEPT = 10_000;

interface Row {
  readonly record: string;
  readonly host: string | null;
}

interface Parsed {
  readonly text: string;
  readonly factsText: string | null;
  readonly record: TokenRecord;
  readonly facts: HostFacts | undefined;
  /** State of the file that it was last found unchanged in. */
  seenIn: FileState;
}

/** Two equal states hold the same records: no other connection has committed, and this one has not written. */
interface FileState {
  readonly dataVersion: number;
  readonly ownWrites: number;
}

const DATA_VERSION = query<{ data_version: number }>('PRAGMA data_version');
const SELECT = query<Row>('SELECT record, host FROM tokens WHERE id = ?');
const IDS = query<{ id: string }>('SELECT id FROM tokens WHERE integration_id = ? ORDER BY id');
/** The very expression of the index. */
const EDITED_AT = `record ->> '$.edited_at'`;
/** Ids edited since an instant. */
export const EDITED_TOKENS: Query<{ id: string; at: string }> = query<{ id: string; at: string }>(
  `SELECT id, ${EDITED_AT} AS at FROM tokens WHERE ${EDITED_AT} >= ? ORDER BY ${EDITED_AT}, id LIMIT ?`,
);
const INSERT = 'INSERT INTO tokens (id, integration_id, record) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING';
const UPDATE = 'UPDATE tokens SET record = ?, host = ? WHERE id = ?';
const DELETE_ALL = 'DELETE FROM tokens WHERE integration_id = ?';

export function createTokenStore(connection: Connection, host: Host): TokenStore {
  const parsed = new BoundedCache<string, Parsed>({ maxEntries: PARSED_KEPT });
  let ownWrites = 0;

  const timeNow = (): HostTime => ({
    now: connection.now(),
    monotonicMs: host.monotonicMs() + connection.offsetMs(),
  });

  /** A record is parsed again only where its text has changed, and its text read again only where the file has. */
  function find(id: string, state: FileState): Parsed | undefined {
    const known = parsed.find(id);
    if (known?.seenIn.dataVersion === state.dataVersion && known.seenIn.ownWrites === state.ownWrites) return known;
    const row = connection.one(SELECT, id);
    if (row === undefined) {
      parsed.delete(id);
      return undefined;
    }
    if (known?.text === row.record && known.factsText === row.host) {
      known.seenIn = state;
      return known;
    }
    return keep(id, row, state);
  }

  function keep(id: string, row: Row, seenIn: FileState): Parsed {
    const facts = row.host === null ? undefined : (JSON.parse(row.host) as HostFacts);
    const made = { text: row.record, factsText: row.host, record: decodeToken(id, row.record), facts, seenIn };
    parsed.set(id, made);
    return made;
  }

  function fileState(): FileState {
    return { dataVersion: connection.one(DATA_VERSION)?.data_version ?? -1, ownWrites };
  }

  /** What was seen up to a write says nothing after it, whether it is committed or not. */
  async function write<T>(work: () => T): Promise<T> {
    return await connection.write(() => {
      try {
        return work();
      } finally {
        ownWrites += 1;
      }
    });
  }

  function readAll(ids: Iterable<string>): TokenRead {
    const time = timeNow();
    const state = fileState();
    const records = new Map<string, TokenRecord>();
    for (const id of ids) {
      const found = find(id, state);
      if (found !== undefined) records.set(id, inLightOf(host, found.facts, found.record, time));
    }
    return { now: time.now, records };
  }

  function applyOne(id: string, transition: TokenTransition): TransitionResult {
    const time = timeNow();
    const { now } = time;
    const stored = find(id, fileState());
    if (stored === undefined) return { applied: false, now };
    const seen = inLightOf(host, stored.facts, stored.record, time);
    const next = applyTransition(seen, transition, now);
    if (next === undefined) return { applied: false, now, record: seen };
    const after = afterTransition(host, stored, seen, next, time);
    const text = encodeToken(after.record);
    const factsText = after.facts === undefined ? null : JSON.stringify(after.facts);
    connection.run(UPDATE, text, factsText, id);
    return { applied: true, now, record: inLightOf(host, after.facts, decodeToken(id, text), time) };
  }

  function findEdited(since: number, limit: number): EditedRecords {
    const now = connection.now();
    const rows = connection.all(EDITED_TOKENS, isoFromMs(since), limit);
    return { now, edited: rows.map(({ id, at }) => ({ id, at: instantFromStored(at) ?? 0 })) };
  }

  return {
    async read(ids) {
      return ids.length === 1
        ? await connection.read(() => readAll(ids))
        : await connection.snapshot(() => readAll(ids));
    },

    async insert(made) {
      await write(() => {
        const record = newTokenRecord(made, connection.now());
        connection.run(INSERT, made.id, made.integration_id, encodeToken(record));
      });
    },

    async apply(id, transition) {
      return await write(() => applyOne(id, transition));
    },

    async list(integrationId) {
      return await connection.snapshot(() => readAll(connection.all(IDS, integrationId).map((row) => row.id)));
    },

    async removeAll(integrationId) {
      await write(() => connection.run(DELETE_ALL, integrationId));
    },

    async editedSince(since, limit) {
      return await connection.snapshot(() => findEdited(since, limit));
    },
  };
}
