import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSqliteStore } from '../../adapters/stores/sqlite/sqlite-store.ts';
import { EverbearerError } from '../../src/errors.ts';
import { sourceTools } from '../../src/io/source-tools.ts';
import { createModels } from '../../src/model/models.ts';
import type { Models } from '../../src/model/models.ts';
import type { ModelStore } from '../../src/model/model-store.ts';
import type { Store } from '../../src/store.ts';
import { createScriptedReader, facts, operationRow } from './scripted-reader.ts';
import type { ScriptedReader } from './scripted-reader.ts';

let folder: string;
let store: Store;
let reader: ScriptedReader;
let warnings: string[];
let users: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'everbearer-models-'));
  store = await openSqliteStore(join(folder, 'test.db'));
  reader = createScriptedReader();
  warnings = [];
  users = [];
});

afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

function createTestModels(changes: Partial<Parameters<typeof createModels>[0]> = {}): Models {
  const none = (): void => undefined;
  return createModels({
    store: store.models,
    reader,
    users: { namesByModel: async (_versionId, limit) => users.slice(0, limit) },
    events: store.events,
    source: sourceTools,
    logger: { debug: none, info: none, warn: (_fields, message) => warnings.push(message), error: none },
    actor: 'test',
    ...changes,
  });
}

function source(text: string): { readonly name: string; readonly bytes: Uint8Array } {
  return { name: 'api.json', bytes: Buffer.from(text) };
}

async function errorOf(promise: Promise<unknown>): Promise<EverbearerError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof EverbearerError) return error;
  throw new Error('an EverbearerError was expected', { cause: error });
}

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all).toString();
}

const ONE = { facts: facts('A:1'), operations: [operationRow('list')], fragments: [{ pointer: '/x', value: '{}' }] };

