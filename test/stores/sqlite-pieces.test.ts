/** Big writes of the SQLite store stay small: no transaction with more than 500 rows or a MiB, old events go one by one. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chunks, PIECE_BYTES, PIECE_ROWS, pieces } from '../../adapters/stores/sqlite/pieces.ts';
import { editDatabase, openTemporarySqlite } from './support/sqlite-under-test.ts';

describe('SQLite: pieces', () => {
  test('pieces hold every row once and in order, none too many, none too big but a single one', () => {
    const sizes = fc.array(fc.oneof(fc.nat(2_000), fc.nat(PIECE_BYTES * 2)), { maxLength: 1_300 });
    fc.assert(
      fc.property(sizes, (rows) => {
        const cut = [...pieces(rows, (size) => size)];
        expect(cut.flat()).toEqual(rows);
        for (const piece of cut) {
          expect(piece.length).toBeGreaterThan(0);
          expect(piece.length).toBeLessThanOrEqual(PIECE_ROWS);
          const sum = piece.reduce((a, b) => a + b, 0);
          if (piece.length > 1) expect(sum).toBeLessThanOrEqual(PIECE_BYTES);
        }
      }),
      { numRuns: 50 },
    );
  });

  test('chunks hold every byte', () => {
    const bytes = Buffer.alloc(2 * PIECE_BYTES + 1, 3);
    expect([...chunks(bytes)].map((chunk) => chunk.length)).toEqual([PIECE_BYTES, PIECE_BYTES, 1]);
    expect([...chunks(Buffer.alloc(0))]).toEqual([]);
  });

  test('only the newest events are kept, and ids are not given again', async () => {
    const here = await openTemporarySqlite({ eventsKept: 5 });
    try {
      const { events } = here.store;
      for (let version = 0; version < 12; version += 1)
        await events.append({ type: 'token_retrieved', actor: 'a', reason: 'r', outcome: 'ok', version });
      const kept = (await events.list()).items;
      expect(kept.map((event) => event.version)).toEqual([11, 10, 9, 8, 7]);
      editDatabase(here.path, (database) => database.exec('DELETE FROM events'));
      await events.append({ type: 'token_retrieved', actor: 'a', reason: 'r', outcome: 'ok' });
      expect((await events.list()).items[0]!.id > kept[0]!.id).toBe(true);
    } finally {
      await here.dispose();
    }
  });
});
