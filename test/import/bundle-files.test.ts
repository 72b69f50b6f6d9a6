import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bundleFiles } from '../../src/io/bundle-files.ts';
import type { Bundle } from '../../src/io/bundle-files.ts';
import { filePath, fileUrl, resolveFileReference } from '../../src/io/bundle-reference.ts';

type Files = Readonly<Record<string, object | string>>;

/** Bundles the first file with the others; whatever is asked for outside the set fails the test. */
async function bundle(files: Files): Promise<Bundle & { readonly read: readonly string[] }> {
  const texts = new Map(
    Object.entries(files).map(([path, content]) => [
      path,
      Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)),
    ]),
  );
  const [[root, bytes] = ['', Buffer.alloc(0)], ...others] = [...texts];
  const read: string[] = [];
  const set = {
    paths: new Set(others.map(([path]) => path)),
    read: async (path: string) => {
      read.push(path);
      const text = texts.get(path);
      if (text === undefined || path === root) throw new Error(`${path} is not of the set`);
      return text;
    },
  };
  return { ...(await bundleFiles(root, JSON.parse(bytes.toString()), bytes, set)), read };
}

function ref(reference: string): object {
  return { $ref: reference };
}

/** Eight levels of nine aliases each: 43 million values when written out. */
const ALIAS_BOMB = Array.from({ length: 9 }, (_, level) => {
  const items = Array.from({ length: 9 }, () => (level === 0 ? 'x' : `*a${level - 1}`));
  return `a${level}: &a${level} [${items.join(', ')}]`;
}).join('\n');

const HEAD = { openapi: '3.0.3', info: { title: 'A', version: '1' } };

describe('references between the files', () => {
  test('become local, each target once', async () => {
    const { document, files, findings, read } = await bundle({
      'api/root.json': {
        ...HEAD,
        paths: {
          '/a': ref('paths/a.json'),
          '/b': { get: { responses: { 200: ref('../common.json#/responses/ok') } } },
          '/c': { get: { responses: { 200: ref('../common.json#/responses/ok') } } },
        },
      },
      'api/paths/a.json': { get: { parameters: [ref('../../common.json#/parameters/id')] } },
      'common.json': { parameters: { id: { name: 'id' } }, responses: { ok: { description: 'ok' } } },
      'unused.json': {},
    });
    expect(findings).toEqual([]);
    expect(files).toEqual(['api/paths/a.json', 'common.json']);
    expect([...read].sort()).toEqual(files);
    expect(document).toMatchObject({
      paths: {
        '/a': { get: { parameters: [{ name: 'id' }] } },
        '/b': { get: { responses: { 200: { description: 'ok' } } } },
        '/c': { get: { responses: { 200: { $ref: '#/paths/~1b/get/responses/200' } } } },
      },
    });
    expect(JSON.stringify(document)).not.toContain('.json');
  });

  test('may go in circles, within a file, between files and back to the document', async () => {
    const { document, findings } = await bundle({
      'r.json': { ...HEAD, paths: {}, components: { schemas: { A: ref('s.json#/B'), C: { type: 'string' } } } },
      's.json': { B: { properties: { next: ref('#/B'), c: ref('r.json#/components/schemas/C') } } },
    });
    expect(findings).toEqual([]);
    expect(document).toMatchObject({
      components: {
        schemas: {
          A: { properties: { next: ref('#/components/schemas/A'), c: ref('#/components/schemas/C') } },
          C: { type: 'string' },
        },
      },
    });
    expect(() => JSON.stringify(document)).not.toThrow();
  });

  test.each(['a b.json', 'ü.json', 'a#b.json', '100%.json', 'x?y.json'])('may name %j', async (name) => {
    const written = encodeURIComponent(name);
    const { document, findings } = await bundle({
      'r.json': { ...HEAD, x: ref(`${written}#/v`) },
      [name]: { v: { ok: 1 } },
    });
    expect(findings).toEqual([]);
    expect(document).toMatchObject({ x: { ok: 1 } });
  });

  test.each([{ openapi: '3.2.0' }, { swagger: 2 }, { openapi: 3.1 }, { openapi: '3.0.0-rc0' }])(
    'are joined whatever the version says: %j',
    async (version) => {
      const { document, findings } = await bundle({ 'r.json': { ...version, x: ref('s.json') }, 's.json': { ok: 1 } });
      expect(findings).toEqual([]);
      expect(document).toMatchObject({ ...version, x: { ok: 1 } });
    },
  );

  test('in YAML with aliases work too', async () => {
    const { document } = await bundle({
      'r.json': { ...HEAD, x: ref('s.yaml#/a'), y: ref('s.yaml#/b') },
      's.yaml': 'a: &a { ok: 1 }\nb: *a\n',
    });
    expect(document).toMatchObject({ x: { ok: 1 } });
    expect(JSON.stringify(document)).not.toContain('s.yaml');
  });
});

