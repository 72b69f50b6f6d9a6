/** Models to write into a store: small, but with every field that a store must carry. */
import type { FragmentRow, ModelFacts, OperationRow } from '../../../src/openapi/imported-model.ts';
import type { ModelRecord, ModelSource, ModelStore, ModelWriter } from '../../../src/model/model-store.ts';

/** Facts of a model with `operations` rows and one refused operation besides. */
export function sampleFacts(versionId: string, operations = 0): ModelFacts {
  const [title = '', version = ''] = versionId.split(':');
  return {
    versionId,
    kind: 'openapi',
    title,
    version,
    description: 'Bücher und mehr: "$x", $$NOW, a.b',
    specVersion: '3.1.0',
    dialect: 'json-schema-2020-12',
    servers: [{ url: 'https://{region}.example.com', variables: { region: { default: 'eu', enum: ['eu', 'us'] } } }],
    securitySchemes: [
      {
        name: 'dotted.$name',
        type: 'oauth2',
        flows: [{ flow: 'password', token_url_source: 'missing', refresh_url_source: 'missing', scopes: ['$all'] }],
        extensions: { 'x-odd.key': { $set: 1 }, 'x-null': null },
      },
    ],
    security: [{ 'dotted.$name': ['$all'] }, {}],
    report: {
      versionId,
      specVersion: '3.1.0',
      title,
      operations: { total: operations + 1, kept: operations, degraded: 0, refused: 1 },
      servers: [],
      securitySchemes: [],
      findings: [{ severity: 'warning', code: 'sample', message: 'A finding.', pointer: '/paths/~1a~1{b}/get' }],
    },
  };
}

export function sampleSource(bytes: number): ModelSource {
  return { mediaType: 'application/json', bytes, sha256: 'ab'.repeat(32) };
}

/** An operation row with a definition of about `size` characters. */
export function sampleOperation(position: number, more: Partial<OperationRow> & { size?: number } = {}): OperationRow {
  const { size = 0, ...rest } = more;
  return {
    operationId: `operation/${position}`,
    position,
    method: 'GET',
    path: `/things/{id}/${position}`,
    digest: position.toString(16).padStart(64, '0'),
    definition: JSON.stringify({ position, $ref: '#/a.b', padding: 'ü'.repeat(size) }),
    ...rest,
  };
}

export function sampleOperations(count: number): readonly OperationRow[] {
  return Array.from({ length: count }, (_, position) => sampleOperation(position));
}

export interface SampleModel {
  readonly versionId: string;
  readonly operations?: readonly OperationRow[];
  readonly fragments?: readonly FragmentRow[];
  readonly source?: Uint8Array;
}

/** Writes everything of a model and leaves it unpublished. */
export async function writeModel(models: ModelStore, sample: Omit<SampleModel, 'versionId'>): Promise<ModelWriter> {
  const writer = await models.begin();
  if (sample.source !== undefined) await writer.writeSource(sample.source);
  await writer.writeOperations(sample.operations ?? []);
  await writer.writeFragments(sample.fragments ?? []);
  return writer;
}

/** Writes and publishes a model, which must not meet another. @returns its record */
export async function publishModel(models: ModelStore, sample: SampleModel, replaces?: string): Promise<ModelRecord> {
  const writer = await writeModel(models, sample);
  const facts = sampleFacts(sample.versionId, sample.operations?.length ?? 0);
  const outcome = await writer.publish(facts, sampleSource(sample.source?.length ?? 0), replaces);
  const record = await models.find(sample.versionId);
  if (outcome !== 'published' || record === undefined) throw new Error(`publish: ${outcome}`);
  return record;
}

export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}
