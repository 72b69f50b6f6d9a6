/** The documents of a directory, in the order of their paths. A link that leads out of the directory is not followed. */
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { readDocumentFile } from './document-source-file.ts';
import { FileSetCounter, isDocumentPath, isIgnored } from './document-source-limits.ts';
import type { FileSetLimits } from './document-source-limits.ts';

/** @throws EverbearerError `document_refused` beyond a limit, `bad_request` where a file cannot be read */
export async function readDirectory(root: string, limits: FileSetLimits): Promise<ReadonlyMap<string, Uint8Array>> {
  const counter = new FileSetCounter(root, limits);
  const found: string[] = [];
  for await (const path of documentPaths(root, '', await realpath(root))) {
    counter.add((await stat(join(root, path))).size);
    found.push(path);
  }
  const files = new Map<string, Uint8Array>();
  for (const path of found.sort()) {
    const bytes = await readDocumentFile(join(root, path), { maxBytes: limits.maxBytes, maxZipBytes: limits.maxBytes });
    if (bytes !== 'directory') files.set(path, bytes);
  }
  return files;
}

async function* documentPaths(root: string, folder: string, realRoot: string): AsyncGenerator<string> {
  for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
    if (isIgnored(entry.name)) continue;
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* documentPaths(root, path, realRoot);
    else if (isDocumentPath(path) && (entry.isFile() || (await isInnerLink(join(root, path), realRoot)))) yield path;
  }
}

/** Links to folders are not followed at all: they make circles. */
async function isInnerLink(path: string, realRoot: string): Promise<boolean> {
  try {
    const target = await realpath(path);
    return target.startsWith(realRoot + sep) && (await stat(target)).isFile();
  } catch {
    return false;
  }
}
