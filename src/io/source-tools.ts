/** Hashing and packing of model sources, in pieces: other work passes between them. */
import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import type { SourceTools } from '../model/model-source.ts';

export const sourceTools: SourceTools = { sha256, zip, pause: async () => await setImmediate() };

async function sha256(chunks: Iterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for (const chunk of chunks) {
    hash.update(chunk);
    await setImmediate();
  }
  return hash.digest('hex');
}

/** Signatures and constants of the zip format (PKWARE APPNOTE 4.3). */
const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const END_OF_CENTRAL_DIRECTORY = 0x06054b50;
const VERSION = 20;
const UTF8_NAMES = 0x0800;
/** 1 January 1980, the first day that a zip knows: a real time would make equal files unequal. */
const NO_DATE = 0x0021;

async function zip(files: ReadonlyMap<string, Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const [path, bytes] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const name = Buffer.from(path, 'utf8');
    const fields = entryFields(crc32(bytes), bytes.length, name.length);
    const local = Buffer.concat([uint32(LOCAL_HEADER), fields, name]);
    // Between the common fields and the name stand: comment length, disk, two kinds of attributes (2, 2, 2, 4 bytes), and where the entry begins.
    directory.push(
      Buffer.concat([uint32(CENTRAL_HEADER), uint16(VERSION), fields, Buffer.alloc(10), uint32(offset), name]),
    );
    parts.push(local, bytes);
    offset += local.length + bytes.length;
    await setImmediate();
  }
  const central = Buffer.concat(directory);
  return Buffer.concat([...parts, central, endRecord(files.size, central.length, offset)]);
}

/** What local and central headers have in common: stored uncompressed, sizes known. */
function entryFields(checksum: number, size: number, nameLength: number): Buffer {
  return Buffer.concat([
    ...[VERSION, UTF8_NAMES, 0, 0, NO_DATE].map(uint16),
    ...[checksum, size, size].map(uint32),
    ...[nameLength, 0].map(uint16),
  ]);
}

function endRecord(count: number, directoryBytes: number, directoryOffset: number): Buffer {
  return Buffer.concat([
    uint32(END_OF_CENTRAL_DIRECTORY),
    ...[0, 0, count, count].map(uint16),
    ...[directoryBytes, directoryOffset].map(uint32),
    uint16(0),
  ]);
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
