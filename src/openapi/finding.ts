/** How findings are made: severity from the table, message from whoever found it. */
import { findingRow, type FindingCode } from './finding-codes.ts';
import type { Finding } from './import-report.ts';

/** Where in the document. */
export interface FindingPlace {
  readonly pointer?: string;
  readonly line?: number;
  readonly column?: number;
  readonly operationId?: string;
}

export function createFinding(code: FindingCode, message: string, place: FindingPlace = {}): Finding {
  return { severity: findingRow(code).severity, code, message, ...place };
}

/** Longest piece of foreign text in a message, in characters. */
const MAX_QUOTED = 120;
/** Names listed in a message. */
const MAX_NAMED = 10;

/** Foreign text for a message: one line, cut, in quotes. */
export function quoted(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return `"${line.length > MAX_QUOTED ? `${line.slice(0, MAX_QUOTED)}…` : line}"`;
}

/** Foreign names for a message: the first ones in quotes, and how many more there are. */
export function named(names: readonly string[]): string {
  const listed = names.slice(0, MAX_NAMED).map(quoted).join(', ');
  return names.length > MAX_NAMED ? `${listed} and ${names.length - MAX_NAMED} more` : listed;
}
