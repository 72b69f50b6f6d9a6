/** What a verb is: data for the parser, the help and the docs, and where its action stands. */
import type { Context } from './context.ts';

export interface VerbArgument {
  /** As in `<name>`. */
  readonly name: string;
  readonly description: string;
  /** Default true. */
  readonly required?: boolean;
}

export interface VerbFlag {
  /** As commander reads it, e.g. `--max-bytes <bytes>`. */
  readonly flags: string;
  readonly description: string;
  readonly kind?: 'integer';
  /** Least value of an integer. Default 0. */
  readonly minimum?: number;
}

export interface Verb {
  /** One or two words, e.g. `models list`. */
  readonly name: string;
  readonly summary: string;
  readonly arguments: readonly VerbArgument[];
  readonly flags: readonly VerbFlag[];
  /** Names of the options that change what it does: its help shows them. Every verb takes them all. */
  readonly settings: readonly string[];
  /** What `--json` prints. */
  readonly answer: string;
  /** Command lines without `everbearer`. At least one. A test runs them all. */
  readonly examples: readonly string[];
  readonly load: () => Promise<Action>;
}

/** By name in camel case, as commander gives them. */
export type Flags = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** @returns the exit code */
export type Action = (context: Context, args: readonly string[], flags: Flags) => Promise<number>;

export function textFlag(flags: Flags, name: string): string | undefined {
  const value = flags[name];
  return typeof value === 'string' ? value : undefined;
}

export function numberFlag(flags: Flags, name: string): number | undefined {
  const value = flags[name];
  return typeof value === 'number' ? value : undefined;
}
