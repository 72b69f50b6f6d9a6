/** How findings are made: severity from the table, message from whoever found it. */
import { FINDING_CODES, type FindingCode } from './finding-codes.ts';
import type { Finding } from './import-report.ts';

/** Where in the document. */
export interface FindingPlace {
  readonly pointer?: string;
  readonly line?: number;
  readonly column?: number;
  readonly operationId?: string;
}

export function createFinding(code: FindingCode, message: string, place: FindingPlace = {}): Finding {
  return { severity: FINDING_CODES[code].severity, code, message, ...place };
}

/** Longest piece of foreign text in a message, in characters. */
const MAX_QUOTED = 80;

/** Foreign text for a message: one line, cut, in quotes. */
export function quoted(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return `"${line.length > MAX_QUOTED ? `${line.slice(0, MAX_QUOTED)}…` : line}"`;
}
