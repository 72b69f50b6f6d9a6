import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readDocumentSource } from '../../src/io/document-source.ts';
import type { DocumentSource, DocumentSourceOptions } from '../../src/io/document-source.ts';
import { createHttpClient } from '../../src/io/http-client.ts';
import { sourceTools } from '../../src/io/source-tools.ts';
import type { HttpClient } from '../../src/kernel/http-client.ts';
import { writeZip } from './zip-writer.ts';

let folder: string;

beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'everbearer-source-'))));
afterEach(async () => await rm(folder, { recursive: true }));

async function put(path: string, text: string | Uint8Array = ''): Promise<string> {
  const full = join(folder, path);
  await mkdir(join(full, '..'), { recursive: true });
  await writeFile(full, text);
  return full;
}

function texts(source: DocumentSource): Record<string, string> {
  const files = source.kind === 'files' ? [...source.files] : [[source.name, source.bytes] as const];
  return Object.fromEntries(files.map(([path, bytes]) => [path, Buffer.from(bytes).toString()]));
}

describe('a file', () => {
  test('is read whole', async () => {
    const path = await put('api.yaml', 'openapi: 3.0.0');
    expect(await readDocumentSource(path)).toMatchObject({ kind: 'document', name: path });
    expect(texts(await readDocumentSource(path))).toEqual({ [path]: 'openapi: 3.0.0' });
  });

  test('that does not exist is bad_request with what may be named', async () => {
    await expect(readDocumentSource(join(folder, 'none.json'))).rejects.toMatchObject({
      code: 'bad_request',
      message: expect.stringContaining('does not exist'),
      hint: expect.stringContaining('https://'),
      details: { reason: 'file_unreadable' },
    });
  });

  test.each([
    [11, undefined],
    [10, 'ok'],
  ])('of %i bytes with a limit of 10 is %s', async (size, outcome) => {
    const reading = readDocumentSource(await put('a.json', 'x'.repeat(size)), { maxBytes: 10 });
    if (outcome === 'ok') expect((await reading).kind).toBe('document');
    else {
      await expect(reading).rejects.toMatchObject({
        code: 'document_refused',
        message: expect.stringMatching(/11 bytes.*10.*--max-bytes/),
        details: { reason: 'document_too_large' },
      });
    }
  });

  test('of 100 MB is refused at once, without being read', async () => {
    const path = await put('large.json');
    await truncate(path, 100_000_000);
    const start = performance.now();
    await expect(readDocumentSource(path)).rejects.toMatchObject({ details: { reason: 'document_too_large' } });
    expect(performance.now() - start).toBeLessThan(200);
  });

  test.skipIf(process.platform === 'win32')(
    'without a size, such as a device, is counted while it is read',
    async () => {
      await expect(readDocumentSource('/dev/zero', { maxBytes: 5_000_000 })).rejects.toMatchObject({
        code: 'document_refused',
        message: expect.stringContaining('--max-bytes'),
      });
    },
  );

  test.skipIf(process.platform === 'win32')('may be a pipe', async () => {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    const [source] = await Promise.all([readDocumentSource(path), writeFile(path, 'openapi: 3.0.0')]);
    expect(texts(source)).toEqual({ [path]: 'openapi: 3.0.0' });
  });
});

describe('standard input', () => {
  test('is read to its end', async () => {
    const stdin = Readable.from([Buffer.from('open'), Buffer.from('api: 3')]);
    expect(texts(await readDocumentSource('-', { stdin }))).toEqual({ stdin: 'openapi: 3' });
  });

  test('is stopped at the limit', async () => {
    let read = 0;
    const endless = (async function* (): AsyncGenerator<Uint8Array> {
      for (;;) {
        read += 1;
        yield Buffer.alloc(1000);
      }
    })();
    await expect(readDocumentSource('-', { stdin: endless, maxBytes: 2500 })).rejects.toMatchObject({
      code: 'document_refused',
    });
    expect(read).toBe(3);
  });

  test('that is not there is bad_request', async () => {
    await expect(readDocumentSource('-')).rejects.toMatchObject({ code: 'bad_request' });
  });
});

