/** SQLite stores in temporary directories, and the looks behind them that the contract suite asks for. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { encodeCredential } from '../../../adapters/stores/sqlite/credential-codec.ts';
import { openSqliteStore, type SqliteStoreOptions } from '../../../adapters/stores/sqlite/sqlite-store.ts';
import { encodeToken } from '../../../adapters/stores/sqlite/token-codec.ts';
import type { Store } from '../../../src/store.ts';
import type { TokenRecord } from '../../../src/token/token-record.ts';
import type { HandEdit, StoreUnderTest } from '../contract/store-under-test.ts';

export interface SqliteUnderTest extends StoreUnderTest {
  readonly path: string;
}

export function temporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'everbearer-sqlite-'));
}

export async function openTemporarySqlite(options: SqliteStoreOptions = {}): Promise<SqliteUnderTest> {
  const directory = temporaryDirectory();
  const path = join(directory, 'everbearer.db');
  const opened: Store[] = [];
  const another = async (more: SqliteStoreOptions = options): Promise<Store> => {
    const store = await openSqliteStore(path, more);
    opened.push(store);
    return store;
  };
  return {
    path,
    store: await another(),
    another,

    async putToken(record) {
      putToken(path, record);
    },

    async putCredential(record) {
      const sql = 'INSERT OR REPLACE INTO credentials (id, record) VALUES (?, ?)';
      editDatabase(path, (database) => database.prepare(sql).run(record.id, encodeCredential(record)));
    },

    async editToken(id, edit) {
      editToken(path, id, edit);
    },

    async dispose() {
      for (const store of opened) await store.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** A record as a restore puts it. */
export function putToken(path: string, record: TokenRecord): void {
  const sql = 'INSERT OR REPLACE INTO tokens (id, integration_id, record) VALUES (?, ?, ?)';
  editDatabase(path, (database) => database.prepare(sql).run(record.id, record.integration_id, encodeToken(record)));
}

/** A person's edit of a token's record. */
export function editToken(path: string, id: string, edit: HandEdit): void {
  const [sql, value] = statementOf(edit);
  editDatabase(path, (database) => database.prepare(sql).run(value, id));
}

/** The very statements that the documentation gives to people. */
function statementOf(edit: HandEdit): readonly [string, string] {
  if (edit.kind === 'unset') {
    return ['UPDATE tokens SET record = json_remove(record, ?) WHERE id = ?', `$.${edit.part}`];
  }
  if (edit.kind === 'write-manual') {
    const sql = `UPDATE tokens SET record = json_set(record, '$.manual', json(?)) WHERE id = ?`;
    return [sql, JSON.stringify(edit.manual)];
  }
  const sql = `UPDATE tokens SET record = json_set(record, '$.at.expires_at', datetime(?, 'unixepoch')) WHERE id = ?`;
  return [sql, (edit.at / 1000).toString()];
}

/** One edit from outside, as a person's shell makes it. */
export function editDatabase<T>(path: string, edit: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(path, { timeout: 5_000 });
  try {
    return edit(database);
  } finally {
    database.close();
  }
}