describe('import', () => {
  test('a new document is stored whole, announced by an event, and exported byte for byte', async () => {
    const models = createTestModels();
    reader.documents.set('one', ONE);
    expect(await models.import(source('one'))).toEqual({
      versionId: 'A:1',
      report: ONE.facts.report,
      outcome: 'imported',
    });

    const record = await models.get('A:1');
    expect(record.source).toMatchObject({ mediaType: 'application/json', bytes: 3 });
    expect((await models.tasks('A:1')).items.map((item) => item.operationId)).toEqual(['list']);
    expect(await store.models.readFragments(record.id, ['/x'])).toEqual([{ pointer: '/x', value: '{}' }]);
    expect(await bytesOf(await models.export('A:1'))).toBe('one');
    const { items } = await store.events.list();
    expect(items).toMatchObject([
      { type: 'model_imported', actor: 'test', outcome: 'ok', details: { versionId: 'A:1', operations: 1, bytes: 3 } },
    ]);
  });

  test('a dry run reports and neither reads rows nor writes', async () => {
    const models = createTestModels();
    reader.documents.set('one', ONE);
    expect(await models.import(source('one'), { dryRun: true })).toMatchObject({
      outcome: 'checked',
      versionId: 'A:1',
    });
    expect(reader.rowsRead).toBe(0);
    expect((await models.list()).items).toEqual([]);
    expect((await store.events.list()).items).toEqual([]);
  });

  test('the same bytes again are unchanged, with --replace too, and no row is read', async () => {
    const models = createTestModels();
    reader.documents.set('one', ONE);
    await models.import(source('one'));
    const { id } = await models.get('A:1');
    expect((await models.import(source('one'))).outcome).toBe('unchanged');
    expect((await models.import(source('one'), { replace: true })).outcome).toBe('unchanged');
    expect(reader.rowsRead).toBe(1);
    expect((await models.get('A:1')).id).toBe(id);
  });

  test('other bytes of a known version are refused with version_exists and leave the old model as it is', async () => {
    const models = createTestModels();
    reader.documents.set('one', ONE).set('two', { facts: facts('A:1'), operations: [operationRow('other')] });
    await models.import(source('one'));
    const error = await errorOf(models.import(source('two')));
    expect(error).toMatchObject({ code: 'version_exists', details: { versionId: 'A:1' } });
    expect(error.hint).toContain('--replace');
    expect((await models.tasks('A:1')).items.map((item) => item.operationId)).toEqual(['list']);
  });

  test('a replacement answers with what changed and which integrations it touches', async () => {
    const models = createTestModels();
    users = ['crm'];
    const key = { type: 'apiKey', in: 'header', parameter: 'X' } as const;
    reader.documents.set('one', {
      facts: facts('A:1', {
        securitySchemes: [
          { ...key, name: 'gone' },
          { ...key, name: 'edited' },
        ],
      }),
      operations: [
        operationRow('same', 'd', {}, 0),
        operationRow('gone', 'd', {}, 1),
        operationRow('edited', 'd', {}, 2),
      ],
    });
    reader.documents.set('two', {
      facts: facts('A:1', {
        securitySchemes: [
          { ...key, name: 'edited', in: 'query' },
          { ...key, name: 'new' },
        ],
      }),
      operations: [
        operationRow('same', 'd', {}, 0),
        operationRow('edited', 'e', {}, 1),
        operationRow('new', 'd', {}, 2),
      ],
    });
    await models.import(source('one'));
    const result = await models.import(source('two'), { replace: true });
    expect(result).toMatchObject({
      outcome: 'replaced',
      diff: {
        operations: { added: ['new'], removed: ['gone'], changed: ['edited'] },
        securitySchemes: { added: ['new'], removed: ['gone'], changed: ['edited'] },
        integrations: ['crm'],
      },
    });
    expect(await bytesOf(await models.export('A:1'))).toBe('two');
    expect((await store.events.list()).items[0]).toMatchObject({
      type: 'model_replaced',
      details: { added: 1, removed: 1, changed: 1 },
    });
  });

  test('of two imports of one version at once one wins, the other gets version_exists and leaves nothing', async () => {
    const models = createTestModels();
    reader.documents.set('one', ONE).set('two', { facts: facts('A:1'), operations: [operationRow('other')] });
    const outcomes = await Promise.allSettled([models.import(source('one')), models.import(source('two'))]);
    const lost = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(lost).toMatchObject([{ reason: { code: 'version_exists' } }]);
    expect((await models.list()).items).toHaveLength(1);
  });

  test('a replacement that somebody overtook is a conflict', async () => {
    const store2: ModelStore = {
      ...store.models,
      begin: async () => ({ ...(await store.models.begin()), publish: async () => 'conflict' }),
    };
    reader.documents.set('one', ONE).set('two', { ...ONE, operations: [operationRow('new')] });
    await createTestModels().import(source('one'));
    const error = await errorOf(createTestModels({ store: store2 }).import(source('two'), { replace: true }));
    expect(error.code).toBe('conflict');
  });

  test('a refusal carries the finding, its place and the report as far as it came', async () => {
    const report = facts('A:1').report;
    const finding = { severity: 'error', code: 'yaml_syntax', message: 'Broken.', line: 3, column: 7 } as const;
    reader.documents.set('bad', { outcome: 'refused', code: 'document_refused', finding, report });
    const error = await errorOf(createTestModels().import(source('bad')));
    expect(error).toMatchObject({
      code: 'document_refused',
      message: 'Broken.',
      details: { document: 'api.json', reason: 'yaml_syntax', line: 3, column: 7, report },
    });
  });

  test('a document beyond maxBytes is refused unread, and the flag is named', async () => {
    const error = await errorOf(createTestModels().import(source('12345'), { maxBytes: 4 }));
    expect(error).toMatchObject({ code: 'document_refused', details: { reason: 'document_too_large' } });
    expect(error.message).toContain('--max-bytes');
    expect(reader.asked).toEqual([]);
  });

  test('limits and strictness reach the reader; 0 is a limit', async () => {
    const models = createTestModels();
    reader.documents.set('', ONE);
    await models.import(
      { name: 'x', bytes: new Uint8Array() },
      { maxBytes: 0, maxOperations: 0, strict: true, dryRun: true },
    );
    expect(reader.asked[0]?.options).toEqual({ limits: { maxBytes: 0, maxOperations: 0 }, strict: true });
  });

  test('a store that fails half-way is reported as such, and nothing of the model can be seen', async () => {
    const failing: ModelStore = {
      ...store.models,
      begin: async () => ({
        ...(await store.models.begin()),
        writeFragments: () => Promise.reject(new EverbearerError('store_unavailable', 'gone')),
      }),
    };
    reader.documents.set('one', ONE);
    expect((await errorOf(createTestModels({ store: failing }).import(source('one')))).code).toBe('store_unavailable');
    expect((await store.models.list()).items).toEqual([]);
  });

  test('an event that cannot be written is logged, and the import stands', async () => {
    reader.documents.set('one', ONE);
    const events = { ...store.events, append: () => Promise.reject(new Error('no')) };
    expect((await createTestModels({ events }).import(source('one'))).outcome).toBe('imported');
    expect(warnings).toHaveLength(1);
  });

  test('a document with files beside it is kept as a zip of those it uses; another file there changes nothing', async () => {
    const models = createTestModels();
    reader.documents.set('root', { ...ONE, files: ['b.yaml'] });
    const siblings = new Map([
      ['b.yaml', Buffer.from('b')],
      ['unused.yaml', Buffer.from('u')],
    ]);
    const input = { name: 'r.yaml', path: 'r.yaml', bytes: Buffer.from('root'), siblings };
    await models.import(input);
    expect((await models.get('A:1')).source.mediaType).toBe('application/zip');
    const again = { ...input, siblings: new Map([...siblings, ['unused.yaml', Buffer.from('changed')]]) };
    expect((await models.import(again)).outcome).toBe('unchanged');
    const changed = { ...input, siblings: new Map([['b.yaml', Buffer.from('B')]]) };
    expect((await errorOf(models.import(changed))).code).toBe('version_exists');
  });
});

