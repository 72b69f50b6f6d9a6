/** What a soak writes down while it goes on. */
import type { TokenRequestEntry } from '../../../src/demo/request-log.ts';
import type { ProtocolPoint } from '../../../src/token/protocol-points.ts';
import type { Incident } from '../support/account.ts';
import { holdsSecret } from './secrets-in-text.ts';

export interface SoakJournal {
  readonly requests: TokenRequestEntry[];
  readonly incidents: Incident[];
  /** What must not happen at all: each a sentence. */
  readonly alarms: string[];
  /** What workers have written: how often each message. */
  readonly lines: Map<string, number>;
  /** Lines with a secret in them. */
  secretLines: number;
}

export function createSoakJournal(): SoakJournal {
  return { requests: [], incidents: [], alarms: [], lines: new Map(), secretLines: 0 };
}

/** @param by the signal that ended it, or its exit code */
export function noteDeath(
  { alarms, incidents }: SoakJournal,
  { actor, by, point }: { actor: string; by: NodeJS.Signals | number; point: ProtocolPoint | undefined },
): void {
  if (by !== 'SIGKILL') alarms.push(`${actor} ended by itself: ${by}.`);
  incidents.push({ at: Date.now(), kind: 'killed', actor, ...(point === undefined ? {} : { point }) });
}

export function noteLine(journal: SoakJournal, line: string): void {
  if (holdsSecret(line)) journal.secretLines += 1;
  const message = messageOf(line);
  journal.lines.set(message, (journal.lines.get(message) ?? 0) + 1);
}

/** Without time, process and details; what is no line of the logger, as it is. */
function messageOf(line: string): string {
  try {
    const { level, code, msg } = JSON.parse(line) as Readonly<Record<string, string | undefined>>;
    return [level, code, msg].filter((part) => part !== undefined).join(' ');
  } catch {
    return line;
  }
}
