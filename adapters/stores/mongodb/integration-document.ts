/** An integration as it is stored: marks are a list, because a scheme's name is no safe field name. */
import type { Sealed } from '../../../src/kernel/cipher.ts';
import type {
  IntegrationRecord,
  IntegrationSettings,
  NewIntegrationRecord,
  SchemeMarks,
} from '../../../src/integration/integration-store.ts';

export interface IntegrationDocument {
  readonly _id: string;
  readonly name: string;
  readonly model: string;
  readonly rev: number;
  readonly marks: readonly (SchemeMarks & { readonly scheme: string })[];
  readonly settings: IntegrationSettings;
  readonly sealed: Sealed;
  readonly created_at: Date;
  readonly updated_at: Date;
}

/** What an edit replaces. */
export function editableFields(
  record: NewIntegrationRecord,
): Pick<IntegrationDocument, 'rev' | 'marks' | 'settings' | 'sealed'> {
  const { rev, settings, sealed } = record;
  return {
    rev,
    marks: Object.entries(record.marks).map(([scheme, marks]) => ({ scheme, ...marks })),
    settings,
    sealed,
  };
}

/** A new integration, without the instants that the server gives it. */
export function integrationFields(record: NewIntegrationRecord): Omit<IntegrationDocument, `${string}_at`> {
  return { _id: record.id, name: record.name, model: record.model, ...editableFields(record) };
}

/** The record of a document. */
export function integrationRecord(document: IntegrationDocument): IntegrationRecord {
  const { _id: id, marks, created_at: createdAt, updated_at: updatedAt, ...fields } = document;
  return {
    ...fields,
    id,
    marks: Object.fromEntries(marks.map(({ scheme, ...revisions }) => [scheme, revisions])),
    createdAt: createdAt.getTime(),
    updatedAt: updatedAt.getTime(),
  };
}
