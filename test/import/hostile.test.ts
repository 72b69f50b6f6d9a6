/**
 * Every probe of hostile input, through the whole import: refused with a clear code or imported, within 20 s, and the main loop never stands still for
 * 50 ms. Nothing that a document refers to is opened or connected to. The probes that take seconds stand in test/long.
 */
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import SwaggerParser from '@apidevtools/swagger-parser';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readDocumentSource } from '../../src/io/document-source.ts';
import type { ImportModelOptions, ModelSourceInput } from '../../src/model/import-result.ts';
import { aliasBomb, HOSTILE_DOCUMENTS, referenceDag } from './hostile-documents.ts';
import { expectHarmless, MAX_LAG_MS, MAX_MS, observe, openImportSite } from './import-site.ts';
import type { ImportSite } from './import-site.ts';
import { writeZip } from './zip-writer.ts';

let site: ImportSite;

beforeAll(async () => (site = await openImportSite()));
afterAll(async () => await site.dispose());

describe('documents made to hurt', () => {
  test.each(HOSTILE_DOCUMENTS.filter((document) => document.slow !== true))(
    '$title',
    { timeout: 2 * MAX_MS },
    async (document) => await expectHarmless(site.models, document),
  );

  test('a document of 100 MB is refused at once', async () => {
    const observed = await observe(async () => await site.models.import({ name: 'x', bytes: Buffer.alloc(1e8) }));
    expect(observed.outcome).toBe('document_too_large');
    expect(observed.tookMs).toBeLessThan(100);
  });

  test('a zip of 300 MB of zeros is refused before it is unpacked', async () => {
    const path = join(site.folder, 'bomb.zip');
    const zeros = Buffer.alloc(50_000_000);
    await writeFile(path, writeZip(Array.from({ length: 6 }, (_, at) => ({ name: `${at}.json`, bytes: zeros }))));
    const observed = await observe(async () => await readDocumentSource(path));
    expect(observed.outcome).toBe('files_exceeded');
    expect(observed.tookMs).toBeLessThan(1000);
    expect(observed.lagMs).toBeLessThan(MAX_LAG_MS);
  });
});

describe('--strict and files that are joined', () => {
  /** Less patience, so that the test needs less. */
  async function importImpatiently(source: ModelSourceInput, options: ImportModelOptions): Promise<readonly string[]> {
    const { report } = await site.withReader({ wallMs: 2000 }).import(source, { dryRun: true, ...options });
    return report.findings.map((finding) => finding.code);
  }

  test('a validation that would take for ever is stopped, and the import goes on', { timeout: MAX_MS }, async () => {
    const source = { name: 'dag', bytes: Buffer.from(referenceDag(24)) };
    let codes: readonly string[] = [];
    const observed = await observe(async () => (codes = await importImpatiently(source, { strict: true })));
    expect(observed.outcome).toBe('imported');
    expect(codes).toContain('strict_unfinished');
    expect(observed.lagMs).toBeLessThan(MAX_LAG_MS);
  });

  test('an alias bomb is never given to the validation', async () => {
    const observed = await observe(
      async () => await site.models.import({ name: 'bomb', bytes: Buffer.from(aliasBomb(9)) }, { strict: true }),
    );
    expect(observed.outcome).toBe('document_expands');
    expect(observed.tookMs).toBeLessThan(5000);
  });

  test('files that would take for ever to be joined are a refusal', { timeout: 4 * MAX_MS }, async () => {
    // The bundler looks through all references it knows for each one it meets.
    const references = Array.from({ length: 120_000 }, (_, at) => `"p${at}":{"$ref":"s.json#/s${at}"}`).join(',');
    const targets = Array.from({ length: 120_000 }, (_, at) => `"s${at}":{"type":"string"}`).join(',');
    const source = {
      name: 'r.json',
      path: 'r.json',
      bytes: Buffer.from(`{"openapi":"3.0.3","info":{"title":"A","version":"1"},"paths":{},"x":{${references}}}`),
      siblings: new Map([['s.json', Buffer.from(`{${targets}}`)]]),
    };
    const observed = await observe(async () => await importImpatiently(source, {}));
    expect(observed.outcome).toBe('import_timeout');
    expect(observed.lagMs).toBeLessThan(MAX_LAG_MS);
  });
});

