/** What a verb may do to the outside: the port between the command line and the process. */
export interface Terminal {
  /** Whether a person sits before it: they may be asked, and progress is drawn. */
  readonly isInteractive: boolean;
  /** Whether standard error shows colour. */
  readonly hasColour: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  out(text: string): void;
  outBytes(bytes: Uint8Array): Promise<void>;
  err(text: string): void;
  readStdin(): AsyncIterable<Uint8Array>;
  /** Asks on the terminal; a secret is not shown. */
  ask(question: string, options: { readonly secret: boolean; readonly suggestion?: string }): Promise<string>;
}
