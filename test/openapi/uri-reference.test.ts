import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolveUriReference } from '../../src/openapi/uri-reference.ts';

describe('URI references', () => {
  // RFC 3986 §5.4.1 and §5.4.2, with an http base instead of `http://a/b/c/d;p?q`.
  it.each([
    ['g:h', 'g:h'],
    ['g', 'http://a/b/c/g'],
    ['./g', 'http://a/b/c/g'],
    ['g/', 'http://a/b/c/g/'],
    ['/g', 'http://a/g'],
    ['//g', 'http://g'],
    ['?y', 'http://a/b/c/d;p?y'],
    ['g?y', 'http://a/b/c/g?y'],
    ['#s', 'http://a/b/c/d;p#s'],
    ['g;x?y#s', 'http://a/b/c/g;x?y#s'],
    ['', 'http://a/b/c/d;p?q'],
    ['.', 'http://a/b/c/'],
    ['..', 'http://a/b/'],
    ['../g', 'http://a/b/g'],
    ['../..', 'http://a/'],
    ['../../../g', 'http://a/g'],
    ['/./g', 'http://a/g'],
    ['/../g', 'http://a/g'],
    ['g.', 'http://a/b/c/g.'],
    ['..g', 'http://a/b/c/..g'],
    ['./../g', 'http://a/b/g'],
    ['g/./h', 'http://a/b/c/g/h'],
    ['g/../h', 'http://a/b/c/h'],
    ['g?y/../x', 'http://a/b/c/g?y/../x'],
  ])('%s → %s', (reference, resolved) => {
    expect(resolveUriReference(reference, 'http://a/b/c/d;p?q')).toBe(resolved);
  });

  it('a base without a path has the root for a directory', () => {
    expect(resolveUriReference('oauth/token', 'https://api.vendor.com')).toBe('https://api.vendor.com/oauth/token');
  });

  it('variables stay as they are written', () => {
    expect(resolveUriReference('/{tenant}/token', 'https://{region}.vendor.com/v1')).toBe(
      'https://{region}.vendor.com/{tenant}/token',
    );
  });

  it('agrees with URL, whose bases have no dot segments', () => {
    const path = (...segments: readonly string[]): fc.Arbitrary<string> =>
      fc.array(fc.constantFrom(...segments), { maxLength: 6 }).map((parts) => parts.join('/'));
    fc.assert(
      fc.property(path('a', 'b.c', '.', '..', ''), path('a', 'b.c', ''), (reference, base) => {
        fc.pre(!reference.startsWith('//'));
        const absolute = `https://host.com/${base}`;
        expect(new URL(resolveUriReference(reference, absolute)).href).toBe(new URL(reference, absolute).href);
      }),
    );
  });
});
