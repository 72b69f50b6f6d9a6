/** The bytes that a model was made of, as they are kept: the document alone, or a zip of it and the files that it refers to. */
import type { DocumentFacts, DocumentInput } from './document-reader.ts';
import type { ModelSource } from './model-store.ts';

/** What the core cannot compute without stalling its caller. */
export interface SourceTools {
  /** Hex SHA-256 of the chunks in a row; lets other work pass between them. */
  sha256(chunks: Iterable<Uint8Array>): Promise<string>;
  /** Lets other work pass. */
  pause(): Promise<void>;
  /** A zip of the files, the same bytes for the same files: uncompressed, sorted by path, without times. */
  zip(files: ReadonlyMap<string, Uint8Array>): Promise<Uint8Array>;
}

export interface PackedSource extends ModelSource {
  readonly content: Uint8Array;
}

const CHUNK_BYTES = 1024 * 1024;

/** Chunks of at most 1 MiB; no byte is copied. */
export function* sourceChunks(content: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < content.length; start += CHUNK_BYTES) yield content.subarray(start, start + CHUNK_BYTES);
}

/** What is kept of an input: of its siblings only those that the document leads to. */
export async function packSource(
  tools: SourceTools,
  input: DocumentInput,
  document: Pick<DocumentFacts, 'mediaType' | 'files'>,
): Promise<PackedSource> {
  const files = usedFiles(input, document.files);
  const content = files === undefined ? input.bytes : await tools.zip(files);
  return {
    mediaType: files === undefined ? document.mediaType : 'application/zip',
    bytes: content.length,
    sha256: await tools.sha256(sourceChunks(content)),
    content,
  };
}

function usedFiles(input: DocumentInput, paths: readonly string[]): ReadonlyMap<string, Uint8Array> | undefined {
  if (paths.length === 0 || input.siblings === undefined) return undefined;
  const files = new Map([[input.path ?? input.name, input.bytes]]);
  for (const path of paths) {
    const bytes = input.siblings.get(path);
    if (bytes !== undefined) files.set(path, bytes);
  }
  return files;
}
