/** The one operation of a model without a document. */
import { expect, test } from 'vitest';
import { EverbearerError } from '../../src/errors.ts';
import { buildConnectorRequest } from '../../src/task/connector-request.ts';
import { parseServerBase } from '../../src/task/server-base.ts';

const server = parseServerBase('https://api.test/v2');

test.each([
  [{ path: '/contacts/42' }, { method: 'GET', url: 'https://api.test/v2/contacts/42' }],
  [{ path: 'contacts', query: { q: 'a b', ids: [1, 2] } }, { url: 'https://api.test/v2/contacts?q=a%20b&ids=1&ids=2' }],
  [{ path: '/a b/é?x=1&y={z}', query: { q: 1 } }, { url: 'https://api.test/v2/a%20b/%C3%A9?x=1&y=%7Bz%7D&q=1' }],
  [{ path: '/a%2Fb' }, { url: 'https://api.test/v2/a%2Fb' }],
  [{ path: '' }, { url: 'https://api.test/v2/' }],
  [
    { method: 'post', path: '/c', body: { a: 1 } },
    { method: 'POST', body: '{"a":1}', headers: { 'content-type': 'application/json' } },
  ],
  [{ method: 'PUT', path: '/c', body: 'a=1', contentType: 'application/x-www-form-urlencoded' }, { body: 'a=1' }],
  [{ method: 'PUT', path: '/c', body: { base64: 'AA==' } }, { body: Buffer.from([0]) }],
  [{ path: '/c', header: { 'X-A': 'b', Accept: 'text/csv' } }, { headers: { accept: 'text/csv', 'x-a': 'b' } }],
])('%j', (input, expected) => {
  expect(buildConnectorRequest(server, input)).toMatchObject(expected);
});

test.each([
  [null],
  [{ path: 5 }],
  [{ method: 'GET /x HTTP/1.1\r\nX:', path: '/x' }],
  [{ path: '/../admin' }],
  [{ path: '/a/%2e%2E/b' }],
  [{ path: '/a%2f..%2fb' }],
  [{ path: '\\..\\b' }],
  [{ path: '/a\nb' }],
  [{ path: '/a#b' }],
  [{ path: '/a', header: { Host: 'evil' } }],
  [{ path: '/a', header: { Authorization: 'Bearer mine' } }],
  [{ path: '/a', header: { 'X-A': 'a\r\nb' } }],
  [{ path: '/a', querry: {} }],
])('%j is refused', (input) => {
  expect(() => buildConnectorRequest(server, input)).toThrow(EverbearerError);
});

test('no path leaves the host', () => {
  for (const path of ['//evil.test/x', '@evil.test', ':80@evil.test', 'https://evil.test']) {
    expect(new URL(buildConnectorRequest(server, { path }).url).host).toBe('api.test');
  }
});
