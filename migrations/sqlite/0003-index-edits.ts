/** What was edited since an instant is asked for every few seconds by every process. Most tokens were never edited: their index is partial. */
import type { DatabaseSync } from 'node:sqlite';

export const indexEdits = {
  id: '0003-index-edits',
  up(database: DatabaseSync): void {
    database.exec(`
CREATE INDEX tokens_by_edit ON tokens (record ->> '$.edited_at', id) WHERE record ->> '$.edited_at' IS NOT NULL;
CREATE INDEX integrations_by_edit ON integrations (updated_at, id);
`);
  },
};
