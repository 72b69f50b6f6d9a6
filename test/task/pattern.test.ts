/** No pattern of a document holds the process up. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compilePattern } from '../../src/task/pattern.ts';

test.each([
  ['^[a-z]+$', 'abc', true],
  ['^[a-z]+$', 'ABC', false],
  ['^\\d{4}-\\d{2}-\\d{2}$', '2026-11-21', true],
  ['^[0-9a-fA-F]{8}[-]?([0-9a-fA-F]{4}[-]?){3}[0-9a-fA-F]{12}$', '123e4567-e89b-12d3-a456-426614174000', true],
  ['^(Mon|Tue), \\d{2}$', 'Wed, 01', false],
  ['^(?=.*[a-z])(?=.*\\d).{8,}$', 'abcdefg1', true],
  ['^(?<year>\\d+)$', '2026', true],
  ['^[\\w-.]+$', 'a-b.c', true],
  ['^\\p{L}+$', 'é', true],
  ['^[)(+*|]+$', '(+)', true],
  ['^\\(a+\\)+$', '(aa))', true],
])('%s runs: %s → %s', (pattern, text, matches) => {
  expect(compilePattern(pattern)?.test(text)).toBe(matches);
});

test.each(['(', '[', 'a**', '(?<a>x)(?<a>y)'])('%s is no pattern', (pattern) => {
  expect(compilePattern(pattern)).toBeUndefined();
});

test.each([
  '^(a+)+$',
  '(a*)*',
  '(a|a)*$',
  '(a|ab)+$',
  '((a+)b?)*',
  '(?:x{2,})+',
  '(a{1,30})+',
  '(?:(?:a|b))*c',
  '(.*a){12,}',
  '(.*a){12}',
  '(a?){30}a{30}',
  `${'a?'.repeat(30)}${'a'.repeat(30)}`,
  '^(a|a){30}$',
  '^(((a{1,3}){3}){3}){3}$',
  '^.*.*.*.*.*.*.*.*x$',
  '^([\\w-]+\\.)+$',
])('%s could take for ever and is not run', (pattern) => {
  expect(compilePattern(pattern)).toBeUndefined();
});

describe('time', () => {
  test.each([
    ['^abc$', 1_000_000, true],
    ['^\\s+x$', 1_000_000, true],
    ['\\s+x', 5_000, true],
    ['\\s+x', 100_000, false],
    ['^\\s*\\s*x$', 5_000, true],
    ['^\\s*\\s*x$', 100_000, false],
  ])('%s is run on %i characters: %s', (pattern, length, isRun) => {
    expect(compilePattern(pattern)?.test(' '.repeat(length))).toBe(!isRun);
  });

  test('whatever a pattern is made of, it ends within seconds on a text that suits it worst', () => {
    const atom = fc.constantFrom('a', '.', '[ab]', '\\w', '(a)', '(?:ab)', 'b');
    const quantifier = fc.constantFrom('', '*', '+', '?', '{2}', '{1,3}', '{2,}', '{0,9}');
    const one = fc.tuple(atom, quantifier).map((parts) => parts.join(''));
    const piece = (depth: number): fc.Arbitrary<string> => {
      if (depth === 0) return one;
      const inner = piece(depth - 1);
      return fc.oneof(
        one,
        fc.array(inner, { minLength: 2, maxLength: 4 }).map((parts) => parts.join('')),
        fc.array(inner, { minLength: 2, maxLength: 3 }).map((parts) => `(${parts.join('|')})`),
        fc.tuple(inner, quantifier).map(([text, times]) => `(${text})${times}`),
      );
    };
    fc.assert(
      fc.property(piece(3), fc.integer({ min: 1, max: 200 }), fc.boolean(), (pattern, length, isAnchored) => {
        const compiled = compilePattern(isAnchored ? `^${pattern}$` : `${pattern}c`);
        const began = performance.now();
        compiled?.test(`${'a'.repeat(length)}!`);
        expect(performance.now() - began).toBeLessThan(4_000);
      }),
      { numRuns: 400 },
    );
  });
});
