/** What no value of an input can do to a request. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EverbearerError } from '../../src/errors.ts';
import type { InputFault } from '../../src/task/input-fault.ts';
import { compilePlan } from '../../src/task/request-plan.ts';
import { parseServerBase } from '../../src/task/server-base.ts';
import { BASE, build, operation, parameter } from './operations.ts';

/** The faults of the `input_invalid` that is thrown; fails where nothing or something else is. */
function faultsOf(run: () => unknown): readonly InputFault[] {
  try {
    run();
  } catch (error) {
    if (error instanceof EverbearerError && error.code === 'input_invalid')
      return error.details?.['errors'] as readonly InputFault[];
    throw error;
  }
  throw new Error('Nothing was refused.');
}

const inPath = (path: string) => operation({ path, parameters: [parameter('a', 'path'), parameter('b', 'path')] });

describe('path values', () => {
  test.each([
    ['/x/{a}', { a: '.' }],
    ['/x/{a}', { a: '..' }],
    ['/x/{a}', { a: '' }],
    ['/x/{a}', { a: [] }],
    ['/x/{a}', { a: null }],
    ['/x/{a}', { a: '../y' }],
    ['/x/{a}', { a: 'y/..' }],
    ['/x/{a}', { a: 'y\\..\\z' }],
    ['/x/{a}', { a: 'y/./z' }],
    ['/x/{a}', { a: 'line\nbreak' }],
    ['/x/{a}', { a: 'nul\0' }],
    ['/x/{a}', { a: '\ud800' }],
    ['/x/{a}', { a: Number.NaN }],
    ['/x/{a}{b}/y', { a: '.', b: '.' }],
    ['/x/.{a}/y', { a: '.' }],
  ])('%s refuses %j', (path, values) => {
    expect(faultsOf(() => build(inPath(path), { path: { b: 'b', ...values } }))[0]?.pointer).toMatch(/^\/path\/[ab]$/);
  });

  test.each([
    ['/x/{a}', '...', '/x/...'],
    ['/x/{a}', '.hidden', '/x/.hidden'],
    ['/x/v{a}', '..', '/x/v..'],
    ['/x/{a}', '%2e%2e', '/x/%252e%252e'],
    ['/x/{a}', 'https://h.test/', '/x/https%3A%2F%2Fh.test%2F'],
    ['/x/{a}', 'a?b#c;d', '/x/a%3Fb%23c%3Bd'],
    ['/x/{a}', 0, '/x/0'],
    ['/x/{a}', false, '/x/false'],
  ])('%s takes %j', (path, a, target) => {
    expect(build(inPath(path), { path: { a, b: 'b' } }).url).toBe(BASE + target);
  });

  test('allowReserved opens a path no further than to its segment', () => {
    const given = operation({ path: '/x/{a}', parameters: [parameter('a', 'path', { allowReserved: true })] });
    expect(build(given, { path: { a: 'a:b@c%20d/e?f#g' } }).url).toBe(`${BASE}/x/a:b@c%20d%2Fe%3Ff%23g`);
    for (const a of ['%2e%2e', '%2E.', '..', 'x%2f..', 'x%5c%2e%2e'])
      expect(faultsOf(() => build(given, { a }))[0]?.pointer).toBe('/path/a');
  });

  test('a template that leaves its server is refused when it is compiled', () => {
    for (const path of ['/../x', '/a/%2e%2E/x', '/a/./b', '/a/\\..\\b']) {
      expect(() => compilePlan(operation({ path }))).toThrow(expect.objectContaining({ code: 'document_refused' }));
    }
  });

  test('literal text of a template is encoded where a URL cannot hold it', () => {
    expect(build(operation({ path: "no slash/Items('{a}')/%41&é" }), { a: 'x' }).url).toBe(
      `${BASE}/no%20slash/Items('x')/%41&%C3%A9`,
    );
  });
});

