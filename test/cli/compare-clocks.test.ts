/** Clocks that were read over a network: apart only by what the ways of their answers cannot account for. */
import { describe, expect, test } from 'vitest';
import { compareClocks } from '../../src/cli/compare-clocks.ts';
import type { MemberClock } from '../../src/store.ts';

const clock = (member: string, least: number, most: number): MemberClock => ({ member, aheadMs: { least, most } });

describe('compareClocks', () => {
  test.each<[string, readonly MemberClock[], ReturnType<typeof compareClocks>]>([
    ['none', [], { members: [], apartMs: 0, silent: [] }],
    ['one', [clock('a', 9_000, 9_001)], { members: [], apartMs: 0, silent: [] }],
    ['two whose ways explain it', [clock('a', -200, 10), clock('b', 0, 3)], { members: [], apartMs: 0, silent: [] }],
    [
      'two that are apart by more than their ways',
      [clock('a', -7_000, -6_900), clock('b', 100, 150)],
      { members: ['b', 'a'], apartMs: 7_000, silent: [] },
    ],
    [
      'the furthest of three',
      [clock('a', 0, 1), clock('b', 4_000, 4_001), clock('c', -4_001, -4_000)],
      { members: ['b', 'c'], apartMs: 8_000, silent: [] },
    ],
    ['one that did not answer', [clock('a', 0, 1), { member: 'b' }], { members: [], apartMs: 0, silent: ['b'] }],
  ])('%s', (_title, clocks, expected) => {
    expect(compareClocks(clocks)).toEqual(expected);
  });
});
