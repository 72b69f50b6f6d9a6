/** One operation on its way into the model: first read with all that it leads to, then judged when everything is known. */
import { contractText } from './contract-text.ts';
import { findingRow } from './finding-codes.ts';
import type { FragmentFacts, Fragments } from './fragments.ts';
import type { OperationRow } from './imported-model.ts';
import { addIssue, type Issue, type UsedSchema } from './issue.ts';
import { securityIssue } from './model-security.ts';
import type { OperationName } from './operation-ids.ts';
import { refusalOf, type LocatedOperation } from './path-items.ts';
import { readOperation, type OperationContext } from './read-operation.ts';

export interface DraftContext extends OperationContext {
  readonly sha256: (text: string) => string;
  readonly fragments: Fragments;
  /** Names of the security schemes that are understood. */
  readonly schemes: ReadonlySet<string>;
}

export interface OperationDraft {
  readonly operationId: string;
  /** Absent for a refused one. */
  readonly row?: OperationRow;
  /** Fragments by number. */
  readonly requestFragments: readonly number[];
  readonly responseFragments: readonly number[];
  readonly issues: readonly Issue[];
  /** Schemas of responses that cannot be compiled: worth knowing, but no task depends on them. */
  readonly remarks: readonly Issue[];
  readonly secured: boolean;
}

export interface JudgedOperation {
  readonly verdict: 'kept' | 'degraded' | 'refused';
  readonly row?: OperationRow;
  /** At most one of each code. */
  readonly issues: readonly Issue[];
}

export function draftOperation(
  located: LocatedOperation,
  name: OperationName,
  position: number,
  context: DraftContext,
): OperationDraft {
  const { operationId } = name;
  const why = refusalOf(located);
  if (why !== undefined) {
    const issue: Issue = {
      code: 'operation_unusable',
      message: `The operation is refused. ${why}`,
      pointer: located.pointer,
    };
    return { operationId, requestFragments: [], responseFragments: [], issues: [issue], remarks: [], secured: false };
  }
  const { operation, requestSchemas, responseSchemas, issues } = readOperation(located, operationId, context);
  const request = collect(requestSchemas, context.fragments);
  const response = collect(responseSchemas, context.fragments);
  const security = securityIssue(operation.security, context.schemes, located.pointer);
  const { summary, method, path } = operation;
  return {
    operationId,
    row: {
      operationId,
      position,
      method,
      path,
      ...(summary === undefined ? {} : { summary }),
      ...(name.duplicateOf === undefined ? {} : { duplicateOf: name.duplicateOf }),
      digest: context.sha256(contractText(operation)),
      definition: JSON.stringify(operation),
    },
    requestFragments: request.fragments,
    responseFragments: response.fragments,
    issues: [
      ...issues,
      ...(security === undefined ? [] : [security]),
      ...request.issues,
      ...response.issues.filter(isBroken),
    ],
    remarks: response.issues.filter((issue) => !isBroken(issue)),
    secured: operation.security.some((requirement) => Object.keys(requirement).length > 0),
  };
}

function collect(
  schemas: readonly UsedSchema[],
  fragments: Fragments,
): { readonly fragments: readonly number[]; readonly issues: readonly Issue[] } {
  // One body schema stands under several media types in a document made from 2.0.
  const once = new Map(schemas.map((used) => [used.schema, used]));
  const needs = [...once.values()].map((used) => fragments.collect(used));
  return {
    fragments: [...new Set(needs.flatMap(({ fragments: numbers }) => numbers))],
    issues: needs.flatMap(({ issues }) => issues),
  };
}

/** A response that cannot be checked is no loss to the task; one that is described elsewhere is. */
function isBroken({ code }: Issue): boolean {
  return code !== 'schema_unchecked';
}

/** @param facts of all fragments, by number */
export function judgeOperation(
  draft: OperationDraft,
  facts: readonly FragmentFacts[],
  sha256: (text: string) => string,
): JudgedOperation {
  const request = draft.requestFragments.flatMap((number) => facts[number] ?? []);
  const response = draft.responseFragments.flatMap((number) => facts[number] ?? []);
  const issues: Issue[] = [];
  for (const issue of draft.issues) addIssue(issues, issue);
  for (const issue of request.flatMap((known) => known.issues)) addIssue(issues, issue);
  for (const issue of response.flatMap((known) => known.issues.filter(isBroken))) addIssue(issues, issue);
  if (draft.row === undefined) return { verdict: 'refused', issues };
  const digests = new Set([...request, ...response].map(({ digest }) => digest));
  const digest =
    digests.size === 0 ? draft.row.digest : sha256([draft.row.digest, ...[...digests].toSorted()].join('\n'));
  const degraded = issues.some(({ code }) => findingRow(code).severity !== 'info');
  return { verdict: degraded ? 'degraded' : 'kept', row: { ...draft.row, digest }, issues };
}
