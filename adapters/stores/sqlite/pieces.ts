/** Big writes in pieces, so that no transaction keeps the file's lock for long. */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';

/** Rows of one transaction at most. */
export const PIECE_ROWS = 500;
/** Bytes (of text: characters) of one transaction at most, unless a single row has more. */
export const PIECE_BYTES: number = 1024 * 1024;
/** After this much time of holding the lock ... */
const BUSY_MS = 10;
/** ... the file is left alone for about as long as another process waits between two looks at the lock. */
const PAUSE_MS = 8;

/** Cuts rows into pieces of at most {@link PIECE_ROWS} rows and {@link PIECE_BYTES}. */
export function* pieces<T>(rows: readonly T[], sizeOf: (row: T) => number): Generator<readonly T[]> {
  let start = 0;
  let bytes = 0;
  for (const [i, row] of rows.entries()) {
    const size = sizeOf(row);
    if (i > start && (i - start === PIECE_ROWS || bytes + size > PIECE_BYTES)) {
      yield rows.slice(start, i);
      start = i;
      bytes = 0;
    }
    bytes += size;
  }
  if (start < rows.length) yield rows.slice(start);
}

/** Cuts bytes into chunks of at most {@link PIECE_BYTES}. */
export function* chunks(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) yield bytes.subarray(start, start + PIECE_BYTES);
}

/** Runs pieces one after the other and leaves room between them for this process's other work and for other processes. */
export function createPacer(): <T>(piece: () => Promise<T>) => Promise<T> {
  let busyMs = 0;
  return async (piece) => {
    const startedAt = performance.now();
    const result = await piece();
    busyMs += performance.now() - startedAt;
    if (busyMs < BUSY_MS) {
      await nextTurn();
      return result;
    }
    busyMs = 0;
    await sleep(PAUSE_MS);
    return result;
  };
}
