/** The table that libraries which execute OpenAPI operations were measured with, against a real server. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Operation, Server } from '../../src/openapi/operation.ts';
import { resolvedServerUrl } from '../../src/integration/server-url.ts';
import { startEchoServer, type Echo, type EchoServer } from './echo-server.ts';
import { build, operation, parameter } from './operations.ts';
import { readParts } from './request-difference.ts';

let echo: EchoServer;
beforeAll(async () => {
  echo = await startEchoServer();
});
afterAll(async () => await echo.close());

const send = async (given: Operation, input: unknown, base = `${echo.url}/v1`): Promise<Echo> =>
  await echo.send(build(given, input, base));

const LIST = ['blue', 'black', 'brown'];
const OBJECT = { R: 100, G: 200, B: 150 };

describe('path: the styles of OpenAPI 3.1.1 §4.8.12.4', () => {
  test.each([
    ['simple', false, 'a b/c', '/v1/x/a%20b%2Fc'],
    ['simple', false, LIST, '/v1/x/blue,black,brown'],
    ['simple', false, OBJECT, '/v1/x/R,100,G,200,B,150'],
    ['simple', true, OBJECT, '/v1/x/R=100,G=200,B=150'],
    ['label', false, 'blue', '/v1/x/.blue'],
    ['label', false, LIST, '/v1/x/.blue,black,brown'],
    ['label', true, LIST, '/v1/x/.blue.black.brown'],
    ['label', false, OBJECT, '/v1/x/.R,100,G,200,B,150'],
    ['label', true, OBJECT, '/v1/x/.R=100.G=200.B=150'],
    ['matrix', false, 'blue', '/v1/x/;p=blue'],
    ['matrix', false, LIST, '/v1/x/;p=blue,black,brown'],
    ['matrix', true, LIST, '/v1/x/;p=blue;p=black;p=brown'],
    ['matrix', false, OBJECT, '/v1/x/;p=R,100,G,200,B,150'],
    ['matrix', true, OBJECT, '/v1/x/;R=100;G=200;B=150'],
  ] as const)('%s, explode %s: %j → %s', async (style, explode, value, target) => {
    const given = operation({ path: '/x/{p}', parameters: [parameter('p', 'path', { style, explode })] });
    expect((await send(given, { path: { p: value } })).target).toBe(target);
  });
});

describe('query: the styles of OpenAPI 3.1.1 §4.8.12.4', () => {
  test.each([
    ['form', true, '', 'p='],
    ['form', true, 'a&b=c d', 'p=a%26b%3Dc%20d'],
    ['form', true, LIST, 'p=blue&p=black&p=brown'],
    ['form', false, LIST, 'p=blue,black,brown'],
    ['form', true, OBJECT, 'R=100&G=200&B=150'],
    ['form', false, OBJECT, 'p=R,100,G,200,B,150'],
    ['spaceDelimited', false, LIST, 'p=blue%20black%20brown'],
    ['spaceDelimited', false, OBJECT, 'p=R%20100%20G%20200%20B%20150'],
    ['pipeDelimited', false, LIST, 'p=blue%7Cblack%7Cbrown'],
    ['pipeDelimited', false, OBJECT, 'p=R%7C100%7CG%7C200%7CB%7C150'],
    ['pipeDelimited', true, LIST, 'p=blue&p=black&p=brown'],
    ['tabDelimited', false, LIST, 'p=blue%09black%09brown'],
    ['deepObject', true, OBJECT, 'p%5BR%5D=100&p%5BG%5D=200&p%5BB%5D=150'],
    [
      'deepObject',
      true,
      { a: { b: 1 }, c: [2, { d: 3 }] },
      'p%5Ba%5D%5Bb%5D=1&p%5Bc%5D%5B0%5D=2&p%5Bc%5D%5B1%5D%5Bd%5D=3',
    ],
    ['form', true, { a: { b: 1 } }, 'a=%7B%22b%22%3A1%7D'],
  ] as const)('%s, explode %s: %j → %s', async (style, explode, value, query) => {
    const given = operation({ parameters: [parameter('p', 'query', { style, explode })] });
    expect((await send(given, { query: { p: value } })).target).toBe(`/v1/things?${query}`);
  });

  test.each([
    ['an empty list', []],
    ['an empty object', {}],
    ['null', null],
    ['a list of nulls', [null]],
  ])('%s writes nothing', async (_what, value) => {
    const given = operation({ parameters: [parameter('p', 'query')] });
    expect((await send(given, { query: { p: value } })).target).toBe('/v1/things');
  });

  test('allowReserved lets reserved characters and triples pass, but not what would end the value', async () => {
    const given = operation({ parameters: [parameter('p', 'query', { allowReserved: true })] });
    const { target } = await send(given, { query: { p: "/a?b:c@d!$'()*+,;=[e]%20 f#g&h=%zz" } });
    expect(target).toBe("/v1/things?p=/a?b:c@d!$'()*+,;=[e]%20%20f%23g%26h=%25zz");
  });

  test('content: JSON', async () => {
    const given = operation({ parameters: [parameter('p', 'query', { contentType: 'application/json' })] });
    const { target } = await send(given, { query: { p: { a: ['b c', 1], d: 'é' } } });
    expect(JSON.parse(new URL(target, echo.url).searchParams.get('p') ?? '')).toEqual({ a: ['b c', 1], d: 'é' });
  });

  test('a 3.2 querystring parameter is the whole query', async () => {
    const form = operation({
      parameters: [parameter('q', 'querystring', { contentType: 'application/x-www-form-urlencoded' })],
    });
    expect((await send(form, { query: { a: 1, b: ['x', 'y z'] } })).target).toBe('/v1/things?a=1&b=x&b=y%20z');
    const json = operation({ parameters: [parameter('q', 'querystring', { contentType: 'application/json' })] });
    expect((await send(json, { q: { a: [1] } })).target).toBe('/v1/things?%7B%22a%22%3A%5B1%5D%7D');
    const text = operation({ parameters: [parameter('q', 'querystring', { contentType: 'application/jsonpath' })] });
    expect((await send(text, { query: '$.a[0]' })).target).toBe('/v1/things?%24.a%5B0%5D');
  });

  test.each([
    ['/x?mode=fast&id={id}#part', { path: { id: 'a&b' }, query: { q: 1 } }, '/v1/x?mode=fast&id=a%26b&q=1'],
    ['/x?q=default&flag', {}, '/v1/x?q=default&flag'],
    ['/x?q=default&flag', { q: 'given' }, '/v1/x?flag&q=given'],
    ['/x?q&limit={limit}', { limit: 5 }, '/v1/x?limit=5'],
  ])(
    'a query in the path template (%s) stays, unless a parameter of its name is given: %j',
    async (path, input, target) => {
      const parameters = [parameter('q', 'query'), parameter('limit', 'query')];
      expect((await send(operation({ path, parameters }), input)).target).toBe(target);
    },
  );
});

describe('header and cookie', () => {
  test.each([
    [false, LIST, 'blue,black,brown'],
    [false, OBJECT, 'R,100,G,200,B,150'],
    [true, OBJECT, 'R=100,G=200,B=150'],
    [false, 'a b;c', 'a b;c'],
    [false, true, 'true'],
  ])('header, explode %s: %j → %s', async (explode, value, text) => {
    const given = operation({ parameters: [parameter('X-P', 'header', { explode })] });
    expect((await send(given, { header: { 'x-p': value } })).headers['x-p']).toBe(text);
  });

  test('a header whose content is JSON holds ASCII only', async () => {
    const given = operation({ parameters: [parameter('X-P', 'header', { contentType: 'application/json' })] });
    expect((await send(given, { header: { 'X-P': { a: 'é😀' } } })).headers['x-p']).toBe(
      '{"a":"\\u00e9\\ud83d\\ude00"}',
    );
  });

  test.each([
    ['form', true, 'abc==', 's=abc=='],
    ['form', true, 'a b;c,d%', 's=a%20b%3Bc%2Cd%25'],
    ['form', true, LIST, 's=blue; s=black; s=brown'],
    ['form', false, LIST, 's=blue,black,brown'],
    ['cookie', true, 'a b, c', 's=a b, c'],
    ['cookie', true, OBJECT, 'R=100; G=200; B=150'],
  ] as const)('cookie %s, explode %s: %j → %s', async (style, explode, value, text) => {
    const given = operation({ parameters: [parameter('s', 'cookie', { style, explode })] });
    expect((await send(given, { cookie: { s: value } })).headers['cookie']).toBe(text);
  });

  test('Accept names the media types of the success responses, JSON first', async () => {
    const responses = {
      '200': { content: { 'text/csv': {}, 'application/json': {} } },
      '404': { content: { 'application/problem+json': {} } },
    };
    expect((await send(operation({ responses }), {})).headers['accept']).toBe('application/json, text/csv');
    expect((await send(operation({ responses }), { header: { Accept: 'text/csv' } })).headers['accept']).toBe(
      'text/csv',
    );
  });
});

describe('bodies', () => {
  const post = (content: NonNullable<Operation['requestBody']>['content']): Operation =>
    operation({ method: 'POST', requestBody: { required: true, content } });

  test.each([
    ['application/json', { a: [1, null, 'é'] }],
    ['application/json', 'just text'],
    ['application/json; charset=utf-8', [1]],
    ['application/vnd.api+json', { data: null }],
  ])('%s: %j', async (contentType, body) => {
    const received = await send(post({ [contentType]: {} }), { body });
    expect(received.headers['content-type']).toBe(contentType);
    expect(JSON.parse(received.body.toString())).toEqual(body);
  });

  test('form with encoding', async () => {
    const encoding = {
      tags: { style: 'pipeDelimited', explode: false },
      filter: { style: 'deepObject', explode: true },
      meta: { contentType: 'application/json' },
      url: { allowReserved: true },
    } as const;
    const received = await send(post({ 'application/x-www-form-urlencoded': { encoding } }), {
      body: {
        name: 'a b&c',
        tags: ['x', 'y'],
        filter: { a: { b: 1 } },
        meta: [1],
        url: 'http://h/p?q',
        list: [1, 2],
        object: { k: 1 },
        none: null,
      },
    });
    expect(received.headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect(received.body.toString()).toBe(
      'name=a%20b%26c&tags=x%7Cy&filter%5Ba%5D%5Bb%5D=1&meta=%5B1%5D&url=http://h/p?q&list=1&list=2&object=%7B%22k%22%3A1%7D',
    );
  });

  test('multipart with JSON part and file', async () => {
    const file = Buffer.from([0, 1, 2, 255]);
    const received = await send(
      post({ 'multipart/form-data': { encoding: { image: { contentType: 'image/png, image/jpeg' } } } }),
      {
        body: {
          title: 'näme "x"',
          meta: { a: 1 },
          tags: ['x', 'y'],
          image: { base64: file.toString('base64'), filename: 'a"b.png' },
          'odd"name\r\n': true,
        },
      },
    );
    const text = received.body.toString('latin1');
    expect(text).toContain('name="meta"\r\nContent-Type: application/json\r\n\r\n{"a":1}\r\n');
    expect(text).toContain(
      'name="image"; filename="a%22b.png"\r\nContent-Type: image/png\r\n\r\n\0\u0001\u0002\u00ff\r\n',
    );
    expect(text).toContain('name="odd%22name%0D%0A"\r\n\r\ntrue\r\n');
    const parts = await readParts(received.body, received.headers['content-type'] ?? '');
    expect(parts.map(({ name }) => name)).toEqual(['title', 'meta', 'tags', 'tags', 'image', 'odd"name\r\n']);
    expect(parts[0]?.text).toBe('näme "x"');
  });

  test('a part that holds the boundary gets another one', async () => {
    const received = await send(post({ 'multipart/form-data': {} }), {
      body: { a: '----everbearer-0', b: '----everbearer-1' },
    });
    expect(await readParts(received.body, received.headers['content-type'] ?? '')).toEqual([
      { name: 'a', text: '----everbearer-0' },
      { name: 'b', text: '----everbearer-1' },
    ]);
  });

  test('other multipart types take a list of parts', async () => {
    const received = await send(post({ 'multipart/mixed': {} }), {
      body: [{ a: 1 }, 'text', { base64: 'AAE=', contentType: 'image/gif' }],
    });
    expect(received.headers['content-type']).toBe('multipart/mixed; boundary=----everbearer-0');
    expect(received.body.toString('latin1')).toBe(
      '------everbearer-0\r\nContent-Type: application/json\r\n\r\n{"a":1}\r\n' +
        '------everbearer-0\r\n\r\ntext\r\n' +
        '------everbearer-0\r\nContent-Type: image/gif\r\n\r\n\0\u0001\r\n------everbearer-0--\r\n',
    );
  });

  test.each([
    [
      'octet-stream',
      { 'application/octet-stream': {} },
      { body: { base64: '_-8' } },
      'application/octet-stream',
      Buffer.from([0xff, 0xef]),
    ],
    ['bytes of the library', { 'image/png': {} }, { body: Uint8Array.of(1, 2) }, 'image/png', Buffer.from([1, 2])],
    ['text', { 'text/plain': {} }, { body: 'héllo' }, 'text/plain', Buffer.from('héllo')],
    ['XML as text', { 'application/xml': {} }, { body: '<a/>' }, 'application/xml', Buffer.from('<a/>')],
    [
      'lines',
      { 'application/x-ndjson': {} },
      { body: [{ a: 1 }, 2] },
      'application/x-ndjson',
      Buffer.from('{"a":1}\n2\n'),
    ],
    [
      'any type, bytes',
      { '*/*': {} },
      { body: { base64: 'AA==', contentType: 'image/png' } },
      'image/png',
      Buffer.from([0]),
    ],
    ['any type, object', { '*/*': {} }, { body: { a: 1 } }, 'application/json', Buffer.from('{"a":1}')],
    [
      'a chosen type',
      { 'application/json': {}, 'image/*': {} },
      { body: { base64: 'AA==' }, contentType: 'image/webp' },
      'image/webp',
      Buffer.from([0]),
    ],
    [
      'bytes find the type that takes them',
      { 'application/json': {}, 'application/pdf': {} },
      { body: { base64: 'AA==' } },
      'application/pdf',
      Buffer.from([0]),
    ],
    [
      'JSON before XML',
      { 'application/xml': {}, 'application/json': {} },
      { body: { a: 1 } },
      'application/json',
      Buffer.from('{"a":1}'),
    ],
  ])('%s', async (_what, content, input, contentType, bytes) => {
    const received = await send(post(content), input);
    expect(received.headers['content-type']).toBe(contentType);
    expect(received.body).toEqual(bytes);
  });

  test('no body, no content type', async () => {
    const received = await send(operation({ method: 'DELETE' }), { body: null });
    expect(received.headers['content-type']).toBeUndefined();
    expect(received.body).toHaveLength(0);
  });
});

test('server variables: the request goes under what they resolve to', async () => {
  const server: Server = {
    url: `${echo.url}/{stage}/{version}/`,
    variables: { stage: { default: 'live', enum: ['live', 'test'] }, version: { default: 'v2' } },
  };
  const received = await send(operation({ path: '/x' }), {}, resolvedServerUrl(server) ?? '');
  expect(received.target).toBe('/live/v2/x');
});