describe('a directory', () => {
  test('gives its JSON and YAML files by path, in order, without hidden ones and packages', async () => {
    for (const path of ['b/c.yml', 'a.json', 'b.YAML', 'note.txt', '.git/x.json', '.x.json', 'node_modules/y.json'])
      await put(path, path);
    const source = await readDocumentSource(folder);
    expect(source).toMatchObject({ kind: 'files', name: folder });
    expect(Object.keys(texts(source))).toEqual(['a.json', 'b.YAML', 'b/c.yml']);
  });

  test.skipIf(process.platform === 'win32')(
    'follows links within it, none that lead out, and none to folders',
    async () => {
      const outside = await mkdtemp(join(tmpdir(), 'everbearer-outside-'));
      await writeFile(join(outside, 'secret.json'), 'secret');
      await put('api/real.json', 'real');
      await symlink(join(outside, 'secret.json'), join(folder, 'api/out.json'));
      await symlink('/etc/hostname', join(folder, 'api/hostname.json'));
      await symlink(join(folder, 'api/real.json'), join(folder, 'api/in.json'));
      await symlink(folder, join(folder, 'api/circle'));
      await symlink('nowhere', join(folder, 'api/broken.json'));
      expect(texts(await readDocumentSource(folder))).toEqual({ 'api/in.json': 'real', 'api/real.json': 'real' });
      await rm(outside, { recursive: true });
    },
  );

  test.each([
    ['too many files', { maxFiles: 1, maxBytes: 100 }, 'more than 1 '],
    ['too many bytes', { maxFiles: 9, maxBytes: 3 }, 'more than 3 bytes'],
  ])('with %s is refused before a file is read', async (_title, fileSet, message) => {
    await put('a.json', 'aa');
    await put('b.json', 'bb');
    await expect(readDocumentSource(folder, { fileSet })).rejects.toMatchObject({
      code: 'document_refused',
      message: expect.stringContaining(message),
      details: { reason: 'files_exceeded' },
    });
  });
});

describe('a zip', () => {
  async function zipped(...entries: Parameters<typeof writeZip>[0]): Promise<string> {
    return await put('apis.zip', writeZip(entries));
  }

  test('is known by its content and gives what a directory would', async () => {
    const path = await zipped(
      { name: 'top/b.yaml', bytes: Buffer.from('b') },
      { name: 'top/', bytes: Buffer.alloc(0) },
      { name: 'a.json', bytes: Buffer.from('a') },
      { name: '__MACOSX/a.json', bytes: Buffer.from('no') },
      { name: 'note.txt', bytes: Buffer.from('no') },
    );
    const source = await readDocumentSource(path);
    expect(source.kind).toBe('files');
    expect(Object.entries(texts(source))).toEqual([
      ['a.json', 'a'],
      ['top/b.yaml', 'b'],
    ]);
  });

  test('may come by standard input', async () => {
    const stdin = Readable.from([writeZip([{ name: 'a.json', bytes: Buffer.from('a') }])]);
    expect(texts(await readDocumentSource('-', { stdin }))).toEqual({ 'a.json': 'a' });
  });

  test('may be larger than one document', async () => {
    const path = await zipped({ name: 'a.json', bytes: Buffer.from('a') });
    expect((await readDocumentSource(path, { maxBytes: 10 })).kind).toBe('files');
  });

  test.each([
    ['a name that leads out', [{ name: '../evil.json', bytes: Buffer.from('x') }], 'archive_unusable'],
    ['an absolute name', [{ name: '/etc/evil.json', bytes: Buffer.from('x') }], 'archive_unusable'],
    ['an encrypted entry', [{ name: 'a.json', bytes: Buffer.from('x'), encrypted: true }], 'archive_unusable'],
    ['a size that is a lie', [{ name: 'a.json', bytes: Buffer.alloc(1e6), declaredSize: 10 }], 'archive_unusable'],
    [
      'a declared size beyond the limit',
      [{ name: 'a.json', bytes: Buffer.alloc(9), declaredSize: 4e9 }],
      'files_exceeded',
    ],
    [
      'more entries than the limit',
      Array.from({ length: 10_001 }, (_, at) => ({ name: `${at}.json`, bytes: Buffer.alloc(0) })),
      'files_exceeded',
    ],
  ])('with %s is refused', async (_title, entries, reason) => {
    await expect(readDocumentSource(await zipped(...entries))).rejects.toMatchObject({
      code: 'document_refused',
      details: { reason },
    });
  });

  test('that is broken is refused', async () => {
    await expect(readDocumentSource(await put('x.zip', 'PK\x03\x04 and no more'))).rejects.toMatchObject({
      code: 'document_refused',
      details: { reason: 'archive_unusable' },
    });
  });

  test('made by an export can be imported again, the same bytes each time', async () => {
    const files = new Map([
      ['ü/b.yaml', Buffer.from('b')],
      ['a.json', Buffer.from('a')],
    ]);
    const bytes = await sourceTools.zip(files);
    expect(Buffer.compare(bytes, await sourceTools.zip(new Map([...files].reverse())))).toBe(0);
    expect(texts(await readDocumentSource(await put('made.zip', bytes)))).toEqual({ 'a.json': 'a', 'ü/b.yaml': 'b' });
  });
});

