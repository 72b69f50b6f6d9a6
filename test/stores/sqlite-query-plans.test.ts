/** How SQLite runs our queries: each by an index, whatever the size of a table. The very statements that the store compiles are explained. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Connection } from '../../adapters/stores/sqlite/connection.ts';
import { readHost } from '../../adapters/stores/sqlite/host.ts';
import { createIntegrationStore } from '../../adapters/stores/sqlite/integrations.ts';
import { openSqliteStore } from '../../adapters/stores/sqlite/sqlite-store.ts';
import { createTokenStore } from '../../adapters/stores/sqlite/tokens.ts';

class WatchedConnection extends Connection {
  readonly compiled = new Set<string>();

  override statement(sql: string): StatementSync {
    this.compiled.add(sql);
    return super.statement(sql);
  }
}

const QUERIES = {
  'a read of two tokens': async (connection) => await createTokenStore(connection, readHost()).read(['t-1', 't-2']),
  'tokens of an integration': async (connection) => await createTokenStore(connection, readHost()).list('i-1'),
  'tokens edited since': async (connection) => await createTokenStore(connection, readHost()).editedSince(0, 10),
  'an integration by name': async (connection) => await createIntegrationStore(connection).findByName('name'),
  revisions: async (connection) => await createIntegrationStore(connection).revisions(['i-1', 'i-2']),
  'names by model': async (connection) => await createIntegrationStore(connection).namesByModel('Model:1', 10),
  'a page of integrations': async (connection) => await createIntegrationStore(connection).list({ limit: 10 }),
} satisfies Readonly<Record<string, (connection: Connection) => Promise<unknown>>>;

let directory: string;
let path: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'everbearer-sqlite-'));
  path = join(directory, 'everbearer.db');
  await (await openSqliteStore(path)).close();
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

/** What is found is all that is asked for; it may be sorted. */
const SORTED: readonly string[] = ['tokens of an integration'];

test.each(Object.entries(QUERIES))('%s: by an index', async (name, query) => {
  const connection = new WatchedConnection(path);
  await query(connection);
  connection.close();
  const selects = [...connection.compiled].filter((sql) => /\bFROM\b/.test(sql));
  expect(selects.length).toBeGreaterThan(0);
  const steps = selects.flatMap(plan).filter((step) => !(SORTED.includes(name) && step.startsWith('USE TEMP B-TREE')));
  expect(steps.length).toBeGreaterThan(0);
  for (const step of steps) expect(step).toMatch(/^SEARCH \w+ USING (?:COVERING )?INDEX /);
});

function plan(sql: string): readonly string[] {
  const database = new DatabaseSync(path);
  try {
    const rows = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all();
    return rows.map(({ detail }) => String(detail));
  } finally {
    database.close();
  }
}
