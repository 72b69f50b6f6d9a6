/** Counts the files opened and the sockets connected in this process while something runs. A probe, not a stand-in: everything still happens. */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';

export interface IoCount {
  readonly files: number;
  readonly sockets: number;
}

const FILE_CALLS = ['open', 'openSync', 'readFile', 'readFileSync', 'createReadStream'] as const;
const PROMISE_CALLS = ['open', 'readFile'] as const;

export async function countIo(run: () => unknown): Promise<IoCount> {
  const count = { files: 0, sockets: 0 };
  const restore = [
    ...FILE_CALLS.map((name) => counting(fs, name, () => (count.files += 1))),
    ...PROMISE_CALLS.map((name) => counting(fs.promises, name, () => (count.files += 1))),
    counting(net.Socket.prototype, 'connect', () => (count.sockets += 1)),
  ];
  syncBuiltinESMExports();
  try {
    await run();
  } finally {
    for (const undo of restore) undo();
    syncBuiltinESMExports();
  }
  return count;
}

function counting(target: object, name: string, seen: () => void): () => void {
  const original = Reflect.get(target, name) as (...args: unknown[]) => unknown;
  Reflect.set(target, name, function (this: unknown, ...args: unknown[]): unknown {
    seen();
    return original.apply(this, args);
  });
  return () => {
    Reflect.set(target, name, original);
  };
}
