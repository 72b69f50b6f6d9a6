import { describe, expect, test } from 'vitest';
import type { Cipher } from '../../src/kernel/cipher.ts';
import type { Json } from '../../src/kernel/json.ts';
import { editByHand, parseTokenPatch } from '../../src/token/token-edit.ts';
import type { TokenRecord } from '../../src/token/token-record.ts';

const NOW = Date.UTC(2026, 0, 1, 12);
const CIPHER: Cipher = {
  seal: (plaintext, binding) => ({ ct: `${binding.join('/')}=${plaintext}`, iv: '', kid: 'k' }),
  open: ({ ct }) => ct,
  fingerprint: (parts) => parts.join(':'),
};
const OLD = { ct: 'old', iv: '', kid: 'k' };
const RECORD: TokenRecord = {
  id: 'r',
  integration_id: 'i',
  scheme: 's',
  ver: 5,
  epoch: 2,
  rev: 1,
  cfg_ver: 0,
  created_at: 0,
  updated_at: 0,
  at: {
    id: 'old',
    sealed: OLD,
    fp: 'f',
    type: 'bearer',
    scope: 'read',
    issued_at: NOW - 1_000,
    expires_at: NOW + 3_599_000,
    soft_at: NOW + 1,
    hard_at: NOW + 2,
  },
  rt: { sealed: OLD, fp: 'g', gen: 0, by: 'x', epoch: 1 },
};
const edit = (patch: Json): ReturnType<typeof editByHand> =>
  editByHand(CIPHER, RECORD, parseTokenPatch(patch), { now: NOW, newId: 'new' });

describe('a token by hand', () => {
  test('a new access token without an end clears the old end, is never renewed by the clock, and keeps the refresh token', () => {
    const { at, rt } = edit({ access_token: 'abc' });
    expect(rt).toBeUndefined();
    expect(at).toMatchObject({ id: 'new', exp_source: 'manual', expires_in: null, issued_at: NOW, scope: 'read' });
    expect(at).not.toHaveProperty('expires_at');
    expect(at).not.toHaveProperty('soft_at');
  });

  test('expires_at wins over expires_in', () => {
    expect(edit({ access_token: 'abc', expires_in: 10, expires_at: '2026-01-01T13:00:00Z' }).at?.expires_at).toBe(
      NOW + 3_600_000,
    );
  });

  test('expires_in counts from created_at where that is given', () => {
    expect(edit({ access_token: 'abc', created_at: '2026-01-01T11:59:00Z', expires_in: '120' }).at?.expires_at).toBe(
      NOW + 60_000,
    );
  });

  test('an instant without a zone is UTC', () => {
    expect(edit({ expires_at: '2026-01-01T13:00:00' }).at?.expires_at).toBe(NOW + 3_600_000);
  });

  test('an edit of the end alone keeps the token and gives it a new identity', () => {
    expect(edit({ expires_at: '2026-01-01T12:00:10Z' }).at).toMatchObject({
      id: 'new',
      sealed: OLD,
      type: 'bearer',
      expires_at: NOW + 10_000,
    });
  });

  test('null removes', () => {
    expect(edit({ access_token: null }).at).toEqual({ id: 'new' });
    expect(edit({ refresh_token: null })).toMatchObject({ rt: null });
    expect(edit({ scope: null }).at?.scope).toBeNull();
  });

  test('a refresh token alone leaves the access token as it is', () => {
    const { at, rt } = edit({ refresh_token: 'R2' });
    expect(at).toBeUndefined();
    expect(rt).toMatchObject({ fp: 'refresh_token:R2' });
  });

  test('every edit is guarded by the version that was read', () => {
    expect(edit({ scope: 'write' }).ifVer).toBe(5);
  });

  test.each<{ patch: Json; pointer: string }>([
    { patch: { acces_token: 'x' }, pointer: '/acces_token' },
    { patch: { access_token: 'a\r\nb' }, pointer: '/access_token' },
    { patch: { access_token: '' }, pointer: '/access_token' },
    { patch: { expires_in: -1 }, pointer: '/expires_in' },
    { patch: { expires_in: '3600s' }, pointer: '/expires_in' },
    { patch: { expires_in: 1e300 }, pointer: '/expires_in' },
    { patch: { expires_in: '99999999999999' }, pointer: '/expires_in' },
    { patch: { expires_at: 'tomorrow' }, pointer: '/expires_at' },
    { patch: { expires_at: 1_767_268_800 }, pointer: '/expires_at' },
    { patch: [], pointer: '' },
  ])('$patch is refused at "$pointer"', ({ patch, pointer }) => {
    expect(() => parseTokenPatch(patch)).toThrow(
      expect.objectContaining({ code: 'bad_request', details: { pointer } }),
    );
  });

  test('the furthest end that can be given can be written as a date', () => {
    const { at } = edit({ access_token: 'abc', created_at: '9999-12-31', expires_in: 1e11 });
    expect(() => new Date(at?.expires_at ?? NaN).toISOString()).not.toThrow();
  });

  test('a complaint never repeats the value', () => {
    expect(() => parseTokenPatch({ access_token: 'geheim mit blank' })).toThrow(/^(?!.*geheim)/);
  });
});
