/** Writing a model: invisible rows in pieces, then one write that publishes it. */
import { randomUUID } from 'node:crypto';
import { EverbearerError } from '../../../src/errors.ts';
import type { FragmentRow, ModelFacts, OperationRow } from '../../../src/openapi/imported-model.ts';
import type { ModelSource, ModelWriter } from '../../../src/model/model-store.ts';
import { type Connection, query } from './connection.ts';
import { isoFromMs } from './instant.ts';
import { removeImport, sweepModels } from './model-removal.ts';
import { chunks, createPacer, pieces } from './pieces.ts';

const BEGIN = `INSERT INTO models (id, state, touched_at) VALUES (?, 'importing', ?)`;
const TOUCH = `UPDATE models SET touched_at = ? WHERE id = ? AND state = 'importing'`;
const CHUNK = 'INSERT INTO source_chunks (model_id, position, bytes) VALUES (?, ?, ?)';
const OPERATION = `
INSERT INTO operations (model_id, operation_id, position, method, path, summary, duplicate_of, digest, definition)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const FRAGMENT = 'INSERT INTO fragments (model_id, pointer, value) VALUES (?, ?, ?)';
const STANDING = query<{ id: string }>(`SELECT id FROM models WHERE version_id = ? AND state = 'published'`);
const RETIRE = `UPDATE models SET state = 'retired', touched_at = ? WHERE id = ?`;
const PUBLISH = `
UPDATE models SET state = 'published', touched_at = ?, imported_at = ?, version_id = ?, kind = ?, title = ?, version = ?,
  spec_version = ?, source = ?, facts = ?, operations = (SELECT count(*) FROM operations WHERE model_id = models.id)
WHERE id = ? AND state = 'importing'`;

/** Sweeps what others left, then begins. */
export async function beginModel(connection: Connection): Promise<ModelWriter> {
  await sweepModels(connection);
  const id = randomUUID();
  await connection.write(() => connection.run(BEGIN, id, isoFromMs(connection.now())));
  return createWriter(connection, id);
}

function createWriter(connection: Connection, id: string): ModelWriter {
  const paced = createPacer();
  let position = 0;

  /** One transaction; the import's own row says that it lives. */
  const write = async (work: () => void): Promise<void> => {
    await paced(() =>
      connection.writeDraft(() => {
        if (connection.run(TOUCH, isoFromMs(connection.now()), id) === 0) throw importGone();
        work();
      }),
    );
  };

  return {
    id,

    async writeSource(bytes) {
      for (const chunk of chunks(bytes)) {
        await write(() => connection.run(CHUNK, id, position, chunk));
        position += 1;
      }
    },

    async writeOperations(rows) {
      for (const piece of pieces(rows, (row) => row.definition.length)) {
        await write(() => {
          for (const row of piece) insertOperation(connection, id, row);
        });
      }
    },

    async writeFragments(rows) {
      for (const piece of pieces(rows, (row) => row.value.length)) {
        await write(() => {
          for (const row of piece) insertFragment(connection, id, row);
        });
      }
    },

    async publish(facts, source, replaces) {
      return await connection.write(() => publish(connection, id, facts, source, replaces));
    },

    async abandon() {
      await removeImport(connection, id);
    },
  };
}

function insertOperation(connection: Connection, modelId: string, row: OperationRow): void {
  const { operationId, position, method, path, summary, duplicateOf, digest, definition } = row;
  const optional = [summary ?? null, duplicateOf ?? null];
  connection.run(OPERATION, modelId, operationId, position, method, path, ...optional, digest, definition);
}

function insertFragment(connection: Connection, modelId: string, row: FragmentRow): void {
  connection.run(FRAGMENT, modelId, row.pointer, row.value);
}

function publish(
  connection: Connection,
  id: string,
  facts: ModelFacts,
  source: ModelSource,
  replaces: string | undefined,
): 'published' | 'conflict' {
  const now = isoFromMs(connection.now());
  const standing = connection.one(STANDING, facts.versionId)?.id;
  if (standing !== replaces) return 'conflict';
  if (standing !== undefined) connection.run(RETIRE, now, standing);
  const { versionId, kind, title, version, specVersion } = facts;
  const json = [JSON.stringify(source), JSON.stringify(facts)];
  const published = connection.run(PUBLISH, now, now, versionId, kind, title, version, specVersion, ...json, id);
  if (published === 0) throw importGone();
  return 'published';
}

function importGone(): EverbearerError {
  return new EverbearerError('store_unavailable', 'This import was given up: nothing of it is stored any more.', {
    hint: 'Import the document again. An import that writes nothing for an hour is swept.',
  });
}
