/** The first tables. Instants are ISO 8601 in UTC, for people; tables are STRICT, so that a wrong edit by hand is refused at once. */
import type { DatabaseSync } from 'node:sqlite';

/**
 * A model is `importing` until one write makes it `published`. What took its place makes it `retired`: tasks that hold its id finish on it, then it
 * is swept. `removed` is invisible at once and deleted in pieces. `touched_at` tells a living import from a crashed one.
 */
const MODELS = `
CREATE TABLE models (
  id TEXT PRIMARY KEY,
  state TEXT NOT NULL CHECK (state IN ('importing', 'published', 'retired', 'removed')),
  touched_at TEXT NOT NULL,
  version_id TEXT,
  kind TEXT,
  title TEXT,
  version TEXT,
  spec_version TEXT,
  operations INTEGER,
  imported_at TEXT,
  source TEXT CHECK (json_valid(source)),
  facts TEXT CHECK (json_valid(facts))
) STRICT;
CREATE UNIQUE INDEX models_published ON models (version_id) WHERE state = 'published';
CREATE INDEX models_hidden ON models (state, touched_at) WHERE state <> 'published';

CREATE TABLE operations (
  model_id TEXT NOT NULL REFERENCES models (id),
  operation_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  method TEXT NOT NULL,
  path TEXT NOT NULL,
  summary TEXT,
  duplicate_of TEXT,
  digest TEXT NOT NULL,
  definition TEXT NOT NULL,
  UNIQUE (model_id, operation_id)
) STRICT;
CREATE INDEX operations_in_order ON operations (model_id, position);
CREATE INDEX operations_duplicates ON operations (model_id, duplicate_of) WHERE duplicate_of IS NOT NULL;

CREATE TABLE fragments (
  model_id TEXT NOT NULL REFERENCES models (id),
  pointer TEXT NOT NULL,
  value TEXT NOT NULL,
  UNIQUE (model_id, pointer)
) STRICT;

CREATE TABLE source_chunks (
  model_id TEXT NOT NULL REFERENCES models (id),
  position INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  UNIQUE (model_id, position)
) STRICT;
`;

const INTEGRATIONS = `
CREATE TABLE integrations (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  model TEXT NOT NULL,
  rev INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  marks TEXT NOT NULL CHECK (json_valid(marks)),
  settings TEXT NOT NULL CHECK (json_valid(settings)),
  sealed TEXT NOT NULL CHECK (json_valid(sealed))
) STRICT;
CREATE INDEX integrations_by_model ON integrations (model, name);
`;

/**
 * `record` is one JSON document, because token, lease and failure change together, and because people edit it with json_set and json_remove.
 * `host` is what the machine knows beside it (process and monotonic deadlines); it counts only while the record still says what it belongs to.
 */
const TOKENS = `
CREATE TABLE tokens (
  id TEXT PRIMARY KEY,
  integration_id TEXT NOT NULL,
  record TEXT NOT NULL,
  host TEXT,
  CONSTRAINT record_is_a_json_object CHECK (json_valid(record) AND json_type(record) = 'object'),
  CONSTRAINT at_expires_at_is_an_instant CHECK (
    CASE json_type(record, '$.at.expires_at')
      WHEN 'text' THEN
        (record ->> '$.at.expires_at' GLOB '[0-9]*' AND record ->> '$.at.expires_at' NOT GLOB '*[^0-9]*')
        OR record ->> '$.at.expires_at' GLOB '[+-]*'
        OR (record ->> '$.at.expires_at' GLOB '[0-9][0-9][0-9][0-9]-*' AND julianday(record ->> '$.at.expires_at') IS NOT NULL)
      ELSE json_type(record, '$.at.expires_at') IN ('integer', 'real', 'null')
    END
  )
) STRICT;
CREATE INDEX tokens_by_integration ON tokens (integration_id);
`;

/** AUTOINCREMENT: an id is never given twice, also when the newest event was deleted. */
const EVENTS = `
CREATE TABLE events (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  type TEXT NOT NULL,
  integration TEXT,
  scheme TEXT,
  actor TEXT NOT NULL,
  reason TEXT NOT NULL,
  outcome TEXT NOT NULL,
  code TEXT,
  version INTEGER,
  latency_ms REAL,
  details TEXT CHECK (json_valid(details))
) STRICT;
CREATE INDEX events_by_integration ON events (integration, id) WHERE integration IS NOT NULL;
`;

const STORE_VALUES = `
CREATE TABLE store_values (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;
`;

export const createTables = {
  id: '0001-create-tables',
  up(database: DatabaseSync): void {
    for (const script of [MODELS, INTEGRATIONS, TOKENS, EVENTS, STORE_VALUES]) database.exec(script);
  },
};