describe('headers and cookies', () => {
  const given = operation({
    parameters: [parameter('X-A', 'header'), parameter('s', 'cookie'), parameter('raw', 'cookie', { style: 'cookie' })],
  });

  test.each([
    [{ header: { 'X-A': 'a\r\nHost: evil' } }, '/header/X-A'],
    [{ header: { 'X-A': 'a\nb' } }, '/header/X-A'],
    [{ header: { 'X-A': 'a\u007f' } }, '/header/X-A'],
    [{ header: { 'X-A': '€' } }, '/header/X-A'],
    [{ header: { 'X-A': ['ok', 'a\rb'] } }, '/header/X-A'],
    [{ header: { Accept: 'a\nb' } }, '/header/accept'],
    [{ header: { 'X-Other': 'a\nb' } }, '/header/X-Other'],
    [{ cookie: { s: 'a\r\nb' } }, '/cookie/s'],
    [{ cookie: { raw: 'a; admin=1' } }, '/cookie/raw'],
    [{ cookie: { raw: 'a\nb' } }, '/cookie/raw'],
    [{ body: {}, contentType: 'text/plain\r\nX: y' }, '/contentType'],
  ])('%j is refused', (input, pointer) => {
    const takesBody = { ...given, method: 'POST', requestBody: { required: false, content: { '*/*': {} } } };
    const body = 'body' in input ? { ...input, body: 'text' } : input;
    expect(faultsOf(() => build(takesBody, body))[0]?.pointer).toBe(pointer);
  });

  test.each([
    'Host',
    'content-length',
    'Transfer-Encoding',
    'Connection',
    'keep-alive',
    'Upgrade',
    'TE',
    'Trailer',
    'Expect',
    'Proxy-Authorization',
  ])('the header %s is never sent: refused, and ignored where the document declares it', (name) => {
    const declared = operation({ parameters: [parameter(name, 'header', { required: true })] });
    expect(faultsOf(() => build(given, { header: { [name]: 'x' } }))).toEqual([
      { pointer: `/header/${name}`, message: 'must not be given: the HTTP client sets it' },
    ]);
    expect(build(declared, { header: { [name]: 'x' } }).headers).toEqual({ accept: 'application/json, */*;q=0.8' });
  });

  test('Authorization is sent only where the operation declares it', () => {
    expect(faultsOf(() => build(given, { header: { authorization: 'Basic x' } }))[0]?.pointer).toBe(
      '/header/authorization',
    );
    const declared = operation({ parameters: [parameter('Authorization', 'header', { required: true })] });
    expect(build(declared, { header: { authorization: 'Basic x' } }).headers['authorization']).toBe('Basic x');
    expect(build(declared, {}).headers['authorization']).toBeUndefined();
  });

  test('a part of a multipart body cannot bring headers of its own', () => {
    const upload = operation({
      method: 'POST',
      requestBody: { required: true, content: { 'multipart/form-data': {} } },
    });
    const body = { f: { base64: 'AA==', contentType: 'image/png\r\nX-Evil: 1' } };
    expect(faultsOf(() => build(upload, { body }))[0]?.message).toContain('control characters');
  });
});

describe('bodies that cannot be sent', () => {
  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;

  test.each([
    ['application/json', cyclic, '/body'],
    ['application/json', 1n, '/body'],
    ['application/xml', { a: 1 }, '/body'],
    ['image/png', { a: 1 }, '/body'],
    ['image/png', { base64: 'not base64!' }, '/body'],
    ['text/plain', { base64: 'A' }, '/body'],
    ['text/plain; charset=iso-8859-1', 'é', '/body'],
    ['multipart/form-data', 'text', '/body'],
    ['multipart/form-data', { a: { base64: '%%' } }, '/body/a'],
    ['application/x-www-form-urlencoded', [1], '/body'],
    ['application/x-www-form-urlencoded', { a: Number.POSITIVE_INFINITY }, '/body/a'],
  ])('%s: case %#', (contentType, body, pointer) => {
    const post = operation({ method: 'POST', requestBody: { required: true, content: { [contentType]: {} } } });
    expect(faultsOf(() => build(post, { body }))[0]?.pointer).toBe(pointer);
  });
});

test.each(['ftp://h.test', 'not a url', '/relative', 'https://{region}.h.test', 'https://u:p@h.test', ''])(
  '%s is no server',
  (url) => {
    expect(() => parseServerBase(url)).toThrow(expect.objectContaining({ code: 'configuration_missing' }));
  },
);

test.each([
  ['https://h.test', 'https://h.test'],
  ['https://H.test:443/', 'https://h.test'],
  ['http://h.test:8080/a/../b//', 'http://h.test:8080/b'],
  ['https://h.test/v1?x=1#y', 'https://h.test/v1'],
])('the server %s is %s', (url, base) => {
  expect(parseServerBase(url).url).toBe(base);
});

