/** Every way in for a document, each in a process of its own. */
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { dump } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { writeZip } from '../import/zip-writer.ts';
import { runCliProcess, temporaryFolder, type CliResult } from './support/cli-process.ts';
import { BOOKSHOP, VERSION_ID } from './support/shop.ts';

let cwd: string;
const everbearer = async (...args: string[]): Promise<CliResult> => await runCliProcess(args, { cwd });
const put = async (name: string, text: string | Uint8Array): Promise<void> => await writeFile(join(cwd, name), text);

beforeAll(async () => {
  cwd = await temporaryFolder((clean) => {
    afterAll(clean);
  });
});

const titled = (title: string): string => JSON.stringify({ ...BOOKSHOP, info: { title, version: '1' } });
const SWAGGER = {
  swagger: '2.0',
  info: { title: 'Old', version: '2' },
  host: 'old.example',
  basePath: '/v2',
  schemes: ['https'],
  paths: { '/things': { get: { operationId: 'listThings', responses: { 200: { description: 'ok' } } } } },
};
const CUT_SHORT = 'openapi: 3.0.0\ninfo:\n  title: x\n bad: y\npaths: {}\n';

describe('a document is imported', () => {
  test('from a JSON file: with --json the bare report, else what to do next', async () => {
    await put('bookshop.json', JSON.stringify(BOOKSHOP));
    const json = await everbearer('import', 'bookshop.json', '--json');
    expect(json).toMatchObject({ exit: 0, stderr: '' });
    expect(json.json()).toMatchObject({
      versionId: VERSION_ID,
      specVersion: '3.1.0',
      title: 'Bookshop',
      operations: { total: 6, kept: 6, degraded: 0, refused: 0 },
      servers: [{ url: 'https://bookshop.example/api', variables: {} }],
      securitySchemes: [
        { name: 'shop', type: 'oauth2', flow: 'password', token_url_source: 'derived' },
        { name: 'shop', type: 'oauth2', flow: 'clientCredentials', refresh_url_source: 'missing' },
      ],
    });
    const again = await everbearer('import', 'bookshop.json');
    expect(again.stdout).toContain(`unchanged ${VERSION_ID}`);
    expect(again.stdout).toContain(`Next: everbearer integrations create <name> --model ${VERSION_ID}`);
  });

  test('from YAML on standard input', async () => {
    const stdin = dump({ ...BOOKSHOP, info: { title: 'From YAML', version: '1' } });
    const run = await runCliProcess(['import', '-', '--json'], { cwd, stdin });
    expect(run.json()).toMatchObject({ versionId: 'From YAML:1', operations: { kept: 6 } });
  });

  test('of version 2.0', async () => {
    await put('old.json', JSON.stringify(SWAGGER));
    expect((await everbearer('import', 'old.json', '--json')).json()).toMatchObject({
      versionId: 'Old:2',
      specVersion: '2.0',
      servers: [{ url: 'https://old.example/v2' }],
    });
  });

  test('from a URL', async () => {
    const site = createServer((_request, response) => response.end(titled('From a URL')));
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void site.close());
    const url = `http://127.0.0.1:${(site.address() as AddressInfo).port}/openapi.json`;
    expect((await everbearer('import', url, '--json')).json()).toMatchObject({ versionId: 'From a URL:1' });
  });

  test('from a zip with the files that it refers to, and exported as one', async () => {
    const root = {
      ...BOOKSHOP,
      info: { title: 'In files', version: '1' },
      paths: { '/things': { $ref: 'things.json' } },
    };
    const zip = writeZip([
      { name: 'api.json', bytes: Buffer.from(JSON.stringify(root)) },
      { name: 'things.json', bytes: Buffer.from(JSON.stringify(SWAGGER.paths['/things'])) },
    ]);
    await put('api.zip', zip);
    expect((await everbearer('import', 'api.zip', '--json')).json()).toMatchObject({
      items: [{ file: 'api.json', outcome: 'imported', versionId: 'In files:1', report: { operations: { kept: 1 } } }],
      imported: 1,
      refused: 0,
    });
    const exported = (await everbearer('models', 'export', 'In files:1', '--json')).json() as Record<string, string>;
    expect(exported).toMatchObject({ mediaType: 'application/zip' });
    expect(
      Buffer.from(exported['base64'] ?? '', 'base64')
        .subarray(0, 2)
        .toString(),
    ).toBe('PK');
  });

  test('--dry-run only reports', async () => {
    await put('dry.json', titled('Dry'));
    const dry = await everbearer('import', 'dry.json', '--dry-run', '--json');
    expect(dry.json()).toMatchObject({ versionId: 'Dry:1' });
    expect((await everbearer('models', 'show', 'Dry:1')).exit).toBe(2);
  });

  test('--strict adds findings', async () => {
    await put('loose.json', JSON.stringify({ ...SWAGGER, info: { title: 'Loose', version: '1' }, host: 5 }));
    const strict = await everbearer('import', 'loose.json', '--strict', '--dry-run', '--json');
    expect(strict.exit).toBe(0);
    const { findings } = strict.json() as { readonly findings: readonly { readonly code: string }[] };
    expect(findings.map(({ code }) => code)).toContain('strict_invalid');
  });

  test('with --as and --from, an integration is made at once', async () => {
    const from =
      '{"server":{"url":"https://bookshop.example"},"authentication":{"shop":{"client_id":"a","client_secret":"b"}}}';
    const made = await everbearer('import', 'bookshop.json', '--as', 'quick', '--from', from, '--json');
    expect(made.exit).toBe(0);
    expect(made.json()).toMatchObject({ versionId: VERSION_ID });
    expect((await everbearer('integrations', 'show', 'quick')).exit).toBe(0);
  });

  test('with --as but without its secrets, they are named, exit 3; the model stands', async () => {
    await put('half.json', titled('Half'));
    const half = await everbearer('import', 'half.json', '--as', 'half', '--json');
    expect(half.exit).toBe(3);
    expect(half.json()).toMatchObject({
      error: {
        code: 'configuration_missing',
        message: expect.stringContaining('The model Half:1 stands'),
        missing: [{ input: 'client_id' }, { input: 'client_secret', secret: true }],
        report: { versionId: 'Half:1' },
      },
    });
    expect((await everbearer('models', 'show', 'Half:1')).exit).toBe(0);
  });
});

