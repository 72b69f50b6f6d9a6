/** A disk of a few MiB that can be filled. */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

export interface SmallDisk {
  readonly path: string;
  unmount(): void;
}

/** @returns `undefined` where none can be mounted (that takes root on Linux); it was said then */
export function mountSmallDisk(path: string): SmallDisk | undefined {
  mkdirSync(path);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    console.warn('SKIPPED: a full disk, because a tmpfs can be mounted by root on Linux only.');
    return undefined;
  }
  return { path, unmount: () => execFileSync('umount', [path]) };
}
