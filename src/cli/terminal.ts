/** What a verb may do to the outside: the port between the command line and the process. */

/** Why the signal of a terminal is aborted: somebody ended the program. */
export class Interruption extends Error {
  override readonly name = 'Interruption';
  /** 128 + the number of the signal, as shells have it. */
  readonly exitCode: number;

  constructor(signal: 'SIGINT' | 'SIGTERM') {
    super(`ended by ${signal}`);
    this.exitCode = signal === 'SIGINT' ? 130 : 143;
  }
}

export interface Terminal {
  /** Whether a person sits before it: they may be asked, and progress is drawn. */
  readonly isInteractive: boolean;
  /** Whether somebody looks at standard output itself. */
  readonly showsOutput: boolean;
  /** Whether what is printed is shown in colour. */
  readonly hasColour: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  out(text: string): void;
  outBytes(bytes: Uint8Array): Promise<void>;
  err(text: string): void;
  readStdin(): AsyncIterable<Uint8Array>;
  /** Asks on the terminal; a secret is not shown. @throws Interruption, EverbearerError `configuration_missing` where the input ends */
  ask(question: string, options: { readonly secret: boolean; readonly suggestion?: string }): Promise<string>;
}
