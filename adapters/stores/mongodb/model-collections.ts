/**
 * Where the pieces of models lie. One document under a versionId (`models`) says which model id is published; everything else carries that id, so that a
 * model appears, is replaced and goes by one write. Ids of pieces are `<model id>#<what>`: the pieces of a model are one range of `_id`.
 */
import type { Binary, Collection, Db } from 'mongodb';

export interface PublishedModel {
  /** The versionId. */
  readonly _id: string;
  readonly model_id: string;
  readonly kind: 'openapi' | 'connector';
  readonly title: string;
  readonly version: string;
  readonly spec_version: string;
  /** How many can be run. */
  readonly operations: number;
  readonly source: {
    readonly media_type: 'application/json' | 'application/yaml' | 'application/zip';
    readonly bytes: number;
    readonly sha256: string;
  };
  readonly chunks: Readonly<Record<ChunkKind, number>>;
  readonly imported_at: Date;
}

/** `facts` are the JSON text of the model's facts: reports of large documents outgrow a document of the database, and hold foreign keys. */
export type ChunkKind = 'source' | 'facts';

export interface ModelChunk {
  readonly _id: string;
  readonly bytes: Binary;
}

export interface OperationDocument {
  readonly _id: string;
  readonly model_id: string;
  readonly operation_id: string;
  readonly position: number;
  readonly method: string;
  readonly path: string;
  readonly summary?: string;
  readonly duplicate_of?: string;
  readonly digest: string;
  readonly definition: string;
}

export interface FragmentDocument {
  readonly _id: string;
  readonly value: string;
}

/** A model id whose pieces are being written, or are to go. */
export interface ModelDraft {
  readonly _id: string;
  readonly touched_at: Date;
  /** Nobody may publish it any more. */
  readonly discarded?: true;
}

export interface ModelCollections {
  readonly models: Collection<PublishedModel>;
  readonly chunks: Collection<ModelChunk>;
  readonly operations: Collection<OperationDocument>;
  readonly fragments: Collection<FragmentDocument>;
  readonly drafts: Collection<ModelDraft>;
}

export function modelCollections(db: Db): ModelCollections {
  return {
    models: db.collection('models'),
    chunks: db.collection('model_chunks'),
    operations: db.collection('model_operations'),
    fragments: db.collection('model_fragments'),
    drafts: db.collection('model_drafts'),
  };
}

/** Id of an operation or a fragment. Model ids are UUIDs, so the first `#` is ours. */
export function pieceId(modelId: string, name: string): string {
  return `${modelId}#${name}`;
}

/** Id of a chunk; sorts by its position. */
export function chunkId(modelId: string, kind: ChunkKind, index: number): string {
  return pieceId(modelId, `${kind}#${String(index).padStart(6, '0')}`);
}

/** Removes every piece of a model. */
export async function removePieces(
  { chunks, operations, fragments }: ModelCollections,
  modelId: string,
): Promise<void> {
  // `$` is the character after `#`.
  const filter = { _id: { $gte: `${modelId}#`, $lt: `${modelId}$` } };
  await operations.deleteMany(filter);
  await fragments.deleteMany(filter);
  await chunks.deleteMany(filter);
}
