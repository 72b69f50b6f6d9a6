import { expect, test } from 'vitest';
import { createChangeMarks } from '../../src/kernel/change-marks.ts';

function createMarks(maxEntries?: number) {
  let now = 0;
  const marks = createChangeMarks({ monotonic: () => now }, maxEntries);
  const at = (instant: number) => {
    now = instant;
    return marks;
  };
  return { marks, at };
}

test('an answer is news where it was asked for after the last change', () => {
  const { marks, at } = createMarks();
  at(10).mark('a');
  expect([9, 10, 11].map((askedAt) => marks.isNews('a', askedAt))).toEqual([false, false, true]);
  expect(marks.isNews('b', 0)).toBe(true);
});

test('a change of all is one of each, whatever was marked before', () => {
  const { marks, at } = createMarks();
  at(10).mark('a');
  at(20).markAll();
  expect([marks.isNews('a', 15), marks.isNews('b', 15), marks.isNews('b', 21)]).toEqual([false, false, true]);
});

test('a change that had to go for room still counts', () => {
  const { marks, at } = createMarks(2);
  at(10).mark('a');
  at(20).mark('b');
  at(30).mark('c');
  expect([marks.isNews('a', 5), marks.isNews('a', 11), marks.isNews('b', 15)]).toEqual([false, true, false]);
});
