/** Long lists of findings of one kind are cut: the first ones are read, the number says the rest. */
import { createFinding } from './finding.ts';
import type { Finding } from './import-report.ts';

/** Findings of one kind that a report lists. */
export const MAX_LISTED = 20;

/**
 * The first findings, and how many there are where that is more.
 * @param what what is counted, in the plural
 */
export function withCount(findings: readonly Finding[], count: number, what: string): readonly Finding[] {
  if (count <= MAX_LISTED) return findings;
  const message = `There are ${count} ${what}; the first ${MAX_LISTED} are listed. Use --strict for the full validation.`;
  return [...findings.slice(0, MAX_LISTED), createFinding('structure_more', message)];
}
