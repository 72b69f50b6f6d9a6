import { expect, test } from 'vitest';
import { BoundedCache } from '../../src/task/bounded-cache.ts';

test('what was used longest ago goes first', () => {
  const cache = new BoundedCache<number>({ maxEntries: 2 });
  cache.set('a', 1);
  cache.set('b', 2);
  expect(cache.find('a')).toBe(1);
  cache.set('c', 3);
  expect([cache.find('a'), cache.find('b'), cache.find('c'), cache.size]).toEqual([1, undefined, 3, 2]);
});

test('setting again replaces and counts as use', () => {
  const cache = new BoundedCache<number>({ maxEntries: 2 });
  cache.set('a', 1);
  cache.set('b', 2);
  cache.set('a', 10);
  cache.set('c', 3);
  expect([cache.find('a'), cache.find('b'), cache.size]).toEqual([10, undefined, 2]);
});
