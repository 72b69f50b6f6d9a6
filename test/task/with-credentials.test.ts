/** The integration's credentials win over what the input gave under the same name. */
import { expect, test } from 'vitest';
import type { BuiltRequest } from '../../src/task/build-request.ts';
import { withCredentials } from '../../src/task/with-credentials.ts';

const request: BuiltRequest = {
  method: 'GET',
  url: 'https://h.test/x?api_key=mine&a=1',
  headers: { accept: 'application/json', authorization: 'Basic mine', cookie: 'session=mine; theme=dark' },
  replayable: true,
};
const none = { headers: {}, query: {}, cookies: {} };

test('headers, query and cookies replace those of their name', () => {
  expect(
    withCredentials(request, {
      headers: { Authorization: 'Bearer t' },
      query: { api_key: 'k&y' },
      cookies: { session: 's' },
    }),
  ).toEqual({
    url: 'https://h.test/x?a=1&api_key=k%26y',
    headers: { accept: 'application/json', authorization: 'Bearer t', cookie: 'theme=dark; session=s' },
  });
});

test('without credentials nothing changes, and the request itself never does', () => {
  const before = structuredClone(request);
  expect(withCredentials(request, none)).toEqual({ url: request.url, headers: request.headers });
  withCredentials(request, { headers: { authorization: 'x' }, query: { api_key: 'x' }, cookies: { session: 'x' } });
  expect(request).toEqual(before);
});

test('a query and a cookie are added where there were none', () => {
  const bare: BuiltRequest = { method: 'GET', url: 'https://h.test/x', headers: {}, replayable: true };
  expect(withCredentials(bare, { ...none, query: { k: 'v' }, cookies: { c: 'd' } })).toEqual({
    url: 'https://h.test/x?k=v',
    headers: { cookie: 'c=d' },
  });
});