describe('importFiles', () => {
  const openapi = (title: string): string => JSON.stringify({ openapi: '3.0.3', info: { title } });

  test('imports each document in the order of paths, leaves others out, and goes on after a refusal', async () => {
    const models = createTestModels();
    const finding = { severity: 'error', code: 'version_unsupported', message: 'No.' } as const;
    const none = { ...finding, code: 'version_missing' } as const;
    reader.documents
      .set(openapi('b'), { facts: facts('B:1') })
      .set(openapi('a'), { facts: facts('A:1') })
      .set(openapi('bad'), { outcome: 'refused', code: 'document_refused', finding })
      .set(openapi('none'), { outcome: 'refused', code: 'bad_request', finding: none });
    const done: [string, number, number][] = [];
    const result = await models.importFiles(
      new Map([
        ['z/b.json', Buffer.from(openapi('b'))],
        ['a.json', Buffer.from(openapi('a'))],
        ['bad.json', Buffer.from(openapi('bad'))],
        ['none.json', Buffer.from(openapi('none'))],
        ['package.json', Buffer.from('{"name":"x"}')],
      ]),
      { onItem: (item, count, total) => done.push([item.file, count, total]) },
    );
    expect(result).toMatchObject({
      items: [
        { file: 'a.json', outcome: 'imported', versionId: 'A:1' },
        { file: 'bad.json', outcome: 'refused', error: { code: 'document_refused', reason: 'version_unsupported' } },
        { file: 'z/b.json', outcome: 'imported', versionId: 'B:1' },
      ],
      imported: 2,
      refused: 1,
    });
    expect(done).toEqual([
      ['a.json', 1, 4],
      ['bad.json', 2, 4],
      ['z/b.json', 4, 4],
    ]);
  });

  test('a version that exists already is one refused item', async () => {
    const models = createTestModels();
    reader.documents.set(openapi('1'), { facts: facts('A:1') }).set(openapi('2'), { facts: facts('A:1') });
    const files = new Map([
      ['1.json', Buffer.from(openapi('1'))],
      ['2.json', Buffer.from(openapi('2'))],
    ]);
    expect((await models.importFiles(files)).items).toMatchObject([
      { outcome: 'imported' },
      { outcome: 'refused', versionId: 'A:1', error: { code: 'version_exists' } },
    ]);
    expect((await models.importFiles(new Map([...files].slice(0, 1)))).items).toMatchObject([{ outcome: 'unchanged' }]);
  });

  test('a store that is gone ends it', async () => {
    reader.documents.set(openapi('1'), { facts: facts('A:1') });
    const gone: ModelStore = {
      ...store.models,
      find: () => Promise.reject(new EverbearerError('store_unavailable', 'gone')),
    };
    const promise = createTestModels({ store: gone }).importFiles(new Map([['1.json', Buffer.from(openapi('1'))]]));
    expect((await errorOf(promise)).code).toBe('store_unavailable');
  });
});

