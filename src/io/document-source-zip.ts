/** The documents of a zip, unpacked in memory: sizes are checked as declared before anything is inflated, and as inflated while it is. */
import type { Readable } from 'node:stream';
import yauzl from 'yauzl';
import type { Entry, ZipFile } from 'yauzl';
import { EverbearerError } from '../errors.ts';
import type { FindingCode } from '../openapi/finding-codes.ts';
import { FileSetCounter, isDocumentPath } from './document-source-limits.ts';
import type { FileSetLimits } from './document-source-limits.ts';

/** `PK` and the mark of a first entry, or of the end of an empty archive. */
export function isZip(bytes: Uint8Array): boolean {
  const [p, k, a, b] = bytes;
  return p === 0x50 && k === 0x4b && ((a === 3 && b === 4) || (a === 5 && b === 6));
}

/**
 * Entries whose name leads out of the archive, encrypted ones, and sizes that are a lie refuse the whole archive.
 * @throws EverbearerError `document_refused`
 */
export async function readZip(
  name: string,
  bytes: Uint8Array,
  limits: FileSetLimits,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const counter = new FileSetCounter(name, limits);
  try {
    const zip = await yauzl.fromBufferPromise(asBuffer(bytes), { lazyEntries: true, autoClose: false });
    const files = new Map<string, Uint8Array>();
    for (const entry of await documentEntries(zip, counter)) files.set(entry.fileName, await inflate(zip, entry));
    return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
  } catch (error) {
    throw error instanceof EverbearerError ? error : unusable(name, error);
  }
}

async function documentEntries(zip: ZipFile, counter: FileSetCounter): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of zip.eachEntry()) {
    if (!isDocumentPath(entry.fileName)) continue;
    counter.add(entry.uncompressedSize);
    entries.push(entry);
  }
  return entries;
}

/** The stream fails by itself where an entry inflates to more than it declared. */
async function inflate(zip: ZipFile, entry: Entry): Promise<Uint8Array> {
  const stream: Readable = await zip.openReadStreamPromise(entry);
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function unusable(name: string, error: unknown): EverbearerError {
  const reason: FindingCode = 'archive_unusable';
  const why = error instanceof Error ? error.message : String(error);
  return new EverbearerError('document_refused', `The zip cannot be unpacked: ${why}.`, {
    hint: 'Pack the folder again, without encryption and with paths relative to it.',
    details: { document: name, reason },
    cause: error,
  });
}
