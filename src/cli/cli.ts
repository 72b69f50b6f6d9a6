/** One run of the command line: parse, open, act, close, exit code. */
import type { Everbearer } from '../api.ts';
import type { EverbearerOptions, EverbearerOverrides } from '../options.ts';
import type { Context } from './context.ts';
import { harmless } from './harmless.ts';
import { createPaint } from './paint.ts';
import { parseArguments, type Invocation } from './program.ts';
import { reportError } from './report-error.ts';
import { settingsOf } from './settings.ts';
import { Interruption, type Terminal } from './terminal.ts';

export interface CliPorts {
  readonly terminal: Terminal;
  readonly version: string;
  /** Opens Everbearer; loaded when a verb needs it. */
  readonly open: (options: EverbearerOptions, overrides?: EverbearerOverrides) => Promise<Everbearer>;
}

/** @returns the exit code */
export async function runCli(ports: CliPorts, argv: readonly string[]): Promise<number> {
  const { terminal } = ports;
  try {
    const invocation = parseArguments(ports.version, argv, (text) => {
      terminal.out(text);
    });
    return invocation === 'told' ? 0 : await act(ports, invocation);
  } catch (error) {
    return tellFailure(terminal, argv, error);
  }
}

/** Says what went wrong, unless somebody ended the program. @returns the exit code */
export function tellFailure(terminal: Terminal, argv: readonly string[], error: unknown): number {
  const interruption: unknown = terminal.signal.aborted ? terminal.signal.reason : error;
  if (interruption instanceof Interruption) return interruption.exitCode;
  return reportError(terminal, createPaint(terminal.hasColour), argv.includes('--json'), error);
}

async function act(ports: CliPorts, { verb, args, flags }: Invocation): Promise<number> {
  const { terminal } = ports;
  const settings = settingsOf(flags, terminal.environment);
  let everbearer: Promise<Everbearer> | undefined;
  const context: Context = {
    terminal,
    version: ports.version,
    paint: createPaint(terminal.hasColour),
    json: flags['json'] === true,
    settings,
    everbearer: (overrides) => (everbearer ??= ports.open(settings, overrides)),
    print(document, text) {
      const line = this.json ? JSON.stringify(document) : text();
      // What goes into a file or a program stays as it is.
      if (line !== '') terminal.out(`${terminal.showsOutput ? harmless(line) : line}\n`);
    },
    note: (text) => {
      terminal.err(`${harmless(text)}\n`);
    },
  };
  try {
    const action = await verb.load();
    return await action(context, args, flags);
  } finally {
    const opened = await everbearer?.catch(() => undefined);
    await opened?.close();
  }
}
