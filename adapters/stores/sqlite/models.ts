/** The ModelStore. What is read of a model by its id is there while it is published, and for a minute after another took its place. */
import { EverbearerError } from '../../../src/errors.ts';
import type { FragmentRow, OperationRow } from '../../../src/openapi/imported-model.ts';
import type { ModelListItem, ModelRecord, ModelStore, OperationListItem } from '../../../src/model/model-store.ts';
import { type Connection, query } from './connection.ts';
import { instantFromStored } from './instant.ts';
import { beginModel } from './model-writer.ts';
import { removeModel } from './model-removal.ts';
import { keyAfter, keyCursor, numberAfter, pageOf } from './paging.ts';

/** Parsed models that are kept: each task run looks one up, and a published one never changes. */
const PARSED_KEPT = 64;

interface ModelRow {
  readonly id: string;
  readonly facts: string;
  readonly source: string;
  readonly imported_at: string;
}

interface ListRow {
  readonly version_id: string;
  readonly kind: ModelListItem['kind'];
  readonly title: string;
  readonly version: string;
  readonly spec_version: string;
  readonly operations: number;
  readonly imported_at: string;
}

interface OperationColumns {
  readonly operation_id: string;
  readonly position: number;
  readonly method: string;
  readonly path: string;
  readonly summary: string | null;
  readonly duplicate_of: string | null;
  readonly digest: string;
}

const PUBLISHED_ID = query<{ id: string }>(`SELECT id FROM models WHERE version_id = ? AND state = 'published'`);
const MODEL = query<ModelRow>('SELECT id, facts, source, imported_at FROM models WHERE id = ?');
const LIST = query<ListRow>(`
SELECT version_id, kind, title, version, spec_version, operations, imported_at FROM models
WHERE state = 'published' AND version_id > ? ORDER BY version_id LIMIT ?`);
const READABLE = `EXISTS (SELECT 1 FROM models WHERE id = model_id AND state IN ('published', 'retired'))`;
const LISTED = 'operation_id, position, method, path, summary, duplicate_of, digest';
const OPERATION = query<OperationColumns & { definition: string }>(
  `SELECT ${LISTED}, definition FROM operations WHERE model_id = ? AND operation_id = ? AND ${READABLE}`,
);
const OPERATIONS = query<OperationColumns>(`
SELECT ${LISTED} FROM operations WHERE model_id = ? AND position > ? AND ${READABLE} ORDER BY position LIMIT ?`);
const DUPLICATES = query<{ operation_id: string }>(`
SELECT operation_id FROM operations WHERE model_id = ? AND duplicate_of = ? AND ${READABLE} ORDER BY position`);
const FRAGMENT = query<FragmentRow>(
  `SELECT pointer, value FROM fragments WHERE model_id = ? AND pointer = ? AND ${READABLE}`,
);
const CHUNK = query<{ bytes: Uint8Array }>(
  `SELECT bytes FROM source_chunks WHERE model_id = ? AND position = ? AND ${READABLE}`,
);
const SOURCE = query<{ source: string }>(
  `SELECT source FROM models WHERE id = ? AND state IN ('published', 'retired')`,
);

export function createModelStore(connection: Connection): ModelStore {
  const parsed = new Map<string, ModelRecord>();

  function readModel(id: string): ModelRecord | undefined {
    const known = parsed.get(id);
    if (known !== undefined) return known;
    const row = connection.one(MODEL, id);
    if (row === undefined) return undefined;
    const record = modelOf(row);
    parsed.set(id, record);
    if (parsed.size > PARSED_KEPT) for (const oldest of parsed.keys()) if (parsed.delete(oldest)) break;
    return record;
  }

  return {
    async begin() {
      return await beginModel(connection);
    },

    async find(versionId) {
      return await connection.snapshot(() => {
        const published = connection.one(PUBLISHED_ID, versionId);
        return published === undefined ? undefined : readModel(published.id);
      });
    },

    async list(options) {
      const select = (limit: number): readonly ListRow[] => connection.all(LIST, keyAfter(options), limit);
      return await connection.read(() => pageOf(options, select, listItemOf, (row) => keyCursor(row.version_id)));
    },

    async findOperation(modelId, operationId) {
      const row = await connection.read(() => connection.one(OPERATION, modelId, operationId));
      return row === undefined
        ? undefined
        : ({ ...operationOf(row), definition: row.definition } satisfies OperationRow);
    },

    async findDuplicates(modelId, documentOperationId) {
      const rows = await connection.read(() => connection.all(DUPLICATES, modelId, documentOperationId));
      return rows.map((row) => row.operation_id);
    },

    async listOperations(modelId, options) {
      const after = numberAfter(options) ?? -1;
      const select = (limit: number): readonly OperationColumns[] => connection.all(OPERATIONS, modelId, after, limit);
      return await connection.read(() => pageOf(options, select, operationOf, (row) => row.position.toString()));
    },

    async readFragments(modelId, pointers) {
      return await connection.snapshot(() =>
        [...new Set(pointers)].flatMap((pointer) => connection.one(FRAGMENT, modelId, pointer) ?? []),
      );
    },

    readSource: (modelId) => readSource(connection, modelId),

    async remove(modelId) {
      parsed.delete(modelId);
      return await removeModel(connection, modelId);
    },
  };
}

/** One chunk a statement: nothing is open between them, so a model may go meanwhile, and that must not look like its end. */
async function* readSource(connection: Connection, modelId: string): AsyncGenerator<Uint8Array> {
  const row = await connection.read(() => connection.one(SOURCE, modelId));
  if (row === undefined) throw sourceGone();
  const { bytes } = JSON.parse(row.source) as ModelRecord['source'];
  for (let position = 0, read = 0; read < bytes; position += 1) {
    const chunk = await connection.read(() => connection.one(CHUNK, modelId, position)?.bytes);
    if (chunk === undefined) throw sourceGone();
    read += chunk.length;
    yield chunk;
  }
}

function sourceGone(): EverbearerError {
  return new EverbearerError('not_found', 'The document of this model is not there any more.', {
    hint: 'It was removed or replaced meanwhile: look the model up again.',
  });
}

function modelOf(row: ModelRow): ModelRecord {
  return {
    id: row.id,
    facts: JSON.parse(row.facts) as ModelRecord['facts'],
    source: JSON.parse(row.source) as ModelRecord['source'],
    importedAt: instantFromStored(row.imported_at) ?? 0,
  };
}

function listItemOf(row: ListRow): ModelListItem {
  return {
    versionId: row.version_id,
    kind: row.kind,
    title: row.title,
    version: row.version,
    specVersion: row.spec_version,
    operations: row.operations,
    importedAt: instantFromStored(row.imported_at) ?? 0,
  };
}

function operationOf(row: OperationColumns): OperationListItem {
  return {
    operationId: row.operation_id,
    position: row.position,
    method: row.method,
    path: row.path,
    ...(row.summary === null ? {} : { summary: row.summary }),
    ...(row.duplicate_of === null ? {} : { duplicateOf: row.duplicate_of }),
    digest: row.digest,
  };
}
