import { describe, expect, test } from 'vitest';
import { marksAfter } from '../../src/integration/integration-edit.ts';
import { maskedValues, withoutMasks } from '../../src/integration/public-fields.ts';
import type { SchemeValues } from '../../src/integration/scheme-credentials.ts';
import type { Json } from '../../src/kernel/json.ts';

const BEFORE: SchemeValues = {
  flow: 'password',
  client_id: 'c',
  client_secret: 's',
  username: 'u',
  password: 'p',
  token_url: 'https://a',
  scope: 'x',
};

describe('which edit drops what', () => {
  test.each<{ title: string; change: Readonly<Record<string, Json>>; expected: 'account' | 'secret' | 'nothing' }>([
    { title: 'nothing', change: {}, expected: 'nothing' },
    { title: 'flow', change: { flow: 'clientCredentials' }, expected: 'account' },
    { title: 'client_id', change: { client_id: 'd' }, expected: 'account' },
    { title: 'username', change: { username: 'v' }, expected: 'account' },
    { title: 'token_url', change: { token_url: 'https://b' }, expected: 'account' },
    { title: 'username and password', change: { username: 'v', password: 'q' }, expected: 'account' },
    { title: 'password', change: { password: 'q' }, expected: 'secret' },
    { title: 'client_secret', change: { client_secret: 't' }, expected: 'secret' },
    { title: 'client_auth', change: { client_auth: 'none' }, expected: 'secret' },
    { title: 'scope', change: { scope: 'y' }, expected: 'secret' },
    { title: 'parameters', change: { parameters: { a: 'b' } }, expected: 'secret' },
    { title: 'refresh_url', change: { refresh_url: 'https://r' }, expected: 'secret' },
  ])('$title: $expected', ({ change, expected }) => {
    const after = { ...BEFORE, ...change } as SchemeValues;
    const marks = marksAfter({ s: { account_rev: 1, secret_rev: 2 } }, { s: BEFORE }, { s: after }, 9);
    expect(marks['s']).toEqual({
      account_rev: expected === 'account' ? 9 : 1,
      secret_rev: expected === 'secret' ? 9 : 2,
    });
  });

  test('one scheme does not touch another', () => {
    const marks = marksAfter({}, { s: BEFORE, t: BEFORE }, { s: BEFORE, t: 'other' }, 5);
    expect(marks).toEqual({ s: { account_rev: 0, secret_rev: 0 }, t: { account_rev: 5, secret_rev: 0 } });
  });

  test("an exchange's public inputs say who signs in, its secret ones with what", () => {
    const exchange = { inputs: [{ name: 'tenant' }, { name: 'code', secret: true }] };
    const changed = (change: Readonly<Record<string, Json>>): unknown =>
      marksAfter(
        {},
        { s: { exchange, tenant: 'a', code: 'b' } },
        { s: { exchange, tenant: 'a', code: 'b', ...change } },
        3,
      )['s'];
    expect(changed({ tenant: 'z' })).toEqual({ account_rev: 3, secret_rev: 0 });
    expect(changed({ code: 'z' })).toEqual({ account_rev: 0, secret_rev: 3 });
  });
});

describe('masks', () => {
  test('everything is masked but what is known to be public', () => {
    expect(
      maskedValues({ client_id: 'c', client_secret: '0123456789ab', tomorrow: 'secret', parameters: { k: 'v', n: 1 } }),
    ).toEqual({
      client_id: 'c',
      client_secret: '…89ab',
      tomorrow: '…',
      parameters: { k: '…', n: 1 },
    });
    expect(maskedValues('0123456789ab')).toBe('…89ab');
  });

  test('a mask that comes back is left out of the patch, also deep inside', () => {
    const stored = { authentication: { s: { client_secret: '0123456789ab', parameters: { k: 'v' } }, t: 'short' } };
    const patch = { authentication: { s: { client_secret: '…89ab', client_id: 'd', parameters: { k: '…' } }, t: '…' } };
    expect(withoutMasks(patch, stored)).toEqual({ authentication: { s: { client_id: 'd', parameters: {} } } });
  });

  test("another secret's mask is a value like any other", () => {
    expect(withoutMasks({ a: '…zzzz' }, { a: '0123456789ab' })).toEqual({ a: '…zzzz' });
  });
});
