/** How SQLite runs the queries that every process asks every few seconds. */
import { describe, expect, test } from 'vitest';
import { EDITED_INTEGRATIONS } from '../../adapters/stores/sqlite/integrations.ts';
import { EDITED_TOKENS } from '../../adapters/stores/sqlite/tokens.ts';
import { editDatabase, openTemporarySqlite } from './support/sqlite-under-test.ts';

describe('SQLite: what was edited since an instant', () => {
  test.for([
    ['tokens', EDITED_TOKENS.sql, 'SEARCH tokens USING COVERING INDEX tokens_by_edit (<expr>>?)'],
    ['integrations', EDITED_INTEGRATIONS.sql, 'SEARCH integrations USING INDEX integrations_by_edit (updated_at>?)'],
  ] as const)('%s: by an index, without a scan or a sort', async ([, sql, plan]) => {
    const here = await openTemporarySqlite();
    try {
      const steps = editDatabase(here.path, (database) => database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all('2030', 9));
      expect(steps.map((step) => step['detail'])).toEqual([plan]);
    } finally {
      await here.dispose();
    }
  });
});
