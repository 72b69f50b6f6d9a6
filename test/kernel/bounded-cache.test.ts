import { expect, test } from 'vitest';
import { BoundedCache } from '../../src/kernel/bounded-cache.ts';

test('what was not used goes first', () => {
  const cache = new BoundedCache<string, number>({ maxEntries: 2 });
  cache.set('a', 1);
  cache.set('b', 2);
  expect(cache.find('a')).toBe(1);
  cache.set('c', 3);
  expect([cache.find('a'), cache.find('b'), cache.find('c'), cache.size]).toEqual([1, undefined, 3, 2]);
});

test('setting again replaces and counts as use', () => {
  const cache = new BoundedCache<string, number>({ maxEntries: 2 });
  cache.set('a', 1);
  cache.set('b', 2);
  cache.set('a', 10);
  cache.set('c', 3);
  expect([cache.find('a'), cache.find('b'), cache.size]).toEqual([10, undefined, 2]);
});

test('where all were used, the oldest goes', () => {
  const cache = new BoundedCache<string, number>({ maxEntries: 2 });
  cache.set('a', 1);
  cache.set('b', 2);
  cache.find('b');
  cache.find('a');
  expect(cache.set('c', 3)).toBe(1);
  expect(cache.set('d', 4)).toBe(2);
  expect([cache.find('c'), cache.find('d'), cache.size]).toEqual([3, 4, 2]);
});

test('what is taken out is no longer there', () => {
  const cache = new BoundedCache<string, number>({ maxEntries: 2 });
  cache.set('a', 1);
  cache.set('b', 2);
  cache.delete('a');
  expect([cache.find('a'), cache.set('c', 3), cache.drain(), cache.size]).toEqual([undefined, undefined, [2, 3], 0]);
});

test('a look is no use', () => {
  const cache = new BoundedCache<string, number>({ maxEntries: 2 });
  cache.set('a', 1);
  cache.set('b', 2);
  expect([cache.peek('a'), [...cache.keys()], [...cache.values()]]).toEqual([1, ['a', 'b'], [1, 2]]);
  expect(cache.set('c', 3)).toBe(1);
});
