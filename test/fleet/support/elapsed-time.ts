/**
 * Time that has passed for everybody without anybody waiting for it: one number in a file, so that it moves for all processes at one instant, also for
 * one that is stopped just then.
 */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';

export interface ElapsedTime {
  readonly path: string;
  /** Milliseconds since the file was made. */
  readonly elapsedMs: () => number;
  /** Lets time pass, in whoever looks at the file. */
  add(ms: number): void;
  close(): void;
}

/** Makes the file. */
export function createElapsedTime(path: string): ElapsedTime {
  const file = openSync(path, 'w+');
  const time = timeIn(file, path);
  time.add(0);
  return time;
}

/** The same time in another process. */
export function openElapsedTime(path: string): ElapsedTime {
  return timeIn(openSync(path, 'r'), path);
}

function timeIn(file: number, path: string): ElapsedTime {
  const value = new Float64Array(1);
  const elapsedMs = (): number => {
    readSync(file, value, 0, value.byteLength, 0);
    return value[0] ?? 0;
  };
  return {
    path,
    elapsedMs,
    add(ms) {
      value[0] = elapsedMs() + ms;
      writeSync(file, value, 0, value.byteLength, 0);
    },
    close: () => closeSync(file),
  };
}
