import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shellWord } from '../../src/kernel/shell-word.ts';

test.each([
  ['Bookshop:1.0.0', 'Bookshop:1.0.0'],
  ['two words:1', "'two words:1'"],
  ["GitHub's:1", String.raw`'GitHub'\''s:1'`],
  ['', "''"],
])('%s', (text, word) => {
  expect(shellWord(text)).toBe(word);
});

test('a shell reads back any text, and runs nothing of it', () => {
  const texts = fc.sample(fc.string({ unit: 'grapheme' }), 200).map((text) => text.replaceAll('\0', ''));
  const hostile = ['$(exit 7)', '`exit 7`', '"; exit 7; "', "'; exit 7; '", '\\', '~', '*', '#x', '!!', 'a\nb'];
  const words = [...texts, ...hostile];
  const printed = execFileSync('sh', ['-c', words.map((word) => `printf '%s\\0' ${shellWord(word)}`).join('\n')]);
  expect(printed.toString().split('\0').slice(0, -1)).toEqual(words);
});
