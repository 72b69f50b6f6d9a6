/** Integration models in MongoDB. */
import { randomUUID } from 'node:crypto';
import type { Db } from 'mongodb';
import { EverbearerError } from '../../../src/errors.ts';
import type { Page, PageOptions } from '../../../src/kernel/page.ts';
import type {
  ModelListItem,
  ModelRecord,
  ModelStore,
  ModelWriter,
  OperationListItem,
} from '../../../src/model/model-store.ts';
import type { FragmentRow, ModelFacts, OperationRow } from '../../../src/openapi/imported-model.ts';
import { listPage, refuseCursor } from './list-page.ts';
import { chunkId, modelCollections, pieceId } from './model-collections.ts';
import type { ChunkKind, ModelCollections, OperationDocument, PublishedModel } from './model-collections.ts';
import { beginDraft, discardDraft, removeDiscarded, sweepDrafts } from './model-drafts.ts';
import { MongoModelWriter } from './model-writer.ts';
import type { StoreClock } from './store-clock.ts';
import { translated } from './translate-error.ts';

/** A model that is replaced between the two reads of it is read again; so often in a row that happens to nobody. */
const FIND_TRIES = 3;

/** @see ModelStore */
export class MongoModelStore implements ModelStore {
  readonly #collections: ModelCollections;
  readonly #clock: StoreClock;
  /** Model ids seen published. They never become drafts again; when they go, their pieces go. */
  readonly #published = new Set<string>();

  constructor(db: Db, clock: StoreClock) {
    this.#collections = modelCollections(db);
    this.#clock = clock;
  }

