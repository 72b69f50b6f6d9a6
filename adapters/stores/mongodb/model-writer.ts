/** One import into MongoDB: pieces first, under an id that nobody knows; then the one write that makes them a model. */
import { Binary } from 'mongodb';
import type { Collection, OptionalUnlessRequiredId } from 'mongodb';
import { EverbearerError } from '../../../src/errors.ts';
import type { ModelSource, ModelWriter } from '../../../src/model/model-store.ts';
import type { FragmentRow, ModelFacts, OperationRow } from '../../../src/openapi/imported-model.ts';
import { insertOnce } from './insert-once.ts';
import { chunkId, pieceId } from './model-collections.ts';
import type { ChunkKind, ModelCollections, OperationDocument, PublishedModel } from './model-collections.ts';
import { discardDraft, endDraft, removeDiscarded, touchDraft } from './model-drafts.ts';
import type { StoreClock } from './store-clock.ts';
import { duplicateField, translated } from './translate-error.ts';

const CHUNK_BYTES = 1024 * 1024;
const ROWS_PER_INSERT = 500;
/** MongoDB's limit of a document is 16 MiB; the columns beside the text need little. */
const MAX_TEXT_BYTES = 15 * 1024 * 1024;

/** @see ModelWriter */
export class MongoModelWriter implements ModelWriter {
  readonly id: string;
  readonly #collections: ModelCollections;
  readonly #clock: StoreClock;
  #sourceChunks = 0;
  /** From the first try to publish on its pieces may be those of a model: only a try that is known to have failed sets it back. */
  #maybePublished = false;

  constructor(id: string, collections: ModelCollections, clock: StoreClock) {
    this.id = id;
    this.#collections = collections;
    this.#clock = clock;
  }

  async writeSource(chunk: Uint8Array): Promise<void> {
    await this.#write(async () => {
      this.#sourceChunks += await this.#writeChunks('source', this.#sourceChunks, chunk);
    });
  }

  async writeOperations(rows: readonly OperationRow[]): Promise<void> {
    const documents = rows.map((row) => operationDocument(this.id, row));
    await this.#write(async () => await insertAll(this.#collections.operations, documents));
  }

  async writeFragments(rows: readonly FragmentRow[]): Promise<void> {
    const documents = rows.map(({ pointer, value }) => ({
      _id: pieceId(this.id, pointer),
      value: checkedText(value, `The target ${pointer}`),
    }));
    await this.#write(async () => await insertAll(this.#collections.fragments, documents));
  }

  async publish(facts: ModelFacts, source: ModelSource, replaces?: string): Promise<'published' | 'conflict'> {
    return await this.#write(async () => {
      const factsChunks = await this.#writeChunks('facts', 0, Buffer.from(JSON.stringify(facts)));
      const model = publishedModel(this.id, facts, source, { source: this.#sourceChunks, facts: factsChunks });
      this.#maybePublished = true;
      if (replaces === undefined) this.#maybePublished = await this.#publishNew(model);
      else this.#maybePublished = await this.#publishReplacing(model, replaces);
      if (!this.#maybePublished) return 'conflict';
      await endDraft(this.#collections, this.id);
      if (replaces !== undefined) await removeDiscarded(this.#collections, replaces);
      return 'published';
    });
  }

  /** After a try to publish whose outcome is unknown nothing is removed: a later sweep knows what became of it. */
  async abandon(): Promise<void> {
    if (this.#maybePublished) return;
    await translated(async () => {
      await discardDraft(this.#collections, this.#clock, this.id);
      await removeDiscarded(this.#collections, this.id);
    });
  }

  async #write<T>(operation: () => Promise<T>): Promise<T> {
    return await translated(async () => {
      await touchDraft(this.#collections, this.#clock, this.id);
      return await operation();
    });
  }

  async #writeChunks(kind: ChunkKind, from: number, bytes: Uint8Array): Promise<number> {
    const count = Math.ceil(bytes.length / CHUNK_BYTES);
    for (let index = 0; index < count; index += 1) {
      const piece = bytes.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES);
      const filter = { _id: chunkId(this.id, kind, from + index) };
      await this.#collections.chunks.replaceOne(filter, { bytes: new Binary(piece) }, { upsert: true });
    }
    return count;
  }

  async #publishNew(fields: Omit<PublishedModel, 'imported_at'>): Promise<boolean> {
    const { models } = this.#collections;
    try {
      return await insertOnce(models, this.#clock, { id: fields._id, fields, stamps: ['imported_at'] });
    } catch (error) {
      if (duplicateField(error) === '_id') return false;
      throw error;
    }
  }

  async #publishReplacing(fields: Omit<PublishedModel, 'imported_at'>, replaces: string): Promise<boolean> {
    await discardDraft(this.#collections, this.#clock, replaces);
    const replacement = { $mergeObjects: [{ $literal: fields }, { imported_at: this.#clock.now() }] };
    const filter = { _id: { $eq: fields._id }, model_id: { $eq: replaces } };
    const { matchedCount } = await this.#collections.models.updateOne(filter, [{ $replaceWith: replacement }]);
    return matchedCount === 1;
  }
}

function publishedModel(
  modelId: string,
  facts: ModelFacts,
  { mediaType, bytes, sha256 }: ModelSource,
  chunks: PublishedModel['chunks'],
): Omit<PublishedModel, 'imported_at'> {
  const { versionId, kind, title, version, specVersion, report } = facts;
  return {
    _id: versionId,
    model_id: modelId,
    kind,
    title,
    version,
    spec_version: specVersion,
    operations: report.operations.kept + report.operations.degraded,
    source: { media_type: mediaType, bytes, sha256 },
    chunks,
  };
}

function operationDocument(modelId: string, row: OperationRow): OperationDocument {
  const { operationId, duplicateOf, definition, ...columns } = row;
  return {
    _id: pieceId(modelId, operationId),
    model_id: modelId,
    operation_id: operationId,
    ...columns,
    ...(duplicateOf === undefined ? {} : { duplicate_of: duplicateOf }),
    definition: checkedText(definition, `The operation ${operationId}`),
  };
}

function checkedText(text: string, what: string): string {
  if (text.length * 3 <= MAX_TEXT_BYTES || Buffer.byteLength(text) <= MAX_TEXT_BYTES) return text;
  throw new EverbearerError(
    'document_refused',
    `${what} alone is larger than 15 MiB, more than MongoDB keeps in one piece.`,
    {
      hint: 'Take large examples out of it, or split its schema with $ref.',
    },
  );
}

async function insertAll<T extends { readonly _id: string }>(
  collection: Collection<T>,
  documents: readonly T[],
): Promise<void> {
  for (let from = 0; from < documents.length; from += ROWS_PER_INSERT) {
    const batch = documents.slice(from, from + ROWS_PER_INSERT) as OptionalUnlessRequiredId<T>[];
    await collection.insertMany(batch, { ordered: false });
  }
}
