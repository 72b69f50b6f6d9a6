/** Bytes of a file or stream, up to a limit. */
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { EverbearerError } from '../errors.ts';
import { refusedError, tooLarge } from '../model/refused-document.ts';
import { isZip } from './document-source-zip.ts';

export interface ByteLimits {
  readonly maxBytes: number;
  /** For what begins like a zip. */
  readonly maxZipBytes: number;
}

const READ_BYTES = 1024 * 1024;

/** @throws EverbearerError `bad_request` where it cannot be read, `document_refused` beyond the limit */
export async function readDocumentFile(path: string, limits: ByteLimits): Promise<Uint8Array | 'directory'> {
  const handle = await openFile(path);
  try {
    const stat = await handle.stat();
    if (stat.isDirectory()) return 'directory';
    // What is no regular file (a pipe, a device) has no size to trust: its bytes are counted.
    const size = stat.isFile() ? stat.size : 0;
    const limit = (await startsLikeZip(handle, size)) ? limits.maxZipBytes : limits.maxBytes;
    if (size > limit) throw refusedError(path, tooLarge(size, limit));
    return await readStream(path, handle.createReadStream({ highWaterMark: READ_BYTES, autoClose: false }), limits);
  } catch (error) {
    throw error instanceof EverbearerError ? error : unreadable(path, error);
  } finally {
    await handle.close();
  }
}

/** @throws EverbearerError `document_refused` beyond the limit; what the stream throws */
export async function readStream(
  name: string,
  stream: AsyncIterable<Uint8Array>,
  limits: ByteLimits,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let limit: number | undefined;
  for await (const chunk of stream) {
    chunks.push(chunk);
    size += chunk.length;
    limit ??= isZip(chunk) ? limits.maxZipBytes : limits.maxBytes;
    if (size > limit) throw refusedError(name, tooLarge(size, limit));
  }
  return Buffer.concat(chunks);
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function startsLikeZip(handle: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return false;
  const start = Buffer.alloc(4);
  await handle.read(start, 0, start.length, 0);
  return isZip(start);
}

function unreadable(path: string, error: unknown): EverbearerError {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
  const reason =
    code === 'ENOENT' ? 'does not exist' : code === 'EACCES' ? 'may not be read' : `cannot be read (${code})`;
  return new EverbearerError('bad_request', `${path} ${reason}.`, {
    hint: 'Name an OpenAPI file, a directory, a zip, a URL that begins with https://, or - for standard input.',
    details: { document: path, reason: 'file_unreadable' },
    cause: error,
  });
}
