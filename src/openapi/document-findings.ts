/** What is worth saying about a document as a whole. */
import { objectField, standardEntries } from './document-fields.ts';
import { findingRow, type FindingCode } from './finding-codes.ts';
import { createFinding, named, quoted } from './finding.ts';
import type { Finding } from './import-report.ts';
import type { OperationName } from './operation-ids.ts';
import type { LocatedOperation } from './path-items.ts';

export interface DocumentView {
  readonly document: unknown;
  readonly externalReferences: readonly string[];
  readonly operations: readonly LocatedOperation[];
  /** By position. */
  readonly names: readonly OperationName[];
}

export function documentFindings(view: DocumentView): readonly Finding[] {
  const webhooks = standardEntries(objectField(view.document, 'webhooks')).length;
  const made = view.names.filter((name) => name.made).length;
  return [
    ...externalFindings(view.externalReferences),
    ...(view.operations.length === 0 ? [finding('operations_none', '', {})] : []),
    ...(webhooks === 0
      ? []
      : [finding('webhooks_ignored', `There are ${webhooks} webhooks. `, { pointer: '/webhooks' })]),
    ...(made === 0 ? [] : [finding('operation_ids_made', `${made} operations have no operationId. `, {})]),
    ...duplicateFindings(view),
  ];
}

/** @param what the fact; what it means and what to do follows from the table */
function finding(code: FindingCode, what: string, place: { readonly pointer?: string }): Finding {
  return createFinding(code, `${what}${findingRow(code).meaning}`, place);
}

/** References by the file or address that they lead to. */
function externalFindings(references: readonly string[]): readonly Finding[] {
  if (references.length === 0) return [];
  const files = [...new Set(references.map((reference) => reference.replace(/#.*$/s, '')))];
  const count = `${references.length} external references not imported. They lead to ${named(files)}. `;
  return [finding('external_references', count, {})];
}

function duplicateFindings({ operations, names }: DocumentView): readonly Finding[] {
  const shared = Map.groupBy(names.keys(), (position) => names[position]?.duplicateOf);
  return [...shared].flatMap(([operationId, positions]) => {
    if (operationId === undefined) return [];
    const ids = positions.flatMap((position) => names[position]?.operationId ?? []);
    const pointer = operations[positions[0] ?? 0]?.pointer ?? '';
    const message = `The operationId ${quoted(operationId)} stands at ${positions.length} operations; their ids are ${named(ids)}.`;
    return [createFinding('operation_id_duplicate', message, { pointer })];
  });
}
