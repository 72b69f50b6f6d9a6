/** What is found out about one operation while it is read, before it has its id. */
import type { Json } from '../kernel/json.ts';
import type { FindingCode } from './finding-codes.ts';
import { quoted } from './finding.ts';
import type { BrokenReference } from './references.ts';

/** Becomes a finding of the operation. Its severity decides: a warning means degraded, an error refused. */
export interface Issue {
  readonly code: FindingCode;
  readonly message: string;
  readonly pointer: string;
}

/** A schema that the operation uses, and where it stands. */
export interface UsedSchema {
  readonly schema: Json;
  readonly pointer: string;
}

/** @param what what the reference stands for, e.g. `A parameter` */
export function brokenReferenceIssue(
  what: string,
  broken: { readonly outcome: BrokenReference; readonly reference: string; readonly pointer: string },
): Issue {
  const { outcome, reference, pointer } = broken;
  return outcome === 'external'
    ? {
        code: 'reference_external',
        message: `${what} is described in another file, which was not imported: ${quoted(reference)}`,
        pointer,
      }
    : { code: 'reference_dangling', message: `${what} is a $ref that leads nowhere: ${quoted(reference)}`, pointer };
}

/** Keeps the first issue of each code. */
export function addIssue(issues: Issue[], issue: Issue): void {
  if (!issues.some(({ code }) => code === issue.code)) issues.push(issue);
}