  async begin(): Promise<ModelWriter> {
    return await translated(async () => {
      await sweepDrafts(this.#collections, this.#clock);
      const id = randomUUID();
      await beginDraft(this.#collections, this.#clock, id);
      return new MongoModelWriter(id, this.#collections, this.#clock);
    });
  }

  async find(versionId: string): Promise<ModelRecord | undefined> {
    return await translated(async () => {
      for (let tries = 0; tries < FIND_TRIES; tries += 1) {
        const model = await this.#collections.models.findOne({ _id: { $eq: versionId } });
        if (model === null) return undefined;
        const facts = await this.#readFacts(model);
        if (facts !== undefined) return modelRecord(model, facts);
      }
      throw new EverbearerError('store_unavailable', `Parts of the model ${versionId} are missing from the store.`, {
        hint: 'Restore the database from a backup; or delete its document from the collection models, then import it again.',
        retryable: false,
      });
    });
  }

  async list(options: PageOptions = {}): Promise<Page<ModelListItem>> {
    const filter = options.after === undefined ? {} : { _id: { $gt: options.after } };
    const rows = async (limit: number): Promise<readonly PublishedModel[]> =>
      await this.#collections.models.find(filter).sort({ _id: 1 }).limit(limit).toArray();
    return await translated(async () => await listPage(options, rows, modelListItem, ({ _id }) => _id));
  }

  async findOperation(modelId: string, operationId: string): Promise<OperationRow | undefined> {
    return await translated(async () => {
      const found = await this.#collections.operations.findOne({ _id: pieceId(modelId, operationId) });
      return found !== null && (await this.#isPublished(modelId)) ? operationRow(found) : undefined;
    });
  }

  async findDuplicates(modelId: string, documentOperationId: string): Promise<readonly string[]> {
    return await translated(async () => {
      const filter = { model_id: { $eq: modelId }, duplicate_of: { $eq: documentOperationId } };
      const found = await this.#collections.operations.find(filter, { projection: { operation_id: 1 } }).toArray();
      return found.length > 0 && (await this.#isPublished(modelId)) ? found.map((row) => row.operation_id) : [];
    });
  }

  async listOperations(modelId: string, options: PageOptions = {}): Promise<Page<OperationListItem>> {
    const after = options.after === undefined ? -1 : parsePosition(options.after);
    const filter = { model_id: { $eq: modelId }, position: { $gt: after } };
    const rows = async (limit: number): Promise<readonly OperationDocument[]> =>
      await this.#collections.operations
        .find(filter, { projection: { definition: 0 } })
        .sort({ position: 1 })
        .limit(limit)
        .toArray();
    return await translated(async () =>
      (await this.#isPublished(modelId))
        ? await listPage(options, rows, operationRow, ({ position }) => String(position))
        : { items: [] },
    );
  }

  async readFragments(modelId: string, pointers: readonly string[]): Promise<readonly FragmentRow[]> {
    return await translated(async () => {
      const byId = new Map(pointers.map((pointer) => [pieceId(modelId, pointer), pointer]));
      if (byId.size === 0 || !(await this.#isPublished(modelId))) return [];
      const found = await this.#collections.fragments
        .find({ _id: { $in: [...byId.keys()] } }, { batchSize: byId.size + 1 })
        .toArray();
      return found.map(({ _id, value }) => ({ pointer: byId.get(_id) ?? '', value }));
    });
  }

  async *readSource(modelId: string): AsyncIterable<Uint8Array> {
    const model = await translated(async () => await this.#collections.models.findOne({ model_id: { $eq: modelId } }));
    if (model === null) throw sourceGone();
    for (let index = 0; index < model.chunks.source; index += 1) {
      const chunk = await translated(async () => await this.#readChunk(modelId, 'source', index));
      if (chunk === undefined) throw sourceGone();
      yield chunk;
    }
  }

  async remove(modelId: string): Promise<boolean> {
    return await translated(async () => {
      const filter = { model_id: { $eq: modelId } };
      if ((await this.#collections.models.findOne(filter, { projection: { _id: 1 } })) === null) return false;
      await discardDraft(this.#collections, this.#clock, modelId);
      const { deletedCount } = await this.#collections.models.deleteOne(filter);
      await removeDiscarded(this.#collections, modelId);
      return deletedCount === 1;
    });
  }

  async #isPublished(modelId: string): Promise<boolean> {
    if (this.#published.has(modelId)) return true;
    const filter = { model_id: { $eq: modelId } };
    const found = await this.#collections.models.findOne(filter, { projection: { _id: 1 } });
    if (found !== null) this.#published.add(modelId);
    return found !== null;
  }

  async #readFacts({ model_id: modelId, chunks }: PublishedModel): Promise<ModelFacts | undefined> {
    const indexes = Array.from({ length: chunks.facts }, (_, index) => index);
    const pieces = await Promise.all(indexes.map(async (index) => await this.#readChunk(modelId, 'facts', index)));
    const found = pieces.filter((piece) => piece !== undefined);
    if (found.length < pieces.length) return undefined;
    return JSON.parse(Buffer.concat(found).toString('utf8')) as ModelFacts;
  }

  async #readChunk(modelId: string, kind: ChunkKind, index: number): Promise<Uint8Array | undefined> {
    const chunk = await this.#collections.chunks.findOne({ _id: chunkId(modelId, kind, index) });
    return chunk?.bytes.value();
  }
}

function sourceGone(): EverbearerError {
  return new EverbearerError('not_found', 'The document of this model is not, or no longer, in the store.');
}

function modelRecord(
  { model_id: id, source, imported_at: importedAt }: PublishedModel,
  facts: ModelFacts,
): ModelRecord {
  const { media_type: mediaType, bytes, sha256 } = source;
  return { id, facts, source: { mediaType, bytes, sha256 }, importedAt: importedAt.getTime() };
}

function modelListItem(model: PublishedModel): ModelListItem {
  const {
    _id: versionId,
    kind,
    title,
    version,
    spec_version: specVersion,
    operations,
    imported_at: importedAt,
  } = model;
  return { versionId, kind, title, version, specVersion, operations, importedAt: importedAt.getTime() };
}

function operationRow(document: OperationDocument): OperationRow {
  const { _id, model_id: _modelId, operation_id: operationId, duplicate_of: duplicateOf, ...columns } = document;
  return { operationId, ...columns, ...(duplicateOf === undefined ? {} : { duplicateOf }) };
}

function parsePosition(after: string): number {
  return /^\d{1,9}$/.test(after) ? Number(after) : refuseCursor();
}
