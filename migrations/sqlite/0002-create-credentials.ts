/** The credential guard's records, and what was edited since: who keeps tokens opened asks that every few seconds. */
import type { DatabaseSync } from 'node:sqlite';

const CREDENTIALS = `
CREATE TABLE credentials (
  id TEXT PRIMARY KEY,
  record TEXT NOT NULL CHECK (json_valid(record))
) STRICT;
`;

const EDITS = `
CREATE INDEX tokens_by_edit ON tokens (record ->> '$.edited_at') WHERE record ->> '$.edited_at' IS NOT NULL;
CREATE INDEX integrations_by_update ON integrations (updated_at);
`;

export const createCredentials = {
  id: '0002-create-credentials',
  up(database: DatabaseSync): void {
    for (const script of [CREDENTIALS, EDITS]) database.exec(script);
  },
};
