/** A document reader that answers from a script, and how much of it was asked for. */
import type { DocumentFacts, DocumentReader, ReadOptions } from '../../src/model/document-reader.ts';
import type { FragmentRow, ModelFacts, OperationRow, RefusedDocument } from '../../src/openapi/imported-model.ts';

export interface ScriptedDocument {
  readonly facts: ModelFacts;
  readonly operations?: readonly OperationRow[];
  readonly fragments?: readonly FragmentRow[];
  readonly files?: readonly string[];
}

export interface ScriptedReader extends DocumentReader {
  /** By the text of the document. */
  readonly documents: Map<string, ScriptedDocument | RefusedDocument>;
  readonly asked: { readonly name: string; readonly options: ReadOptions }[];
  /** Documents whose rows were wanted. */
  rowsRead: number;
}

export function createScriptedReader(): ScriptedReader {
  const reader: ScriptedReader = {
    documents: new Map(),
    asked: [],
    rowsRead: 0,
    async read(input, options, sink) {
      reader.asked.push({ name: input.name, options });
      const document = reader.documents.get(Buffer.from(input.bytes).toString());
      if (document === undefined) throw new Error(`nothing is scripted for ${input.name}`);
      if ('outcome' in document) return document;
      const { facts, operations = [], fragments = [], files = [] } = document;
      const head: DocumentFacts = { facts, mediaType: 'application/json', files };
      if (!(await sink.facts(head))) return { outcome: 'imported' };
      reader.rowsRead += 1;
      for (const row of operations) await sink.operations([row]);
      await sink.fragments(fragments);
      return { outcome: 'imported' };
    },
    close: () => Promise.resolve(),
  };
  return reader;
}

export function facts(versionId: string, more: Partial<ModelFacts> = {}): ModelFacts {
  const [title = '', version = ''] = versionId.split(':');
  return {
    versionId,
    kind: 'openapi',
    title,
    version,
    specVersion: '3.0.3',
    dialect: 'openapi-3.0',
    servers: [],
    securitySchemes: [],
    security: [],
    report: {
      versionId,
      specVersion: '3.0.3',
      title,
      operations: { total: 1, kept: 1, degraded: 0, refused: 0 },
      servers: [],
      securitySchemes: [],
      findings: [],
    },
    ...more,
  };
}

export function operationRow(operationId: string, digest = 'd', definition: object = {}, position = 0): OperationRow {
  return {
    operationId,
    position,
    method: 'GET',
    path: `/${operationId}`,
    digest,
    definition: JSON.stringify(definition),
  };
}
