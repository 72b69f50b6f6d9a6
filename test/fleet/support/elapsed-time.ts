/**
 * Time that has passed without anybody waiting for it: two numbers in a file, so that it moves for all processes at one instant, also for one that is
 * stopped just then.
 */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';

export interface ElapsedTime {
  readonly path: string;
  /** What is added to the store's clock, milliseconds. */
  readonly ofStore: () => number;
  /** What is added to the processes' own clocks, wall and monotonic, milliseconds. */
  readonly ofProcesses: () => number;
  /** In whoever looks at the file. */
  add(ms: { readonly store: number; readonly processes: number }): void;
  /** It stands still from then on: whoever is on his way out may still look at it. */
  close(): void;
}

/** Makes the file. */
export function createElapsedTime(path: string): ElapsedTime {
  const time = timeIn(openSync(path, 'w+'), path);
  time.add({ store: 0, processes: 0 });
  return time;
}

/** The same time in another process. */
export function openElapsedTime(path: string): ElapsedTime {
  return timeIn(openSync(path, 'r'), path);
}

function timeIn(file: number, path: string): ElapsedTime {
  const values = new Float64Array(2);
  let isOpen = true;
  const read = (index: 0 | 1): number => {
    if (isOpen) readSync(file, values, 0, values.byteLength, 0);
    return values[index] ?? 0;
  };
  return {
    path,
    ofStore: () => read(0),
    ofProcesses: () => read(1),
    add({ store, processes }) {
      values.set([read(0) + store, read(1) + processes]);
      writeSync(file, values, 0, values.byteLength, 0);
    },
    close() {
      isOpen = false;
      closeSync(file);
    },
  };
}