describe('a document is refused: {error, report?}, exit 4', () => {
  test('with the line and column of a syntax error', async () => {
    await put('broken.yaml', CUT_SHORT);
    const json = await everbearer('import', 'broken.yaml', '--json');
    expect(json).toMatchObject({ exit: 4, stderr: '' });
    expect(json.json()).toMatchObject({
      error: { code: 'document_refused', document: 'broken.yaml', line: 4, column: 2 },
    });
    const text = await everbearer('import', 'broken.yaml');
    expect(text.stdout).toBe('');
    expect(text.stderr).toContain('line 4, column 2');
  });

  test('from standard input too', async () => {
    const run = await runCliProcess(['import', '-', '--json'], { cwd, stdin: '{"openapi": "3.1.0", "paths": [}' });
    expect(run.exit).toBe(4);
    expect(run.json()).toMatchObject({ error: { document: 'stdin', line: 1, column: expect.any(Number) } });
  });

  test.each<readonly [string, string, RegExp]>([
    ['--max-bytes', '100', /--max-bytes/],
    ['--max-operations', '2', /--max-operations/],
  ])('beyond %s, which is named', async (flag, value, message) => {
    const run = await everbearer('import', 'bookshop.json', flag, value, '--json');
    expect(run.exit).toBe(4);
    expect(run.json()).toMatchObject({ error: { code: 'document_refused', message: expect.stringMatching(message) } });
  });

  test('of a version that was imported from other bytes: the report says what is new; --replace replaces', async () => {
    await put('changed.json', JSON.stringify({ ...BOOKSHOP, tags: [] }));
    const refused = await everbearer('import', 'changed.json', '--json');
    expect(refused.exit).toBe(4);
    expect(refused.json()).toMatchObject({
      error: { code: 'version_exists', hint: expect.stringContaining('--replace') },
      report: { versionId: VERSION_ID },
    });
    const replaced = await everbearer('import', 'changed.json', '--replace');
    expect(replaced.exit).toBe(0);
    expect(replaced.stdout).toContain(`replaced ${VERSION_ID}`);
  });

  test.each(['nowhere.yaml', 'https://127.0.0.1:1/openapi.json', 'ftp://example.com/a.yaml'])(
    '%s cannot be read: exit 2, as any wrong argument',
    async (source) => {
      const run = await everbearer('import', source, '--json');
      expect(run.exit).toBe(2);
      expect(run.json()).toMatchObject({ error: { code: 'bad_request', hint: expect.any(String) } });
    },
  );
});

describe('a directory', () => {
  test('is {items, imported, refused}; the others stay, exit 4 where one was refused', async () => {
    await mkdir(join(cwd, 'specs/deep'), { recursive: true });
    await put('specs/a.json', titled('A'));
    await put('specs/deep/b.yaml', dump({ ...BOOKSHOP, info: { title: 'B', version: '1' } }));
    await put('specs/package.json', '{"name":"no-document"}');
    const well = await everbearer('import', 'specs', '--json');
    expect(well).toMatchObject({ exit: 0, stderr: '' });
    expect(well.json()).toMatchObject({ imported: 2, refused: 0 });

    await put('specs/c.yaml', CUT_SHORT);
    const run = await everbearer('import', 'specs', '--json');
    expect(run.exit).toBe(4);
    expect(run.json()).toMatchObject({
      items: [
        { file: 'a.json', outcome: 'unchanged', versionId: 'A:1', report: { operations: { total: 6 } } },
        { file: 'c.yaml', outcome: 'refused', error: { code: 'document_refused', line: 4, column: 2 } },
        { file: 'deep/b.yaml', outcome: 'unchanged', versionId: 'B:1' },
      ],
      imported: 2,
      refused: 1,
    });
    const text = await everbearer('import', 'specs');
    expect(text.stdout).toContain('2 imported, 1 refused, 3 documents');
  });

  test('makes no integration: exit 2, and what to do instead', async () => {
    const run = await everbearer('import', 'specs', '--as', 'x');
    expect(run).toMatchObject({ exit: 2, stderr: expect.stringContaining('integrations create') });
  });

  test('without a document says so', async () => {
    await mkdir(join(cwd, 'empty'));
    expect((await everbearer('import', 'empty', '--json')).json()).toEqual({ items: [], imported: 0, refused: 0 });
    expect((await everbearer('import', 'empty')).stdout).toBe('No OpenAPI document was found there.\n');
  });
});

test('--from without --as is exit 2: there is nothing that would take the values', async () => {
  expect((await everbearer('import', 'bookshop.json', '--from', '{}')).exit).toBe(2);
});
