/** The file itself: made with mode 0600 in a directory of mode 0700, copied before a migration. Never opened here while SQLite has it open. */
import { chmodSync, closeSync, existsSync, fsyncSync, mkdirSync, openSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { directoryFault } from './fault.ts';

const OWNER_ONLY = 0o600;

/** Makes the file and its directory where they are missing and takes other users' rights away where they are not. */
export function prepareDatabaseFile(path: string): void {
  makeDirectory(dirname(path));
  // SQLite gives the two files beside it the mode of the database. Opening an existing one here would drop SQLite's own locks (POSIX).
  createFile(path);
  if (statSync(path).isDirectory()) throw directoryFault(path);
  for (const each of [path, `${path}-wal`, `${path}-shm`]) restrict(each);
}

/** From the top down, one by one: the recursive form of Node never ends where a parent is there and cannot hold directories (`/proc`). */
function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  makeDirectory(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** @returns whether it was made by this call */
function createFile(path: string): boolean {
  try {
    closeSync(openSync(path, 'wx', OWNER_ONLY));
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' || code === 'EISDIR') return false;
    throw error;
  }
}

function restrict(path: string): void {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode;
  if (mode === undefined || (mode & 0o077) === 0) return;
  try {
    chmodSync(path, OWNER_ONLY);
  } catch (error) {
    // Only its owner may; whoever was given the file by a group goes on with it.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
  }
}

/**
 * Copies what is committed, also while this process holds the write lock.
 *
 * @param label goes into the name: `<database>.backup-<label>`
 * @returns path of the copy
 */
export function backUpDatabase(path: string, label: string): string {
  const copy = freeName(`${path}.backup-${label}`);
  const source = new DatabaseSync(path, { readOnly: true });
  try {
    source.prepare('VACUUM INTO ?').run(copy);
    flush(copy, 'r+');
    // Windows opens no directories; its file systems write the name with the file.
    if (process.platform !== 'win32') flush(dirname(copy), 'r');
    return copy;
  } catch (error) {
    rmSync(copy, { force: true });
    throw error;
  } finally {
    source.close();
  }
}

/** Makes the (empty) file, so that its mode is right before a byte is in it; VACUUM INTO accepts that. */
function freeName(wanted: string): string {
  for (let n = 1; ; n += 1) {
    const name = n === 1 ? wanted : `${wanted}-${n}`;
    if (createFile(name)) return name;
  }
}

function flush(path: string, mode: 'r' | 'r+'): void {
  const file = openSync(path, mode);
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
