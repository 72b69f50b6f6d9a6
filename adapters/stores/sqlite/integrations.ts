/** The IntegrationStore: one row an integration. */
import type {
  IntegrationRecord,
  IntegrationStore,
  NewIntegrationRecord,
} from '../../../src/integration/integration-store.ts';
import { type Connection, query, type Query } from './connection.ts';
import { instantFromStored, isoFromMs } from './instant.ts';
import { keyAfter, keyCursor, pageOf } from './paging.ts';

interface Row {
  readonly id: string;
  readonly name: string;
  readonly model: string;
  readonly rev: number;
  readonly created_at: string;
  readonly updated_at: string;
  readonly marks: string;
  readonly settings: string;
  readonly sealed: string;
}

const INSERT = `
INSERT INTO integrations (id, name, model, rev, marks, settings, sealed, created_at, updated_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO NOTHING`;
const BY_NAME = query<Row>('SELECT * FROM integrations WHERE name = ?');
const LIST = query<Row>('SELECT * FROM integrations WHERE name > ? ORDER BY name LIMIT ?');
const REPLACE = `
UPDATE integrations SET rev = ?, marks = ?, settings = ?, sealed = ?, updated_at = ? WHERE id = ? AND rev = ?`;
const DELETE = 'DELETE FROM integrations WHERE id = ?';
const REVISION = query<{ rev: number }>('SELECT rev FROM integrations WHERE id = ?');
const NAMES = query<{ name: string }>('SELECT name FROM integrations WHERE model = ? ORDER BY name LIMIT ?');
/** Integrations made or edited since an instant. */
export const EDITED_INTEGRATIONS: Query<Pick<Row, 'id' | 'name' | 'updated_at'>> = query(
  'SELECT id, name, updated_at FROM integrations WHERE updated_at >= ? ORDER BY updated_at, id LIMIT ?',
);

export function createIntegrationStore(connection: Connection): IntegrationStore {
  const nowText = (): string => isoFromMs(connection.now());
  return {
    async insert(record) {
      return await connection.write(() => {
        const now = nowText();
        const { id, name, model, rev } = record;
        const inserted = connection.run(INSERT, id, name, model, rev, ...contentOf(record), now, now);
        return inserted === 0 ? 'taken' : 'inserted';
      });
    },

    async findByName(name) {
      const row = await connection.read(() => connection.one(BY_NAME, name));
      return row === undefined ? undefined : recordOf(row);
    },

    async list(options) {
      const select = (limit: number): readonly Row[] => connection.all(LIST, keyAfter(options), limit);
      return await connection.read(() => pageOf(options, select, recordOf, (row) => keyCursor(row.name)));
    },

    async replace(record, ifRev) {
      return await connection.write(() => {
        const changed = connection.run(REPLACE, record.rev, ...contentOf(record), nowText(), record.id, ifRev);
        return changed === 0 ? 'changed' : 'replaced';
      });
    },

    async remove(id) {
      return await connection.write(() => connection.run(DELETE, id) > 0);
    },

    async revisions(ids) {
      return await connection.snapshot(() => {
        const found = ids.map((id) => [id, connection.one(REVISION, id)?.rev] as const);
        return new Map(found.flatMap(([id, rev]) => (rev === undefined ? [] : [[id, rev] as const])));
      });
    },

    async namesByModel(versionId, limit) {
      const rows = await connection.read(() => connection.all(NAMES, versionId, limit));
      return rows.map((row) => row.name);
    },

    async editedSince(since, limit) {
      return await connection.snapshot(() => {
        const now = connection.now();
        const rows = connection.all(EDITED_INTEGRATIONS, isoFromMs(since), limit);
        return {
          now,
          edited: rows.map(({ id, name, updated_at: at }) => ({ id, name, at: instantFromStored(at) ?? 0 })),
        };
      });
    },
  };
}

function contentOf(record: NewIntegrationRecord): readonly [string, string, string] {
  return [JSON.stringify(record.marks), JSON.stringify(record.settings), JSON.stringify(record.sealed)];
}

function recordOf(row: Row): IntegrationRecord {
  return {
    id: row.id,
    name: row.name,
    model: row.model,
    rev: row.rev,
    marks: JSON.parse(row.marks) as IntegrationRecord['marks'],
    settings: JSON.parse(row.settings) as IntegrationRecord['settings'],
    sealed: JSON.parse(row.sealed) as IntegrationRecord['sealed'],
    createdAt: instantFromStored(row.created_at) ?? 0,
    updatedAt: instantFromStored(row.updated_at) ?? 0,
  };
}
