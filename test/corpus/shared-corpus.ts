/** Real documents, which are no part of this repository: `../shared/corpus` beside it. Tests that need them skip loudly without, and fail where CI is set. */
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const SHARED = join(import.meta.dirname, '../../../shared/corpus');
const UNPACKED = join(import.meta.dirname, '../../.cache/corpus');

/** Folder of the 20 cases with their MANIFEST.json. */
export const CASES: string = join(SHARED, 'cases');

/** Whether the documents are there. @throws Error where they are not and CI is set: a skip there would pass for a success */
export function hasCorpus(): boolean {
  if (existsSync(join(CASES, 'MANIFEST.json'))) return true;
  const message = `The document corpus is missing at ${SHARED}`;
  if (process.env['CI'] !== undefined) throw new Error(message);
  console.warn(`SKIPPED: ${message}; tests over real documents do not run.`);
  return false;
}

/** One line of INDEX.jsonl, as far as tests look at it. */
export interface CorpusEntry {
  /** Path below {@link unpackCorpus}'s folder. */
  readonly file: string;
  readonly cls: 'real' | 'derived' | 'suite';
  readonly version: string;
  readonly operations: number;
}

/** Unpacks once, into the cache folder. @returns the folder that entries' `file`s are relative to */
export async function unpackCorpus(): Promise<string> {
  if (existsSync(UNPACKED)) return UNPACKED;
  const partial = `${UNPACKED}.${process.pid}`;
  await mkdir(partial, { recursive: true });
  await promisify(execFile)('tar', ['-xJf', join(SHARED, 'corpus.tar.xz'), '-C', partial]);
  try {
    await rename(partial, UNPACKED);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    if (!existsSync(UNPACKED)) throw error;
  }
  return UNPACKED;
}

/** All documents, or with `CORPUS` other than `whole` every tenth, by file name, so that neighbours differ from run to run by nothing. */
export function corpusEntries(folder: string): readonly CorpusEntry[] {
  const lines = readFileSync(join(folder, 'corpus/INDEX.jsonl'), 'utf8').trim().split('\n');
  const entries = lines.map((line) => JSON.parse(line) as CorpusEntry).toSorted((a, b) => (a.file < b.file ? -1 : 1));
  return process.env['CORPUS'] === 'whole' ? entries : entries.filter((_, index) => index % 10 === 0);
}
