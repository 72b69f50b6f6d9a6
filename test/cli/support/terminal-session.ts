/** `everbearer` before a person, on a pseudo-terminal that Python makes: Node has none of its own. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { MAIN, plainEnvironment } from './cli-process.ts';

export interface TerminalStep {
  /** What is waited for on the screen. */
  readonly expect: string;
  /** What is typed then; `\u0003` is Ctrl-C, `\u0004` Ctrl-D. */
  readonly send: string;
}

export interface TerminalSession {
  /** Everything that was shown, in order. */
  readonly screen: string;
  /** Standard output, where it was not the terminal. */
  readonly stdout: string;
  readonly exit: number;
  /** Texts that never came. */
  readonly unmet: readonly string[];
}

export interface TerminalSessionOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly steps?: readonly TerminalStep[];
  /** Default `terminal`. */
  readonly stdout?: 'terminal' | 'pipe';
}

/** Whether this machine has what it needs; said loudly where it hasn't, and a failure in CI. */
export const hasTerminal: boolean = lookForPython();

function lookForPython(): boolean {
  const found = spawnSync('python3', ['-c', 'import pty']).status === 0;
  if (!found && process.env['CI'] !== undefined) throw new Error('The terminal tests need python3.');
  if (!found) console.warn('SKIPPED: the terminal tests of test/cli need python3.');
  return found;
}

export function terminalSession(args: readonly string[], options: TerminalSessionOptions): TerminalSession {
  const { cwd, env = {}, steps = [], stdout = 'terminal' } = options;
  const asked = {
    argv: [process.execPath, MAIN, ...args],
    cwd,
    env: { ...plainEnvironment({ TERM: 'xterm', ...env }) },
    steps,
    stdout,
  };
  const { stdout: told, stderr } = spawnSync('python3', [
    join(import.meta.dirname, 'terminal_session.py'),
    JSON.stringify(asked),
  ]);
  if (told.length === 0) throw new Error(stderr.toString());
  return JSON.parse(told.toString()) as TerminalSession;
}
