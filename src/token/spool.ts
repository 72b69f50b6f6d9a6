/**
 * The port for saves that the store could not take: kept on this machine, encrypted, until a process of it sees the store again. A refresh token that was
 * rotated would otherwise be lost with the process.
 */
import type { Save } from './token-transition.ts';

export interface SpooledSave {
  readonly recordId: string;
  /** For people. */
  readonly integration: string;
  readonly scheme: string;
  readonly save: Save;
}

export interface Spool {
  /** Durable when it resolves. @throws whatever the disk says */
  write(entry: SpooledSave): Promise<void>;
  /** What is there; files that do not open are left alone. */
  list(): Promise<readonly SpooledSave[]>;
  remove(attempt: string): Promise<void>;
}

/** Where spooling is turned off. */
export const NO_SPOOL: Spool = {
  write: () => Promise.reject(new TypeError('There is no spool.')),
  list: () => Promise.resolve([]),
  remove: () => Promise.resolve(),
};
