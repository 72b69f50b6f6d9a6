/** Integration models as the public API offers them. */
import { EverbearerError } from '../errors.ts';
import type { Json } from '../kernel/json.ts';
import type { Page, PageOptions } from '../kernel/page.ts';
import { shellWord } from '../kernel/shell-word.ts';
import type { Operation } from '../openapi/operation.ts';
import { importFiles } from './import-files.ts';
import { appendModelEvent, importModel } from './import-model.ts';
import type { ImportPorts } from './import-model.ts';
import type {
  ImportFilesOptions,
  ImportFilesResult,
  ImportModelOptions,
  ImportResult,
  ModelSourceInput,
} from './import-result.ts';
import { inputSchema, inputSchemas } from './input-schema.ts';
import type { ModelListItem, ModelRecord, ModelStore, OperationListItem } from './model-store.ts';
import { loadClosure } from './schema-closure.ts';

export interface Models {
  /** @throws EverbearerError `document_refused` or `bad_request` with `details: {document, reason, report?, line?, column?, pointer?}`, `version_exists`, `store_unavailable` */
  import(source: ModelSourceInput, options?: ImportModelOptions): Promise<ImportResult>;
  /** Each OpenAPI document among the files; others are left out silently. One child process is reused. A refused one doesn't stop the rest. */
  importFiles(files: ReadonlyMap<string, Uint8Array>, options?: ImportFilesOptions): Promise<ImportFilesResult>;
  list(options?: PageOptions): Promise<Page<ModelListItem>>;
  /** @throws EverbearerError `not_found` */
  get(versionId: string): Promise<ModelRecord>;
  /** Operations without their definitions. @throws EverbearerError `not_found` */
  tasks(versionId: string, options?: PageOptions): Promise<Page<OperationListItem>>;
  /**
   * One operation with its input schema (local references resolved to `$defs`).
   * @throws EverbearerError `not_found`; with `details.operationIds` where several operations share the id
   */
  task(versionId: string, operationId: string): Promise<{ readonly operation: Operation; readonly inputSchema: Json }>;
  /** The document's bytes as they were imported; a zip where it was imported with the files it refers to. @throws EverbearerError `not_found` */
  export(versionId: string): Promise<AsyncIterable<Uint8Array>>;
  /** @throws EverbearerError `not_found`, `conflict` while integrations use it */
  remove(versionId: string): Promise<void>;
}

/** At most so many integrations are named where they keep a model from being removed. */
const NAMED_USERS = 20;

export function createModels(ports: ImportPorts): Models {
  const { store } = ports;
  const get = async (versionId: string): Promise<ModelRecord> => await getModel(store, versionId);
  return {
    import: async (source, options) => await importModel(ports, source, options),
    importFiles: async (files, options) => await importFiles(ports, files, options),
    list: async (options) => await store.list(options),
    get,
    tasks: async (versionId, options) => await store.listOperations((await get(versionId)).id, options),
    task: async (versionId, operationId) => await describeTask(store, await get(versionId), operationId),
    export: async (versionId) => store.readSource((await get(versionId)).id),
    remove: async (versionId) => await removeModel(ports, await get(versionId)),
  };
}

/** @throws EverbearerError `not_found` */
export async function getModel(store: Pick<ModelStore, 'find'>, versionId: string): Promise<ModelRecord> {
  const model = await store.find(versionId);
  if (model !== undefined) return model;
  throw new EverbearerError('not_found', `There is no integration model ${versionId}.`, {
    hint: 'List the models: everbearer models list',
    details: { versionId },
  });
}

/**
 * The operation of an id; the document's own operationId, where several operations share it, answers with their ids.
 * @throws EverbearerError `not_found`
 */
export async function getOperation(
  store: Pick<ModelStore, 'findOperation' | 'findDuplicates'>,
  model: ModelRecord,
  operationId: string,
): Promise<Operation> {
  const row = await store.findOperation(model.id, operationId);
  if (row !== undefined) return JSON.parse(row.definition) as Operation;
  const { versionId } = model.facts;
  const operationIds = await store.findDuplicates(model.id, operationId);
  throw operationIds.length === 0
    ? new EverbearerError('not_found', `${versionId} has no operation ${operationId}.`, {
        hint: `List its operations: everbearer models tasks ${shellWord(versionId)}`,
        details: { versionId, operationId },
      })
    : new EverbearerError('not_found', `Several operations of ${versionId} share the operationId ${operationId}.`, {
        hint: `Use one of: ${operationIds.join(', ')}`,
        details: { versionId, operationId, operationIds },
      });
}

async function describeTask(
  store: ModelStore,
  model: ModelRecord,
  operationId: string,
): Promise<{ readonly operation: Operation; readonly inputSchema: Json }> {
  const operation = await getOperation(store, model, operationId);
  const fragments = await loadClosure(store, model.id, inputSchemas(operation));
  return { operation, inputSchema: inputSchema(operation, model.facts.dialect, fragments) };
}

async function removeModel(ports: ImportPorts, model: ModelRecord): Promise<void> {
  const { versionId } = model.facts;
  const users = await ports.users.namesByModel(versionId, NAMED_USERS);
  if (users.length > 0) {
    throw new EverbearerError('conflict', `Integrations still use ${versionId}: ${users.join(', ')}.`, {
      hint: 'Remove them first: everbearer integrations remove <name>',
      details: { versionId, integrations: users },
    });
  }
  if (await ports.store.remove(model.id)) await appendModelEvent(ports, 'model_removed', versionId);
}