describe('reading', () => {
  test('an unknown model or operation is not_found, with where to look', async () => {
    const models = createTestModels();
    reader.documents.set('one', ONE);
    await models.import(source('one'));
    expect(await errorOf(models.get('B:1'))).toMatchObject({ code: 'not_found', details: { versionId: 'B:1' } });
    expect(await errorOf(models.task('A:1', 'none'))).toMatchObject({
      code: 'not_found',
      details: { versionId: 'A:1', operationId: 'none' },
    });
  });

  test('an operationId that several operations share answers with their ids', async () => {
    const models = createTestModels();
    const rows = ['get__GET_a', 'get__GET_b'].map((id, at) => ({
      ...operationRow(id, 'd', {}, at),
      duplicateOf: 'get',
    }));
    reader.documents.set('one', { ...ONE, operations: rows });
    await models.import(source('one'));
    const error = await errorOf(models.task('A:1', 'get'));
    expect(error).toMatchObject({ code: 'not_found', details: { operationIds: ['get__GET_a', 'get__GET_b'] } });
    expect(error.hint).toContain('get__GET_b');
  });

  test('a task has its input schema with the fragments it needs', async () => {
    const models = createTestModels();
    const operation = {
      operationId: 'make',
      parameters: [],
      requestBody: { required: true, content: { 'application/json': { schema: { $ref: '#/components/schemas/A' } } } },
    };
    reader.documents.set('one', {
      ...ONE,
      operations: [operationRow('make', 'd', operation)],
      fragments: [{ pointer: '/components/schemas/A', value: '{"type":"string","nullable":true}' }],
    });
    await models.import(source('one'));
    expect((await models.task('A:1', 'make')).inputSchema).toMatchObject({
      properties: { body: { $ref: '#/$defs/A' } },
      required: ['body'],
      $defs: { A: { type: ['string', 'null'] } },
    });
  });
});

describe('remove', () => {
  test('refuses while integrations use it and names them; else everything of it is gone, with an event', async () => {
    const models = createTestModels();
    reader.documents.set('one', ONE);
    await models.import(source('one'));
    const { id } = await models.get('A:1');
    users = ['crm', 'erp'];
    expect(await errorOf(models.remove('A:1'))).toMatchObject({
      code: 'conflict',
      details: { integrations: ['crm', 'erp'] },
    });
    users = [];
    await models.remove('A:1');
    expect((await models.list()).items).toEqual([]);
    expect(await store.models.findOperation(id, 'list')).toBeUndefined();
    expect((await store.events.list()).items[0]).toMatchObject({ type: 'model_removed' });
    expect((await errorOf(models.remove('A:1'))).code).toBe('not_found');
  });
});