describe('for any input', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.string({
      unit: fc.constantFrom(
        '.',
        '/',
        '\\',
        '%',
        '2',
        'e',
        'f',
        '?',
        '#',
        '@',
        ':',
        ';',
        ' ',
        '\r',
        '\n',
        '\0',
        'é',
        '&',
        '=',
        '{',
        '}',
      ),
      maxLength: 8,
    }),
  );
  const harmless = fc.string({
    unit: fc.constantFrom('a', 'B', '7', '-', ' ', '/', '.x', '%', '?', '#', '&', '=', ',', ';', '"'),
    maxLength: 6,
  });
  const anyOf = (one: fc.Arbitrary<string>) =>
    fc.oneof(
      one,
      one,
      fc.integer(),
      fc.boolean(),
      fc.array(one, { maxLength: 3 }),
      fc.dictionary(one, one, { maxKeys: 3 }),
    );
  const value = fc.oneof({ arbitrary: anyOf(harmless), weight: 9 }, { arbitrary: anyOf(text), weight: 1 });
  const hostile = anyOf(text);
  const group = (values: fc.Arbitrary<unknown>, ...names: readonly string[]) =>
    fc.record(Object.fromEntries(names.map((name) => [name, values])), { requiredKeys: [] });
  const inputs = fc.record(
    {
      path: fc.record({ a: value, b: value, c: value, r: value }),
      query: group(hostile, 'q', 'd', 'j', 'undeclared'),
      header: group(value, 'X-A', 'X-B', 'X-C'),
      cookie: group(value, 's', 'raw'),
    },
    { requiredKeys: ['path'] },
  );
  const styles = fc.record({
    a: fc.constantFrom('simple', 'label', 'matrix'),
    q: fc.constantFrom('form', 'spaceDelimited', 'pipeDelimited', 'tabDelimited', 'deepObject'),
    explode: fc.boolean(),
    allowReserved: fc.boolean(),
    path: fc.constantFrom(
      '/x/{a}/y/{b}',
      '/{a}{b}/{c}',
      '/{a}',
      '{r}/{c}.{b}',
      '/x;{a}/..{b}',
      '/s?fixed=1&p={a}',
      '//{a}//{b}/',
    ),
  });

  test('the URL stays under the server, and headers and cookies hold no line break', () => {
    let built = 0;
    fc.assert(
      fc.property(
        inputs,
        styles,
        fc.constantFrom(BASE, 'https://api.test', 'http://127.0.0.1:8080/a/b'),
        (input, chosen, base) => {
          const given = operation({
            path: chosen.path,
            parameters: [
              parameter('a', 'path', { style: chosen.a, explode: chosen.explode }),
              parameter('b', 'path'),
              parameter('r', 'path', { allowReserved: true }),
              parameter('q', 'query', {
                style: chosen.q,
                explode: chosen.explode,
                allowReserved: chosen.allowReserved,
              }),
              parameter('d', 'query', { style: 'deepObject', explode: true }),
              parameter('j', 'query', { contentType: 'application/json' }),
              parameter('X-A', 'header', { explode: chosen.explode }),
              parameter('X-B', 'header', { contentType: 'application/json' }),
              parameter('s', 'cookie', { explode: chosen.explode }),
              parameter('raw', 'cookie', { style: 'cookie', explode: chosen.explode }),
            ],
          });
          const request = attempt(() => build(given, input, base));
          if (request === undefined) return;
          built++;
          const url = new URL(request.url);
          const server = new URL(base);
          expect(url.origin).toBe(server.origin);
          expect(`${url.pathname}/`.startsWith(`${server.pathname.replace(/\/$/, '')}/`)).toBe(true);
          expect(url.hash).toBe('');
          expect(url.username).toBe('');
          // Nothing was normalised away: as many segments as the template has, whatever the values.
          const template = chosen.path.split('?')[0]?.replace(/^\//, '').split('/').length;
          expect(url.pathname.slice(server.pathname.replace(/\/$/, '').length + 1).split('/')).toHaveLength(
            template ?? 0,
          );
          for (const [name, line] of Object.entries(request.headers)) {
            expect(name).toMatch(/^[a-z0-9-]+$/);
            expect(line).toMatch(/^[\t\x20-\x7e\x80-\xff]*$/);
          }
        },
      ),
      { numRuns: 2_000 },
    );
    expect(built).toBeGreaterThan(100);
  });

  /** `undefined` for what is refused as it should be. */
  function attempt<T>(run: () => T): T | undefined {
    try {
      return run();
    } catch (error) {
      if (error instanceof EverbearerError && error.code === 'input_invalid') return undefined;
      throw error;
    }
  }
});
