/** Where a `$ref` of a file leads, among a fixed set of files. Nothing else exists: no disk, no network, nothing outside the root. */
import { posix } from 'node:path';

export interface FileReference {
  /** Relative to the root of the set. */
  readonly path: string;
  /** Fragment with its `#`; empty for the whole file. */
  readonly fragment: string;
}

const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:/;

/**
 * Resolves a `$ref` that stands in the file `from`. A leading `/` means the root of the set.
 * @returns `undefined` for a URL and for a path that leads out of the root
 */
export function resolveFileReference(from: string, reference: string): FileReference | undefined {
  if (SCHEME.test(reference) || reference.startsWith('//')) return undefined;
  const hash = reference.indexOf('#');
  const written = hash === -1 ? reference : reference.slice(0, hash);
  const fragment = hash === -1 ? '' : reference.slice(hash);
  if (written === '') return { path: from, fragment };
  const path = joinPath(from, decodePath(written));
  return path === undefined ? undefined : { path, fragment };
}

function joinPath(from: string, written: string): string | undefined {
  const path = written.startsWith('/')
    ? posix.normalize(written.slice(1))
    : posix.normalize(posix.join(posix.dirname(from), written));
  return path === '..' || path.startsWith('../') || path.startsWith('/') ? undefined : path;
}

function decodePath(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A base that no resolver knows, so that a library can resolve references by URL rules and reach nothing with them. */
const BASE = 'everbearer-files://set/';

/** The URL under which a library knows a file of the set. */
export function fileUrl(path: string): string {
  return BASE + path.split('/').map(encodeURIComponent).join('/');
}

/** The path behind {@link fileUrl}; `undefined` for any other URL. */
export function filePath(url: string): string | undefined {
  return url.startsWith(BASE) ? decodePath(url.slice(BASE.length)) : undefined;
}
