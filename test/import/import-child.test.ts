/** The real child on documents that mean no harm: files that are joined, strict validation, batches, what is kept of the source. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readDocumentSource } from '../../src/io/document-source.ts';
import { createImportProcess } from '../../src/io/import-process.ts';
import type { DocumentReader, RowSink } from '../../src/model/document-reader.ts';
import { openImportSite } from './import-site.ts';
import type { ImportSite } from './import-site.ts';
import { writeZip } from './zip-writer.ts';

let site: ImportSite;
let reader: DocumentReader;

beforeAll(async () => {
  site = await openImportSite();
  reader = createImportProcess();
});
afterAll(async () => {
  await reader.close();
  await site.dispose();
});

const OK = { responses: { 200: { description: 'ok' } } };

function openapi(title: string, more: object, version = '3.0.3'): Buffer {
  return Buffer.from(JSON.stringify({ openapi: version, info: { title, version: '1' }, paths: {}, ...more }));
}

describe('files that refer to each other', () => {
  const body = { content: { 'application/json': { schema: { $ref: 'schemas/order.yaml' } } } };
  const files = {
    'api/root.json': openapi('Orders', {
      paths: { '/orders': { post: { operationId: 'make', requestBody: body, ...OK } } },
    }),
    'api/schemas/order.yaml': Buffer.from(
      'type: object\nrequired: [id]\nproperties:\n  id: { $ref: ../../common.json#/id }\n',
    ),
    'common.json': Buffer.from('{"id":{"type":"integer"}}'),
    'broken.yaml': Buffer.from('a: [1,\nb: }'),
  };

  test('become one model, whose tasks know the schemas of all of them; its export can be imported again', async () => {
    const zip = join(site.folder, 'orders.zip');
    await writeFile(zip, writeZip(Object.entries(files).map(([name, bytes]) => ({ name, bytes }))));
    const source = await readDocumentSource(zip);
    if (source.kind !== 'files') throw new Error('a zip was expected');
    const result = await site.models.importFiles(source.files);
    expect(result).toMatchObject({
      items: [
        { file: 'api/root.json', outcome: 'imported', versionId: 'Orders:1', report: { operations: { kept: 1 } } },
      ],
      refused: 0,
    });
    const { inputSchema } = await site.models.task('Orders:1', 'make');
    const validate = new Ajv2020({ strict: false }).compile(inputSchema as object);
    expect(validate({ body: { id: 1 } })).toBe(true);
    expect(validate({ body: { id: 'text' } })).toBe(false);

    const exported = join(site.folder, 'exported.zip');
    const chunks: Uint8Array[] = [];
    for await (const chunk of await site.models.export('Orders:1')) chunks.push(chunk);
    await writeFile(exported, Buffer.concat(chunks));
    const again = await readDocumentSource(exported);
    if (again.kind !== 'files') throw new Error('a zip was expected');
    expect([...again.files.keys()]).toEqual(['api/root.json', 'api/schemas/order.yaml', 'common.json']);
    expect((await site.models.importFiles(again.files)).items).toMatchObject([{ outcome: 'unchanged' }]);
  });

  test('the document alone says what is missing', async () => {
    const bytes = Buffer.from(files['api/root.json'].toString().replace('Orders', 'Alone'));
    const { report } = await site.models.import({ name: 'root.json', bytes }, { dryRun: true });
    expect(report.findings.map((finding) => finding.code)).toContain('external_references');
    expect(JSON.stringify(report.findings)).toContain('schemas/order.yaml');
  });
});

describe('--strict', () => {
  async function strictCodes(bytes: Uint8Array): Promise<readonly string[]> {
    const { report } = await site.models.import({ name: 'strict', bytes }, { dryRun: true, strict: true });
    return report.findings.map((finding) => finding.code).filter((code) => code.startsWith('strict'));
  }

  test('says nothing of a valid document', async () => {
    expect(await strictCodes(openapi('S', { paths: { '/a': { get: OK } } }))).toEqual([]);
  });

  test('adds what swagger-parser finds, with its place, and imports all the same', async () => {
    const bytes = openapi('S', { paths: { '/a': { get: { responses: { 200: {} } } } } });
    const { outcome, report } = await site.models.import({ name: 's', bytes }, { dryRun: true, strict: true });
    expect(outcome).toBe('checked');
    expect(report.operations.total).toBe(1);
    const found = report.findings.filter((finding) => finding.code === 'strict_invalid');
    expect(found[0]).toMatchObject({ severity: 'warning', pointer: expect.stringMatching(/^\/paths\/~1a\/get/) });
  });

  test('lists the first 20 and counts the rest', async () => {
    const paths = Object.fromEntries(
      Array.from({ length: 50 }, (_, at) => [`/p${at}`, { get: { responses: { 200: {} } } }]),
    );
    expect(await strictCodes(openapi('S', { paths }))).toHaveLength(20);
  });

  test('says that it does not know OpenAPI 3.2', async () => {
    expect(await strictCodes(openapi('S', {}, '3.2.0'))).toEqual(['strict_unsupported']);
  });

  test('of a document that cannot be parsed is the refusal alone', async () => {
    const reading = site.models.import({ name: 's', bytes: Buffer.from('{"openapi": ') }, { strict: true });
    await expect(reading).rejects.toMatchObject({
      code: 'document_refused',
      details: { reason: 'json_syntax', line: 1 },
    });
  });
});

test('relative servers are resolved against the URL that the document came from', async () => {
  const bytes = openapi('R', { servers: [{ url: '/v1' }], paths: { '/a': { get: OK } } });
  const source = { name: 'u', url: 'https://api.example.test/spec/openapi.json', bytes };
  const { report } = await site.models.import(source, { dryRun: true });
  expect(JSON.stringify(report.servers)).toContain('https://api.example.test/v1');
});

test('an empty document is bad_request', async () => {
  await expect(site.models.import({ name: 'e', bytes: new Uint8Array() })).rejects.toMatchObject({
    code: 'bad_request',
  });
});

describe('batches', () => {
  const paths = Object.fromEntries(
    Array.from({ length: 1200 }, (_, at) => [
      `/p${at}`,
      { get: { ...OK, description: 'd'.repeat(at < 600 ? 5000 : 5) } },
    ]),
  );
  const options = { limits: { maxBytes: 1e8, maxOperations: 5000 }, strict: false };
  const batches: { readonly rows: number; readonly characters: number }[] = [];

  function sink(wanted: boolean): RowSink {
    return {
      facts: async () => wanted,
      operations: async (rows) => {
        batches.push({ rows: rows.length, characters: rows.reduce((sum, row) => sum + row.definition.length, 0) });
      },
      fragments: async () => undefined,
    };
  }

  test('hold at most 500 rows and about 1 MiB, and all rows', async () => {
    batches.length = 0;
    await reader.read({ name: 'b', bytes: openapi('B', { paths }) }, options, sink(true));
    expect(batches.reduce((sum, batch) => sum + batch.rows, 0)).toBe(1200);
    expect(Math.max(...batches.map((batch) => batch.rows))).toBe(500);
    expect(Math.max(...batches.map((batch) => batch.characters))).toBeLessThanOrEqual(1024 * 1024);
  });

  test('are not sent where none are wanted', async () => {
    batches.length = 0;
    expect(await reader.read({ name: 'b', bytes: openapi('B', { paths }) }, options, sink(false))).toEqual({
      outcome: 'imported',
    });
    expect(batches).toEqual([]);
  });
});

test('the input schemas of a real API compile', { timeout: 60_000 }, async () => {
  const document = createRequire(import.meta.url).resolve('@octokit/openapi/generated/api.github.com.json');
  const { versionId } = await site.models.import({ name: 'github', bytes: await readFile(document) });
  let compiled = 0;
  for (let after: string | undefined; ;) {
    const page = await site.models.tasks(versionId, { limit: 100, ...(after === undefined ? {} : { after }) });
    for (const { operationId } of page.items.filter((item) => item.method !== 'GET').slice(0, 20)) {
      const { inputSchema } = await site.models.task(versionId, operationId);
      new Ajv2020({ strict: false, validateFormats: false }).compile(inputSchema as object);
      compiled += 1;
    }
    if (page.next === undefined) break;
    after = page.next;
  }
  expect(compiled).toBeGreaterThan(100);
});
