/** Every step of the schema, in order. The length of this list is the version that the program knows. */
import type { DatabaseSync } from 'node:sqlite';
import { createTables } from '../../../migrations/sqlite/0001-create-tables.ts';
import { createCredentials } from '../../../migrations/sqlite/0002-create-credentials.ts';
import { indexEdits } from '../../../migrations/sqlite/0003-index-edits.ts';

export interface SqliteMigration {
  /** Its file's name without the ending. */
  readonly id: string;
  /** Inside a transaction that holds the write lock. */
  up(database: DatabaseSync): void;
}

export const SQLITE_MIGRATIONS: readonly SqliteMigration[] = [createTables, createCredentials, indexEdits];
