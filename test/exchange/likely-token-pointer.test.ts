import { describe, expect, test } from 'vitest';
import { likelyTokenPointer } from '../../src/exchange/likely-token-pointer.ts';

describe('where the token may be', () => {
  test.each([
    [{ token: 't' }, '/token'],
    [{ accessToken: 't' }, '/accessToken'],
    [{ Access_Token: 't' }, '/Access_Token'],
    [{ session: 's', token: 't' }, '/token'],
    [{ data: { token: 't' } }, '/data/token'],
    [{ result: { data: { jwt: 't' } }, ticket: 't' }, '/ticket'],
    [{ token: { access_token: 't' } }, '/token/access_token'],
    [{ authed_user: { access_token: 't' } }, '/authed_user/access_token'],
  ])('%j: %s', (data, expected) => {
    expect(likelyTokenPointer(data)).toBe(expected);
  });

  test.each([
    ['no object', 'token'],
    ['nothing', undefined],
    ['an empty one', { token: '' }],
    ['one that is no text', { token: 5 }],
    ['a list', [{ token: 't' }]],
    ['one under a name that the provider made up, which may be anything', { 'hunter-2': { token: 't' } }],
    ['one that lies too deep', { data: { data: { data: { data: { token: 't' } } } } }],
    ['an inherited one', Object.create({ token: 't' })],
  ])('%s says nothing', (_what, data) => {
    expect(likelyTokenPointer(data)).toBeUndefined();
  });
});