describe('references out of the document', () => {
  const SENTINEL = 'sentinel-7f3a';
  let server: Server;
  let connections = 0;
  let origin: string;
  let sentinel: string;

  beforeAll(async () => {
    sentinel = join(site.folder, 'sentinel.json');
    await writeFile(sentinel, JSON.stringify({ description: SENTINEL }));
    server = createServer((socket) => {
      connections += 1;
      socket.end(`HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(() => server.close());

  interface Dereferencer {
    dereference(document: object, options: object): Promise<unknown>;
  }

  function referring(references: readonly string[]): object {
    const refs = references.map((reference) => ({ $ref: reference }));
    const schema = { allOf: refs };
    return {
      openapi: '3.0.3',
      info: { title: 'Curious', version: '1' },
      servers: [{ url: origin }],
      paths: {
        '/a': {
          post: {
            parameters: refs,
            requestBody: { content: { 'application/json': { schema } } },
            responses: { 200: refs[0] },
          },
        },
        ...Object.fromEntries(refs.map((ref, at) => [`/p${at}`, ref])),
      },
      components: {
        securitySchemes: {
          ...Object.fromEntries(refs.map((ref, at) => [`s${at}`, ref])),
          o: { type: 'oauth2', flows: { password: { tokenUrl: `${origin}/token`, scopes: {} } } },
          d: { type: 'openIdConnect', openIdConnectUrl: `${origin}/.well-known/openid-configuration` },
        },
        examples: { e: { externalValue: `${origin}/example` } },
      },
      externalDocs: { url: `${origin}/docs` },
      $schema: `${origin}/schema`,
      $id: `${origin}/id`,
    };
  }

  const outward = (): readonly string[] => [
    sentinel,
    pathToFileURL(sentinel).href,
    './sentinel.json',
    '../../../../../../../../etc/hostname',
    '/etc/hostname',
    'file:///etc/hostname',
    `${origin}/a.json`,
    `${origin}/a.json#/b`,
    `//${origin.slice('http://'.length)}/a.json`,
  ];

  test.each([
    ['of a single file', {}, undefined],
    ['of a single file, validated strictly', { strict: true }, undefined],
    ['of a file among others', {}, { 'other.json': Buffer.from('{"ok":{}}') }],
    ['of a file among others, validated strictly', { strict: true }, { 'other.json': Buffer.from('{"ok":{}}') }],
  ])('%s open no socket and no file', { timeout: 2 * MAX_MS }, async (_title, options, siblings) => {
    const inner = siblings === undefined ? [] : ['other.json#/ok'];
    const bytes = Buffer.from(JSON.stringify(referring([...outward(), ...inner])));
    const files = siblings === undefined ? {} : { path: 'root.json', siblings: new Map(Object.entries(siblings)) };
    const before = connections;
    const { versionId, report } = await site.models.import(
      { name: 'root.json', bytes, ...files },
      { replace: true, ...options },
    );
    const model = await site.models.get(versionId);
    const stored = [JSON.stringify(model), JSON.stringify(report)];
    for (const { operationId } of (await site.models.tasks(versionId)).items)
      stored.push(JSON.stringify(await site.models.task(versionId, operationId)));
    expect(connections).toBe(before);
    expect(stored.join('')).not.toContain(SENTINEL);
    expect(report.findings.map((finding) => finding.code)).toContain('external_references');
  });

  // The probe itself: a reader that follows references is caught by it.
  test('are followed to files by swagger-parser with its defaults', async () => {
    const document = { openapi: '3.0.3', info: { title: 'A', version: '1' }, paths: { '/a': { $ref: sentinel } } };
    expect(JSON.stringify(await SwaggerParser.dereference(document as never))).toContain(SENTINEL);
  });

  test('are followed to hosts by swagger-parser once its filter lets it', async () => {
    const document = {
      openapi: '3.0.3',
      info: { title: 'A', version: '1' },
      paths: { '/a': { $ref: `${origin}/a.json` } },
    };
    const before = connections;
    await (SwaggerParser as Dereferencer)
      .dereference(document, { resolve: { http: { safeUrlResolver: false } } })
      .catch(() => undefined);
    expect(connections).toBeGreaterThan(before);
  });
});
