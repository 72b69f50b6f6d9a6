import { describe, expect, test } from 'vitest';
import { createPaint } from '../../src/cli/paint.ts';
import { facts, table } from '../../src/cli/table.ts';

describe('what a document wrote does not steer the terminal', () => {
  test.each([
    ['a window title', 'a\u001b]0;owned\u0007b', 'a ]0;owned b'],
    ['a cleared screen', '\u001b[2Jx', ' [2Jx'],
    ['a line of its own', 'a\r\nok    faked', 'a ok    faked'],
    ['the eight-bit forms', 'a\u009b2Jb', 'a 2Jb'],
  ])('%s', (_rule, cell, shown) => {
    expect(table([[cell, '|']])).toBe(`${shown}  |`);
    expect(facts([['title', cell]])).toBe(`title  ${shown}`);
  });

  test('our own colours stay', () => {
    const painted = createPaint(true).good('ok');
    expect(table([[painted]])).toBe(painted);
  });
});
