import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isPlainTarget } from '../../src/kernel/plain-url.ts';

const ORIGIN = 'https://api.example.com';
const parsed = (target: string): string => {
  const { pathname, search } = new URL(ORIGIN + target);
  return pathname + search;
};

test.each([
  ['/v1/shops/north%201/items/17?page=2&tag=new%20%26%20blue', true],
  ["/Items('x')", false],
  ['/a/.b', false],
  ['/a/..', false],
  ['/a/%2e%2E/b', false],
  ['/a/b..', true],
  ['/a%2f..', true],
  ['/a?', false],
  ['/a#b', false],
  ['/a\\b', false],
  ['/a b', false],
  ['/a\tb', false],
  ['/é', false],
  ['?a=b', true],
  ['', true],
])('%j is plain: %s', (target, plain) => expect(isPlainTarget(target)).toBe(plain));

test('a parser changes nothing of what is plain', () => {
  const character = fc.oneof(
    fc.constantFrom('/', '.', '%', '2', 'e', 'E', '?', '&', '='),
    fc.integer({ min: 0, max: 0x17f }).map((code) => String.fromCharCode(code)),
  );
  let plain = 0;
  fc.assert(
    fc.property(fc.array(character, { maxLength: 8 }), (characters) => {
      const target = `/${characters.join('')}`;
      if (!isPlainTarget(target)) return;
      plain += 1;
      expect(parsed(target)).toBe(target);
    }),
    { numRuns: 20_000 },
  );
  expect(plain).toBeGreaterThan(500);
});
