/** The figures of a soak, of one stretch or of several that add up in a file. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

export interface SoakTotals {
  readonly stretches: number;
  readonly minutes: number;
  readonly tasks: number;
  readonly failedTasks: number;
  readonly tokenRequests: number;
  /** Tokens that took the place of another. */
  readonly expiries: number;
  readonly events: number;
  /** Requests that have their event. */
  readonly paired: number;
  readonly kills: number;
  readonly killsAtPoints: number;
  readonly stops: number;
  readonly cuts: number;
  readonly edits: number;
  /** Refresh tokens; each with its reason, like those of the next three. */
  readonly lost: number;
  readonly superseded: number;
  readonly replays: number;
  readonly familyRevocations: number;
  /** Although the token was young. */
  readonly renewedAgain: number;
  /** Without a reason, all of them must be 0. */
  readonly lostForNoReason: number;
  readonly doubleRefreshes: number;
  /** Of requests, events and refresh tokens, those two included. */
  readonly unexplained: number;
  readonly unexplainedFailures: number;
  /** Lines and events that hold a secret. */
  readonly secretsSeen: number;
}

/** Whether the soak has failed. */
export function isAmiss({ unexplained, unexplainedFailures, secretsSeen }: SoakTotals): boolean {
  return unexplained + unexplainedFailures + secretsSeen > 0;
}

/** Adds this stretch to those in the file, and writes it. @returns the sum */
export function appendTotals(file: string, stretch: SoakTotals): SoakTotals {
  const earlier = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as readonly SoakTotals[]) : [];
  const all = [...earlier, stretch];
  writeFileSync(file, `${JSON.stringify(all, undefined, 2)}\n`);
  return all.reduce(sum);
}

function sum(a: SoakTotals, b: SoakTotals): SoakTotals {
  const names = Object.keys(b) as readonly (keyof SoakTotals)[];
  return Object.fromEntries(names.map((name) => [name, a[name] + b[name]])) as unknown as SoakTotals;
}

export function describeTotals(totals: SoakTotals): string {
  return Object.entries(totals)
    .map(([name, value]) => `  ${name.padEnd(20)} ${Math.round((value as number) * 10) / 10}`)
    .join('\n');
}
