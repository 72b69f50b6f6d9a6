/** Taking models away: invisible in one write, then deleted in pieces. Whatever a crash leaves of that is swept later. */
import { type Connection, query } from './connection.ts';
import { isoFromMs } from './instant.ts';
import { createPacer, PIECE_ROWS } from './pieces.ts';

/** An import that has written nothing for this long has crashed. */
const CRASHED_AFTER_MS = 3_600_000;
/** A task that looked a model up just before it was replaced reads the rest of it within this time. */
const RETIRED_FOR_MS = 60_000;

const HIDE = `UPDATE models SET state = 'removed', touched_at = ? WHERE id = ? AND state = ?`;
const HIDE_STALE = `
UPDATE models SET state = 'removed' WHERE (state = 'importing' AND touched_at < ?) OR (state = 'retired' AND touched_at < ?)`;
const HIDDEN = query<{ id: string }>(`SELECT id FROM models WHERE state = 'removed'`);
const STALE = query<{ found: number }>(`
SELECT EXISTS (SELECT 1 FROM models WHERE state = 'removed' OR (state = 'importing' AND touched_at < ?)
  OR (state = 'retired' AND touched_at < ?)) AS found`);

/** Rows, and how many of them one transaction deletes: source chunks are a MiB each. */
const PARTS = [
  { table: 'source_chunks', rows: 1 },
  { table: 'operations', rows: PIECE_ROWS },
  { table: 'fragments', rows: PIECE_ROWS },
] as const;

/** @returns whether there was such a model */
export async function removeModel(connection: Connection, id: string): Promise<boolean> {
  return await hideAndDelete(connection, id, 'published');
}

/** Removes an import that is not published; of a published one nothing. */
export async function removeImport(connection: Connection, id: string): Promise<void> {
  await hideAndDelete(connection, id, 'importing');
}

/** Deletes crashed imports, models whose place was taken, and what a removal left when its process ended. */
export async function sweepModels(connection: Connection): Promise<void> {
  const limits = (): [string, string] => {
    const now = connection.now();
    return [isoFromMs(now - CRASHED_AFTER_MS), isoFromMs(now - RETIRED_FOR_MS)];
  };
  const stale = await connection.read(() => connection.one(STALE, ...limits()));
  if (stale?.found !== 1) return;
  const hidden = await connection.write(() => {
    connection.run(HIDE_STALE, ...limits());
    return connection.all(HIDDEN);
  });
  for (const { id } of hidden) await deleteRows(connection, id);
}

async function hideAndDelete(connection: Connection, id: string, state: 'published' | 'importing'): Promise<boolean> {
  const hidden = await connection.write(() => connection.run(HIDE, isoFromMs(connection.now()), id, state) > 0);
  if (hidden) await deleteRows(connection, id);
  return hidden;
}

/** Two processes may do this at once: each deletes what it finds. */
async function deleteRows(connection: Connection, id: string): Promise<void> {
  const paced = createPacer();
  for (const { table, rows } of PARTS) {
    const sql = `DELETE FROM ${table} WHERE rowid IN (SELECT rowid FROM ${table} WHERE model_id = ? LIMIT ${rows})`;
    let deleted: number;
    do deleted = await paced(() => connection.write(() => connection.run(sql, id)));
    while (deleted === rows);
  }
  await connection.write(() => connection.run('DELETE FROM models WHERE id = ?', id));
}
