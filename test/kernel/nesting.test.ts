import { expect, test } from 'vitest';
import { isNestedDeeper } from '../../src/kernel/nesting.ts';

test.each([
  ['a plain value', 1, 0, false],
  ['null', null, 0, false],
  ['an empty list is one level', [], 0, true],
  ['an empty list is one level', [], 1, false],
  ['the deepest branch counts', { a: 1, b: [{ c: [] }] }, 3, true],
  ['the deepest branch counts', { a: 1, b: [{ c: [] }] }, 4, false],
  ['far more than a stack holds', JSON.parse(`${'['.repeat(200_000)}${']'.repeat(200_000)}`), 1_000, true],
])('%s: %#', (_rule, value, levels, deeper) => {
  expect(isNestedDeeper(value, levels)).toBe(deeper);
});

test('what refers to itself is too deep', () => {
  const self: { me?: unknown } = {};
  self.me = self;
  expect(isNestedDeeper(self, 100)).toBe(true);
});
