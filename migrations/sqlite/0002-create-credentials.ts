/** The credential guard's records. `record` and `host` are as those of a token's row. */
import type { DatabaseSync } from 'node:sqlite';

export const createCredentials = {
  id: '0002-create-credentials',
  up(database: DatabaseSync): void {
    database.exec(`
CREATE TABLE credentials (
  id TEXT PRIMARY KEY,
  record TEXT NOT NULL,
  host TEXT,
  CONSTRAINT record_is_a_json_object CHECK (json_valid(record) AND json_type(record) = 'object')
) STRICT;
`);
  },
};
