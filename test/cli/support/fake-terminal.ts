/** A terminal that writes down what is said, and answers what it is asked. */
import type { Everbearer } from '../../../src/api.ts';
import { runCli } from '../../../src/cli/cli.ts';
import type { Terminal } from '../../../src/cli/terminal.ts';
import type { EverbearerOptions } from '../../../src/options.ts';

export interface FakeTerminal extends Terminal {
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly asked: readonly { readonly question: string; readonly secret: boolean }[];
}

export interface FakeTerminalOptions {
  readonly isInteractive?: boolean;
  readonly showsOutput?: boolean;
  readonly hasColour?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly stdin?: string;
  /** To questions, in their order. */
  readonly answers?: readonly string[];
}

export function fakeTerminal(options: FakeTerminalOptions = {}): FakeTerminal {
  let [stdout, stderr] = ['', ''];
  const asked: { question: string; secret: boolean }[] = [];
  return {
    isInteractive: options.isInteractive ?? false,
    showsOutput: options.showsOutput ?? false,
    hasColour: options.hasColour ?? false,
    environment: options.environment ?? {},
    signal: options.signal ?? new AbortController().signal,
    out: (text) => (stdout += text),
    outBytes: async (bytes) => void (stdout += Buffer.from(bytes).toString()),
    err: (text) => (stderr += text),
    async *readStdin() {
      yield Buffer.from(options.stdin ?? '');
    },
    async ask(question, { secret }) {
      asked.push({ question, secret });
      return options.answers?.[asked.length - 1] ?? '';
    },
    stdout: () => stdout,
    stderr: () => stderr,
    asked,
  };
}

export interface FakeRun {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly terminal: FakeTerminal;
  /** What Everbearer was opened with; `undefined` where it was not. */
  readonly options: EverbearerOptions | undefined;
  readonly isClosed: boolean;
}

/** The command line in this process, over a terminal and an Everbearer that are none. A part that is not given must not be used. */
export async function runFake(
  args: readonly string[],
  parts: { readonly [Part in keyof Everbearer]?: Partial<Everbearer[Part]> } = {},
  terminalOptions: FakeTerminalOptions = {},
): Promise<FakeRun> {
  const terminal = fakeTerminal(terminalOptions);
  let options: EverbearerOptions | undefined;
  let isClosed = false;
  const exit = await runCli(
    {
      terminal,
      version: '9.8.7',
      open: async (given) => {
        options = given;
        const close = async (): Promise<void> => void (isClosed = true);
        return { ...parts, close } as unknown as Everbearer;
      },
    },
    args,
  );
  return { exit, stdout: terminal.stdout(), stderr: terminal.stderr(), terminal, options, isClosed };
}
