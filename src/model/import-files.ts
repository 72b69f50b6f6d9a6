/** Importing a directory or zip: each OpenAPI document among the files, one after the other. */
import { errorDocument, EverbearerError } from '../errors.ts';
import type { ErrorCode } from '../errors.ts';
import type { FindingCode } from '../openapi/finding-codes.ts';
import { importModel } from './import-model.ts';
import type { ImportPorts } from './import-model.ts';
import type { DirectoryItem, ImportFilesOptions, ImportFilesResult } from './import-result.ts';
import { looksLikeOpenApi } from './recognise-document.ts';

/** Failures of one document, which don't stop the others. */
const OF_THE_DOCUMENT: readonly ErrorCode[] = ['document_refused', 'bad_request', 'version_exists', 'conflict'];

/** A file whose bytes looked like a document, and which the parser knows to be none. */
const NO_DOCUMENT: readonly FindingCode[] = ['document_empty', 'document_not_object', 'version_missing'];

/**
 * Imports each OpenAPI document among the files, in the order of their paths; the others may be referred to by it. Files that are none are left out
 * silently: fragments, schemas, a `package.json`.
 * @throws EverbearerError `store_unavailable`, `internal`: what is not one document's fault
 */
export async function importFiles(
  ports: ImportPorts,
  files: ReadonlyMap<string, Uint8Array>,
  options: ImportFilesOptions = {},
): Promise<ImportFilesResult> {
  const documents = await recogniseDocuments(ports, files);
  const items: DirectoryItem[] = [];
  for (const [index, [path, bytes]] of documents.entries()) {
    const item = await importItem(ports, { name: path, path, bytes, siblings: files }, options);
    if (item === undefined) continue;
    items.push(item);
    options.onItem?.(item, index + 1, documents.length);
  }
  const refused = items.filter((item) => item.outcome === 'refused').length;
  return { items, imported: items.length - refused, refused };
}

async function recogniseDocuments(
  { source }: ImportPorts,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<readonly (readonly [string, Uint8Array])[]> {
  const documents: (readonly [string, Uint8Array])[] = [];
  for (const file of files) {
    if (await looksLikeOpenApi(file[1], async () => await source.pause())) documents.push(file);
  }
  return documents.sort(byPath);
}

function byPath([a]: readonly [string, Uint8Array], [b]: readonly [string, Uint8Array]): number {
  return a < b ? -1 : 1;
}

async function importItem(
  ports: ImportPorts,
  input: Parameters<typeof importModel>[1],
  options: ImportFilesOptions,
): Promise<DirectoryItem | undefined> {
  try {
    const { versionId, report, outcome } = await importModel(ports, input, options);
    return { file: input.name, outcome, versionId, report };
  } catch (error) {
    if (!(error instanceof EverbearerError) || !OF_THE_DOCUMENT.includes(error.code)) throw error;
    if (isNoDocument(error)) return undefined;
    return refusedItem(input.name, error);
  }
}

function isNoDocument(error: EverbearerError): boolean {
  const reason = error.details?.['reason'];
  return NO_DOCUMENT.some((code) => code === reason);
}

function refusedItem(file: string, error: EverbearerError): DirectoryItem {
  const { report, ...shown } = errorDocument(error);
  const versionId = error.details?.['versionId'];
  return {
    file,
    outcome: 'refused',
    ...(typeof versionId === 'string' ? { versionId } : {}),
    ...(report === undefined ? {} : { report: report as NonNullable<DirectoryItem['report']> }),
    error: shown,
  };
}
