/** A process that ends while the store takes nothing: what it has obtained is on the disk before anybody loses patience, and the next process has it (F65). */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import type { Product } from '../product/product-under-test.ts';
import { grantsOf, HOUR, openShop, type Shop } from './support/shop.ts';

/** How long the end of a process may take, milliseconds. */
const CLOSING = 10_000;

/** As long as the store's file is held by somebody else. */
async function whileLocked(product: Product, work: () => Promise<void>): Promise<void> {
  using database = new DatabaseSync(product.store.slice('sqlite:'.length));
  database.exec('BEGIN IMMEDIATE');
  await work();
  database.exec('ROLLBACK');
}

/** A worker obtains a token, finds the store locked, and ends. @returns how long its end took, milliseconds */
async function endsWithoutStore(shop: Shop): Promise<number> {
  const dying = await shop.heldWorker();
  const save = dying.points.hold('save:before');
  const call = shop.run(dying.worker);
  await save.reached;
  let took = 0;
  await whileLocked(shop.product, async () => {
    save.release();
    expect(await call, 'the caller is served').toBe(200);
    const began = performance.now();
    await dying.worker.close();
    took = performance.now() - began;
    expect(await readdir(join(shop.product.directory, 'keys.json.spool'))).toHaveLength(1);
  });
  return took;
}

test('F65: of a refresh: the next process uses the rotated refresh token', { timeout: 60_000 }, async () => {
  const shop = await openShop('sqlite');
  await shop.run();
  shop.product.advance(HOUR + 1);
  expect(await endsWithoutStore(shop)).toBeLessThan(CLOSING);
  const [next] = await shop.workers(1);
  expect(await shop.run(next)).toBe(200);
  shop.product.advance(HOUR + 1);
  expect(await shop.run(next)).toBe(200);
  expect(grantsOf(shop.provider)).toEqual(['password', 'refresh_token', 'refresh_token']);
  expect(shop.provider.counters()).toMatchObject({ replays: 0, familiesRevoked: 0 });
});

test('F65: of a sign-in: the next process need not sign in', { timeout: 60_000 }, async () => {
  const shop = await openShop('sqlite', { flow: 'clientCredentials', authentication: { refresh_url: '' } });
  expect(await endsWithoutStore(shop)).toBeLessThan(CLOSING);
  const [next] = await shop.workers(1);
  expect(await shop.run(next)).toBe(200);
  expect(grantsOf(shop.provider)).toEqual(['client_credentials']);
  expect(await readdir(join(shop.product.directory, 'keys.json.spool'))).toEqual([]);
});
