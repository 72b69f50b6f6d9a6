import { createSecretKey, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCipher } from '../../src/io/cipher.ts';
import type { Cipher, Sealed } from '../../src/kernel/cipher.ts';

const keyA = createSecretKey(randomBytes(32));
const keyB = createSecretKey(randomBytes(32));
const fingerprintKey = createSecretKey(randomBytes(32));
const cipher = createCipher({ active: 'a', keys: new Map([['a', keyA]]) }, fingerprintKey);
const both = new Map([
  ['a', keyA],
  ['b', keyB],
]);
const rotated = createCipher({ active: 'b', keys: both }, fingerprintKey);

const text = fc.string({ unit: 'binary', maxLength: 200 });
const binding = fc.array(fc.string({ unit: 'binary', maxLength: 12 }), { maxLength: 4 });

/** The same value with one bit of its ciphertext, tag or nonce turned. */
function flip(sealed: Sealed, field: 'ct' | 'iv', position: number): Sealed {
  const bytes = Buffer.from(sealed[field], 'base64');
  const bit = position % (bytes.length * 8);
  bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
  return { ...sealed, [field]: bytes.toString('base64') };
}

function refusalOf(by: Cipher, sealed: Sealed, parts: readonly string[]): unknown {
  try {
    by.open(sealed, parts);
    return 'opened';
  } catch (error) {
    return error;
  }
}

const untrue = expect.objectContaining({ code: 'configuration_missing', retryable: false });

describe('seal and open', () => {
  test('what was sealed opens to itself, under the binding that it was sealed for', () => {
    fc.assert(
      fc.property(text, binding, (plaintext, parts) => {
        expect(cipher.open(cipher.seal(plaintext, parts), parts)).toBe(plaintext);
      }),
    );
  });

  test('the same text is never sealed to the same bytes twice', () => {
    const sealed = Array.from({ length: 200 }, () => cipher.seal('secret', ['x']));
    expect(new Set(sealed.map(({ iv }) => iv)).size).toBe(200);
    expect(new Set(sealed.map(({ ct }) => ct)).size).toBe(200);
  });

  test('one turned bit anywhere does not open', () => {
    fc.assert(
      fc.property(text, fc.constantFrom('ct', 'iv'), fc.nat(), (plaintext, field, position) => {
        const sealed = cipher.seal(plaintext, ['record', 'field']);
        expect(refusalOf(cipher, flip(sealed, field, position), ['record', 'field'])).toEqual(untrue);
      }),
    );
  });

  test('another binding does not open, nor the same characters cut in other places', () => {
    fc.assert(
      fc.property(text, binding, binding, (plaintext, parts, others) => {
        fc.pre(JSON.stringify(parts) !== JSON.stringify(others));
        expect(refusalOf(cipher, cipher.seal(plaintext, parts), others)).toEqual(untrue);
      }),
    );
    expect(refusalOf(cipher, cipher.seal('x', ['a', 'bc']), ['ab', 'c'])).toEqual(untrue);
    expect(refusalOf(cipher, cipher.seal('x', ['a', '']), ['a'])).toEqual(untrue);
  });

  test.each([
    ['no nonce', { ct: cipher.seal('x', []).ct, iv: '', kid: 'a' }],
    ['no ciphertext', { ct: '', iv: cipher.seal('x', []).iv, kid: 'a' }],
    ['a tag cut short', { ...cipher.seal('x', []), ct: Buffer.alloc(15).toString('base64') }],
    ['text that is not base64', { ct: '***', iv: '***', kid: 'a' }],
  ])('%s does not open', (_name, sealed) => {
    expect(refusalOf(cipher, sealed, [])).toEqual(untrue);
  });

  test('a refusal shows neither text nor key', () => {
    const error = refusalOf(cipher, flip(cipher.seal('hunter2-hunter2', ['x']), 'ct', 3), ['x']) as Error;
    const shown = `${error.stack ?? ''}${JSON.stringify(error)}${String((error.cause as Error).stack)}`;
    expect(shown).not.toContain('hunter2');
    expect(shown).not.toContain(keyA.export().toString('base64'));
  });

  test('half a surrogate pair is refused, because it could not come back', () => {
    expect(() => cipher.seal('\ud800', [])).toThrow(expect.objectContaining({ code: 'bad_request' }));
  });
});

describe('key ids', () => {
  test('a key that is not active any more still opens what it sealed', () => {
    const old = cipher.seal('secret', ['x']);
    expect(rotated.open(old, ['x'])).toBe('secret');
    expect(rotated.seal('secret', ['x']).kid).toBe('b');
  });

  test('an unknown key id is key_unknown, not a broken value', () => {
    const error = refusalOf(cipher, rotated.seal('secret', ['x']), ['x']);
    expect(error).toMatchObject({ code: 'key_unknown', details: { kid: 'b' } });
  });

  test('another key under the same id does not open', () => {
    const other = createCipher({ active: 'a', keys: new Map([['a', keyB]]) }, fingerprintKey);
    expect(refusalOf(other, cipher.seal('secret', ['x']), ['x'])).toEqual(untrue);
  });
});

describe('fingerprint', () => {
  test('is 16 bytes in base64url and the same for the same parts, whatever key is active', () => {
    fc.assert(
      fc.property(binding, (parts) => {
        expect(cipher.fingerprint(parts)).toMatch(/^[A-Za-z0-9_-]{22}$/);
        expect(rotated.fingerprint(parts)).toBe(cipher.fingerprint(parts));
      }),
    );
  });

  test('differs where the parts differ, also in where they are cut', () => {
    fc.assert(
      fc.property(binding, binding, (parts, others) => {
        fc.pre(JSON.stringify(parts) !== JSON.stringify(others));
        expect(cipher.fingerprint(parts)).not.toBe(cipher.fingerprint(others));
      }),
    );
    expect(cipher.fingerprint(['a', 'bc'])).not.toBe(cipher.fingerprint(['ab', 'c']));
    expect(cipher.fingerprint([])).not.toBe(cipher.fingerprint(['']));
  });

  test('cannot be computed without the key', () => {
    const other = createCipher({ active: 'a', keys: both }, keyB);
    expect(other.fingerprint(['x'])).not.toBe(cipher.fingerprint(['x']));
  });
});