describe('what leads nowhere stays as it is and does not spoil the rest', () => {
  test.each([
    ['a file that is not there', 'missing.json#/A'],
    ['a place that is not there', 's.json#/missing'],
    ['an absolute path', '/etc/hostname'],
    ['a path out of the root', '../../../../etc/hostname'],
    ['a file URL', 'file:///etc/hostname'],
    ['an encoded way out', '%2e%2e/%2e%2e/etc/hostname'],
    ['a URL', 'http://127.0.0.1:1/a.json'],
    ['a URL without a scheme', '//127.0.0.1:1/a.json'],
    ['an anchor', '#anchor'],
    ['a dangling local reference', '#/components/missing'],
  ])('%s: %s', async (_title, reference) => {
    const { document, findings, read } = await bundle({
      'r.json': { ...HEAD, bad: ref(reference), good: ref('s.json#/ok') },
      's.json': { ok: { fine: true }, inner: ref(reference) },
    });
    expect(findings).toEqual([]);
    expect(document).toMatchObject({ bad: { $ref: reference }, good: { fine: true } });
    expect(read).toEqual(['s.json']);
  });

  test('a dangling reference within another file does not become one within the document', async () => {
    const { document } = await bundle({
      'r.json': { ...HEAD, x: ref('d/s.json#/a'), b: { mine: true } },
      'd/s.json': { a: { inner: ref('#/b'), other: ref('t.json') } },
    });
    expect(document).toMatchObject({ x: { inner: ref('d/s.json#/b'), other: ref('d/t.json') }, b: { mine: true } });
  });

  test('a file that cannot be parsed is named', async () => {
    const { document, findings, files } = await bundle({
      'r.json': { ...HEAD, bad: ref('broken.yaml#/a'), good: ref('s.json') },
      'broken.yaml': 'a: [1,\nb: }',
      's.json': { ok: 1 },
    });
    expect(findings).toMatchObject([
      { code: 'file_unusable', message: expect.stringMatching(/^broken\.yaml .*line 2/) },
    ]);
    expect(files).toEqual(['broken.yaml', 's.json']);
    expect(document).toMatchObject({ bad: ref('broken.yaml#/a'), good: { ok: 1 } });
  });

  test.each([
    ['nested too deep', `${'['.repeat(500)}${']'.repeat(500)}`],
    ['an alias bomb', ALIAS_BOMB],
  ])('a file that is %s is named', async (_title, text) => {
    const { findings } = await bundle({ 'r.json': { ...HEAD, bad: ref('s.yaml') }, 's.yaml': text });
    expect(findings).toMatchObject([{ code: 'file_unusable' }]);
  });
});

test('a document that leads to no file is left as it is, and no file is read', async () => {
  const document = { ...HEAD, x: ref('#/info'), properties: { $ref: { type: 'string' } } };
  const bundled = await bundle({ 'r.json': document, 's.json': {} });
  expect(bundled).toEqual({ document, bundled: false, files: [], findings: [], read: [] });
});

test('a property named $ref survives', async () => {
  const { document } = await bundle({
    'r.json': { ...HEAD, x: ref('s.json'), properties: { $ref: { type: 'string' } } },
    's.json': { properties: { $ref: { type: 'number' } } },
  });
  expect(document).toMatchObject({
    x: { properties: { $ref: { type: 'number' } } },
    properties: { $ref: { type: 'string' } },
  });
});

test('keys such as __proto__ change no prototype', async () => {
  await bundle({
    'r.json':
      '{"openapi":"3.0.3","x":{"$ref":"s.json#/__proto__"},"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
    's.json': '{"__proto__":{"polluted":1}}',
  });
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

describe('paths', () => {
  const segment = fc
    .string({ minLength: 1, maxLength: 8, unit: 'grapheme' })
    .filter((name) => !/^\.{1,2}$|\//.test(name) && name.isWellFormed());

  test('survive as URLs', () => {
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 4 }), (segments) => {
        const path = segments.join('/');
        expect(filePath(fileUrl(path))).toBe(path);
      }),
    );
  });

  test('never lead out of the root, whatever a reference says', () => {
    const part = fc.oneof(fc.constantFrom('..', '.', '', '%2e%2e', '/', '\\'), segment);
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 6 }),
        fc.array(segment, { minLength: 1, maxLength: 3 }),
        (reference, from) => {
          const path = resolveFileReference(from.join('/'), reference.join('/'))?.path ?? '';
          expect(path.split('/')).not.toContain('..');
          expect(path.startsWith('/')).toBe(false);
        },
      ),
    );
  });
});
