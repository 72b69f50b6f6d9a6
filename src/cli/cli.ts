/** One run of the command line: parse, open, act, close, exit code. */
import type { Everbearer } from '../api.ts';
import type { EverbearerOptions } from '../options.ts';
import type { Context } from './context.ts';
import { createPaint } from './paint.ts';
import { createProgram, usageExit, type Invocation } from './program.ts';
import { reportError } from './report-error.ts';
import type { Terminal } from './terminal.ts';
import { textFlag, type Flags } from './verb.ts';

export interface CliPorts {
  readonly terminal: Terminal;
  readonly version: string;
  /** Opens Everbearer; loaded when a verb needs it. */
  readonly open: (options: EverbearerOptions) => Promise<Everbearer>;
}

/** @returns the exit code */
export async function runCli(ports: CliPorts, argv: readonly string[]): Promise<number> {
  const { terminal } = ports;
  const paint = createPaint(terminal.hasColour);
  const json = argv.includes('--json');
  try {
    const invocation = parse(ports, argv);
    return typeof invocation === 'number' ? invocation : await act(ports, invocation);
  } catch (error) {
    return reportError(terminal, paint, json, error);
  }
}

function parse({ terminal, version }: CliPorts, argv: readonly string[]): Invocation | number {
  let invocation: Invocation | undefined;
  const program = createProgram(version, terminal, (asked) => {
    invocation = asked;
  });
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    const exit = usageExit(error);
    if (exit === undefined) throw error;
    return exit;
  }
  return invocation ?? 2;
}

async function act(ports: CliPorts, { verb, args, flags }: Invocation): Promise<number> {
  const { terminal } = ports;
  const settings = settingsOf(flags);
  let everbearer: Promise<Everbearer> | undefined;
  const context: Context = {
    terminal,
    paint: createPaint(terminal.hasColour),
    json: flags['json'] === true,
    settings,
    everbearer: () => (everbearer ??= ports.open(settings)),
    print(document, text) {
      const line = this.json ? JSON.stringify(document) : text();
      if (line !== '') terminal.out(`${line}\n`);
    },
    note: (text) => {
      terminal.err(`${text}\n`);
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

/** A verb is a short-lived process: it renews nothing before it is urgent. */
function settingsOf(flags: Flags): EverbearerOptions {
  const store = textFlag(flags, 'store');
  const keyFile = textFlag(flags, 'keyFile');
  return {
    actor: 'cli',
    renewal: 'inline',
    ...(store === undefined ? {} : { store }),
    ...(keyFile === undefined ? {} : { keyFile }),
  };
}
