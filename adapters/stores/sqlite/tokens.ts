/** The TokenStore: one row a record; a transition is read, `applyTransition` and write in one transaction. */
import type { TokenRecord } from '../../../src/token/token-record.ts';
import type { TokenRead, TokenStore, TransitionResult } from '../../../src/token/token-store.ts';
import type { TokenTransition } from '../../../src/token/token-transition.ts';
import { applyTransition, newTokenRecord } from '../../../src/token/transitions.ts';
import { type Connection, query } from './connection.ts';
import { afterTransition, type HostFacts, type HostTime, inLightOf } from './host-facts.ts';
import type { Host } from './host.ts';
import { decodeToken, encodeToken } from './token-codec.ts';

/** Parsed records that are kept, so that an unchanged one is not parsed again. */
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
}

const SELECT = query<Row>('SELECT record, host FROM tokens WHERE id = ?');
const IDS = query<{ id: string }>('SELECT id FROM tokens WHERE integration_id = ? ORDER BY id');
const INSERT = 'INSERT INTO tokens (id, integration_id, record) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING';
const UPDATE = 'UPDATE tokens SET record = ?, host = ? WHERE id = ?';
const DELETE_ALL = 'DELETE FROM tokens WHERE integration_id = ?';

export function createTokenStore(connection: Connection, host: Host): TokenStore {
  const parse = createParser();

  const timeNow = (): HostTime => ({
    now: connection.now(),
    monotonicMs: host.monotonicMs() + connection.offsetMs(),
  });

  function find(id: string): Parsed | undefined {
    const row = connection.one(SELECT, id);
    return row === undefined ? undefined : parse(id, row.record, row.host);
  }

  function readAll(ids: Iterable<string>): TokenRead {
    const time = timeNow();
    const records = new Map<string, TokenRecord>();
    for (const id of ids) {
      const found = find(id);
      if (found !== undefined) records.set(id, inLightOf(host, found.facts, found.record, time));
    }
    return { now: time.now, records };
  }

  function applyOne(id: string, transition: TokenTransition): TransitionResult {
    const time = timeNow();
    const { now } = time;
    const stored = find(id);
    if (stored === undefined) return { applied: false, now };
    const seen = inLightOf(host, stored.facts, stored.record, time);
    const next = applyTransition(seen, transition, now);
    if (next === undefined) return { applied: false, now, record: seen };
    const after = afterTransition(host, stored, seen, next, time);
    const text = encodeToken(after.record);
    const factsText = after.facts === undefined ? null : JSON.stringify(after.facts);
    connection.run(UPDATE, text, factsText, id);
    const written = parse(id, text, factsText);
    return { applied: true, now, record: inLightOf(host, written.facts, written.record, time) };
  }

  return {
    async read(ids) {
      if (ids.length === 1) return await connection.read(() => readAll(ids));
      return await connection.snapshot(() => readAll(ids));
    },

    async insert(made) {
      await connection.write(() => {
        const record = newTokenRecord(made, connection.now());
        connection.run(INSERT, made.id, made.integration_id, encodeToken(record));
      });
    },

    async apply(id, transition) {
      return await connection.write(() => applyOne(id, transition));
    },

    async list(integrationId) {
      return await connection.snapshot(() => {
        const rows = connection.all(IDS, integrationId);
        return readAll(rows.map((row) => row.id));
      });
    },

    async removeAll(integrationId) {
      await connection.write(() => connection.run(DELETE_ALL, integrationId));
    },
  };
}

/** Parses a row, or gives what the same text gave before. Entries of removed records age out with the rest. */
function createParser(): (id: string, text: string, factsText: string | null) => Parsed {
  const kept = new Map<string, Parsed>();
  return (id, text, factsText) => {
    const known = kept.get(id);
    if (known?.text === text && known.factsText === factsText) return known;
    const facts = factsText === null ? undefined : (JSON.parse(factsText) as HostFacts);
    const parsed: Parsed = { text, factsText, record: decodeToken(id, text), facts };
    kept.delete(id);
    kept.set(id, parsed);
    if (kept.size > PARSED_KEPT) for (const oldest of kept.keys()) if (kept.delete(oldest)) break;
    return parsed;
  };
}
