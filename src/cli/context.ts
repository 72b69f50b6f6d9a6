/** What every action gets: the terminal, a way to print, and Everbearer opened when it is needed. */
import type { Everbearer } from '../api.ts';
import type { EverbearerOptions, EverbearerOverrides } from '../options.ts';
import type { Paint } from './paint.ts';
import type { Terminal } from './terminal.ts';

export interface Context {
  readonly terminal: Terminal;
  /** Everbearer's own. */
  readonly version: string;
  readonly paint: Paint;
  /** Whether standard output is for programs. */
  readonly json: boolean;
  /** What the flags say, and what the command line puts under the variables. */
  readonly settings: EverbearerOptions;
  /** Opened with the settings, closed at the end of the verb. Overrides count at the first call. */
  everbearer(overrides?: EverbearerOverrides): Promise<Everbearer>;
  /** The one answer: the document with `--json`, else the text. */
  print(document: unknown, text: () => string): void;
  /** A line for people, on standard error. */
  readonly note: (text: string) => void;
}