describe('a URL', () => {
  let server: Server | undefined;
  const http: HttpClient = createHttpClient();

  afterEach(async () => {
    await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
    server = undefined;
  });

  async function serve(listener: RequestListener): Promise<string> {
    server = createServer(listener);
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async function fetchFrom(url: string, options: DocumentSourceOptions = {}): Promise<DocumentSource> {
    return await readDocumentSource(url, { http, privateAddresses: 'open', ...options });
  }

  test('gives the document, and the URL without its query', async () => {
    const origin = await serve((request, response) => response.end(`asked for ${request.url ?? ''}`));
    const source = await fetchFrom(`${origin}/api.json?key=secret#part`);
    expect(source).toMatchObject({ kind: 'document', name: `${origin}/api.json`, url: `${origin}/api.json` });
    expect(texts(source)).toEqual({ [`${origin}/api.json`]: 'asked for /api.json?key=secret' });
  });

  test('may give a zip', async () => {
    const origin = await serve((_request, response) =>
      response.end(writeZip([{ name: 'a.json', bytes: Buffer.from('a') }])),
    );
    expect(texts(await fetchFrom(`${origin}/apis.zip`))).toEqual({ 'a.json': 'a' });
  });

  test('that redirects is refused, and where it leads is named', async () => {
    let asked = 0;
    const origin = await serve((_request, response) => {
      asked += 1;
      response.writeHead(302, { location: 'http://169.254.169.254/latest?token=x' }).end();
    });
    await expect(fetchFrom(`${origin}/a?key=secret`)).rejects.toMatchObject({
      code: 'bad_request',
      message: `${origin}/a redirects to 169.254.169.254; redirects are not followed.`,
    });
    expect(asked).toBe(1);
  });

  test('that answers with another status is refused with it', async () => {
    const origin = await serve((_request, response) => response.writeHead(404).end('no'));
    await expect(fetchFrom(origin)).rejects.toMatchObject({
      code: 'bad_request',
      message: expect.stringContaining('404'),
    });
  });

  test('that gives more than the limit is stopped there', async () => {
    const origin = await serve((_request, response) => {
      const write = (): void => {
        if (!response.destroyed) response.write(Buffer.alloc(65536), write);
      };
      write();
    });
    await expect(fetchFrom(origin, { maxBytes: 200_000 })).rejects.toMatchObject({
      code: 'document_refused',
      message: expect.stringContaining('--max-bytes'),
    });
  });

  test('whose address is private is refused where private addresses must be named, and open once it is', async () => {
    const origin = await serve((_request, response) => response.end('x'));
    await expect(fetchFrom(origin, { privateAddresses: 'named' })).rejects.toMatchObject({ code: 'bad_request' });
    expect((await fetchFrom(origin, { privateAddresses: 'named', egress: ['127.0.0.1'] })).kind).toBe('document');
  });

  test.each([
    ['with a user and password', 'https://user:secret@example.com/a'],
    ['of plain http beyond loopback', 'http://192.0.2.1/a'],
    ['of cloud metadata', 'http://169.254.169.254/a'],
  ])('%s is refused and no secret is repeated', async (_title, url) => {
    const error: unknown = await fetchFrom(url).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'bad_request' });
    expect(JSON.stringify([(error as Error).message, error])).not.toContain('secret');
  });

  test('that nobody serves is refused, and may be tried again', async () => {
    const origin = await serve(() => undefined);
    await new Promise((resolve) => server?.close(resolve));
    server = undefined;
    await expect(fetchFrom(origin)).rejects.toMatchObject({ code: 'bad_request', retryable: true });
  });

  test('is not fetched without a client', async () => {
    await expect(readDocumentSource('https://example.com/a')).rejects.toMatchObject({ code: 'bad_request' });
  });
});
