/** `everbearer` as a process of its own, in a folder of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export const MAIN = join(import.meta.dirname, '../../../src/cli/main.ts');

export interface CliResult {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output as one JSON document. @throws where it is not exactly one */
  json(): unknown;
}

export interface CliOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Uint8Array;
  /** As a user whom file modes bind: root is bound by none. Such a user sees only what all may see. */
  readonly asNobody?: boolean;
}

const NOBODY = 65_534;

/** The environment of this process without settings of Everbearer, of npm, and of colour. */
export function plainEnvironment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const foreign = /^(?:EVERBEARER_|npm_|NODE_OPTIONS$|NO_COLOR$|FORCE_COLOR$|VITEST)/;
  const kept = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  return { ...Object.fromEntries(kept), ...more };
}

export function startCli(args: readonly string[], { cwd, env = {}, asNobody = false }: CliOptions): ChildProcess {
  const user = asNobody && process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  return spawn(process.execPath, [MAIN, ...args], { cwd, env: plainEnvironment(env), stdio: 'pipe', ...user });
}

/** Runs to its end. */
export async function runCliProcess(args: readonly string[], options: CliOptions): Promise<CliResult> {
  const child = startCli(args, options);
  child.stdin?.on('error', () => undefined).end(options.stdin ?? '');
  return await finished(child);
}

export async function finished(child: ChildProcess): Promise<CliResult> {
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
  const exit = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  const stdout = Buffer.concat(out).toString();
  return {
    exit,
    stdout,
    stderr: Buffer.concat(err).toString(),
    json() {
      if (!stdout.endsWith('\n') || stdout.slice(0, -1).includes('\n')) throw new Error(`Not one line: ${stdout}`);
      return JSON.parse(stdout) as unknown;
    },
  };
}

/** A folder that ends with the test, or with the file where it is made in `beforeAll`. */
export async function temporaryFolder(
  whenDone: (clean: () => Promise<void>) => void = onTestFinished,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'everbearer-cli-'));
  whenDone(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
