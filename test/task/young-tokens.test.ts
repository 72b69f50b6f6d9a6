import { expect, test } from 'vitest';
import { createYoungTokens } from '../../src/task/young-tokens.ts';
import type { HeldToken } from '../../src/token/held-token.ts';

const MINUTE = 60_000;

test.each<readonly [string, { age?: number; lifetimeMs: number | null }, number]>([
  ['just obtained, an hour to live', { age: 0, lifetimeMs: 60 * MINUTE }, 2_000],
  ['three seconds old', { age: 3_000, lifetimeMs: 60 * MINUTE }, 2_000],
  ['four and a half seconds old', { age: 4_500, lifetimeMs: 60 * MINUTE }, 500],
  ['five seconds old', { age: 5_000, lifetimeMs: 60 * MINUTE }, 0],
  ['an unknown lifetime', { age: 4_000, lifetimeMs: null }, 1_000],
  ['a tenth of five seconds', { age: 0, lifetimeMs: 5_000 }, 500],
  ['a tenth of a short life is over', { age: 600, lifetimeMs: 5_000 }, 0],
  ['no lifetime at all', { age: 0, lifetimeMs: 0 }, 0],
  ['obtained by another process', { lifetimeMs: 60 * MINUTE }, 0],
])('%s', (_what, { age, lifetimeMs }, expected) => {
  const young = createYoungTokens({ monotonic: () => 1_000_000 });
  const token = { id: 't', lifetimeMs, ...(age === undefined ? {} : { obtainedAt: 1_000_000 - age }) } as HeldToken;
  expect(young.excuseMs(token)).toBe(expected);
  young.settle(token);
  expect(young.excuseMs(token)).toBe(0);
  expect(young.excuseMs({ ...token, id: 'another' })).toBe(expected);
});
