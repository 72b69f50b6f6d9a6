/** The JSON file that stands for the database of an application: the processes of one contender share it. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Site } from './contender.ts';

export interface SharedFile<T> {
  /** `undefined` before the first write. */
  read(): T | undefined;
  /** Readers meet the whole old content or the whole new one. */
  write(content: T): void;
}

export function sharedFile<T>({ directory }: Site): SharedFile<T> {
  const path = join(directory, 'token.json');
  return {
    read: () => (existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as T) : undefined),
    write: (content) => {
      const staged = `${path}.${process.pid}`;
      writeFileSync(staged, JSON.stringify(content), { mode: 0o600 });
      renameSync(staged, path);
    },
  };
}
