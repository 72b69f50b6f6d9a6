/** The operations of a document → rows, fragments and findings. */
import { nearestPointer } from './nearest-pointer.ts';
import {
  draftOperation,
  judgeOperation,
  type DraftContext,
  type JudgedOperation,
  type OperationDraft,
} from './draft-operation.ts';
import { MAX_CHARACTERS } from './document-survey.ts';
import { createFinding } from './finding.ts';
import { MAX_LISTED, withCount } from './finding-limit.ts';
import type { FragmentRow, OperationRow } from './imported-model.ts';
import type { Finding, ImportReport } from './import-report.ts';
import type { Issue } from './issue.ts';
import type { OperationName } from './operation-ids.ts';
import type { LocatedOperation } from './path-items.ts';

export interface ModelOperations {
  readonly rows: readonly OperationRow[];
  readonly fragments: readonly FragmentRow[];
  readonly counts: ImportReport['operations'];
  readonly findings: readonly Finding[];
  /** Whether any operation requires a scheme. */
  readonly secured: boolean;
}

/** @returns `undefined` where the rows would be too large to keep */
export function readModelOperations(
  operations: readonly LocatedOperation[],
  names: readonly OperationName[],
  context: DraftContext,
): ModelOperations | undefined {
  const drafts: OperationDraft[] = [];
  let characters = 0;
  for (const [position, located] of operations.entries()) {
    const name = names[position];
    if (name === undefined) continue;
    const draft = draftOperation(located, name, position, context);
    characters += draft.row?.definition.length ?? 0;
    if (characters + context.fragments.characters > MAX_CHARACTERS) return undefined;
    drafts.push(draft);
  }
  const facts = context.fragments.facts();
  const judged = drafts.map((draft) => judgeOperation(draft, facts, context.sha256));
  return {
    rows: judged.flatMap(({ row }) => row ?? []),
    fragments: context.fragments.rows,
    counts: countVerdicts(judged),
    findings: [
      ...judged.flatMap(({ issues }, index) => operationFindings(issues, drafts[index]?.operationId, context.document)),
      ...schemaFindings([...context.fragments.issues, ...drafts.flatMap(({ remarks }) => remarks)], context.document),
    ],
    secured: drafts.some(({ secured }) => secured),
  };
}

function countVerdicts(judged: readonly JudgedOperation[]): ImportReport['operations'] {
  const count = (wanted: JudgedOperation['verdict']): number =>
    judged.filter(({ verdict }) => verdict === wanted).length;
  return { total: judged.length, kept: count('kept'), degraded: count('degraded'), refused: count('refused') };
}

function operationFindings(
  issues: readonly Issue[],
  operationId: string | undefined,
  document: unknown,
): readonly Finding[] {
  return issues.map(({ code, message, pointer }) =>
    createFinding(code, message, {
      pointer: nearestPointer(document, pointer),
      ...(operationId === undefined ? {} : { operationId }),
    }),
  );
}

/** Of all schemas that cannot be compiled, each place once. */
function schemaFindings(issues: readonly Issue[], document: unknown): readonly Finding[] {
  const invalid = new Map(
    issues.filter(({ code }) => code === 'schema_unchecked').map((issue) => [issue.pointer, issue]),
  );
  const listed = [...invalid.values()]
    .slice(0, MAX_LISTED)
    .map(({ message, pointer }) =>
      createFinding('schema_invalid', message, { pointer: nearestPointer(document, pointer) }),
    );
  return withCount(listed, invalid.size, 'schemas that cannot be compiled');
}
