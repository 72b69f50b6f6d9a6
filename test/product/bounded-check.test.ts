/**
 * The bounded check through the whole product: two workers on stores that tell nothing by themselves, SQLite and a standalone MongoDB. The tests mostly
 * wait for the next poll, so they wait together.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, test, type TestContext } from 'vitest';
import { openMongoStore } from '../../adapters/stores/mongodb/mongodb-store.ts';
import { openSqliteStore } from '../../adapters/stores/sqlite/sqlite-store.ts';
import type { Everbearer } from '../../src/api.ts';
import { DEFAULT_USER } from '../../src/demo/provider-behaviour.ts';
import type { Store } from '../../src/store.ts';
import { INTEGRATION, startProduct, STORES, type Product, type ProductOptions } from './product-under-test.ts';
import { editRaw, type RawEdit } from './raw-edit.ts';
import { stalenessOf } from './staleness.ts';

const BOUND_MS = 2_500;
/** For what takes no time but may be delayed by a busy machine. */
const PATIENCE = { timeout: 15_000 };
const BOUNDED = { check: 'bounded' } as const;
const EVERY_CALL = { check: 'every-call' } as const;
const NOWHERE = { url: 'http://127.0.0.1:1' };
const OF_IT = { integration: INTEGRATION };
const run = promisify(execFile);

interface Fleet {
  readonly product: Product;
  readonly worker: Everbearer;
  readonly editor: Everbearer;
}

async function startFleet({ onTestFinished }: TestContext, store: string, options: ProductOptions): Promise<Fleet> {
  const product = await startProduct(store, options);
  onTestFinished(async () => await product.dispose());
  return { product, worker: product.everbearer, editor: await product.another() };
}

async function tokenOf({ tokens }: Everbearer): Promise<string> {
  return (await tokens.get(OF_IT)).access_token;
}

async function codeOf({ tasks }: Everbearer): Promise<string> {
  const response = await tasks.run({ ...OF_IT, operationId: 'listBooks', input: {} });
  return 'status' in response ? String(response.status) : response.code;
}

/** Until the worker is seen to use a token that it hasn't looked for: before its first poll it reads, and every edit is in force at once. */
async function settle({ expect }: TestContext, { worker, editor }: Fleet): Promise<void> {
  let edits = 0;
  const seesAtOnce = async (): Promise<boolean> => {
    await tokenOf(worker);
    edits += 1;
    await editor.tokens.set(OF_IT, { access_token: `edit-${edits}` });
    return (await tokenOf(worker)) === `edit-${edits}`;
  };
  await expect.poll(seesAtOnce, PATIENCE).toBe(false);
}

/** A refresh whose answer is under way while the record is edited in the database. */
async function refreshAround(context: TestContext, fleet: Fleet, edit: RawEdit): Promise<void> {
  const { product, worker, editor } = fleet;
  const { expect } = context;
  await tokenOf(worker);
  // A caller has its token a moment before it is stored.
  await expect.poll(async () => (await editor.tokens.show(OF_IT)).version, PATIENCE).toBe(1);
  product.provider.resetCounters();
  product.provider.script({ name: 'hold', grant: 'refresh_token' });
  const refreshing = worker.tokens.refresh(OF_IT);
  await expect.poll(() => product.provider.held(), PATIENCE).toBe(1);
  await editRaw(product.store, edit);
  product.provider.release();
  await refreshing;
}

describe.for(STORES)('on $name', ({ name, skip }) => {
  const fleetTest = test.skipIf(skip).concurrent;

  fleetTest('test 42: a token by hand is in force on another worker within 2.5 s', async (context) => {
    const fleet = await startFleet(context, name, BOUNDED);
    await settle(context, fleet);
    const staleness = await stalenessOf({
      look: async () => await tokenOf(fleet.worker),
      after: 'by-hand',
      change: async () => await fleet.editor.tokens.set(OF_IT, { access_token: 'by-hand' }),
    });
    context.expect(staleness).toBeLessThan(BOUND_MS);
  });

  fleetTest('an edit of the server is in force on another worker within 2.5 s', async (context) => {
    const fleet = await startFleet(context, name, BOUNDED);
    await settle(context, fleet);
    const staleness = await stalenessOf({
      look: async () => await codeOf(fleet.worker),
      after: 'api_unreachable',
      change: async () => await fleet.editor.integrations.set(INTEGRATION, { server: NOWHERE }),
    });
    context.expect(staleness).toBeLessThan(BOUND_MS);
  });

  fleetTest('an edit of the same process is in force at its next call', async (context) => {
    const fleet = await startFleet(context, name, BOUNDED);
    const { worker } = fleet;
    const { expect } = context;
    await settle(context, fleet);
    await worker.tokens.set(OF_IT, { access_token: 'by-hand' });
    expect(await tokenOf(worker)).toBe('by-hand');
    await worker.integrations.set(INTEGRATION, { server: NOWHERE });
    expect(await codeOf(worker)).toBe('api_unreachable');
    await worker.integrations.remove(INTEGRATION);
    await expect(tokenOf(worker)).rejects.toMatchObject({ code: 'not_found' });
  });

  fleetTest('test 23: a corrected password ends the block within 2.5 s everywhere', async (context) => {
    const { expect } = context;
    const { product, worker, editor } = await startFleet(context, name, {
      ...BOUNDED,
      authentication: { password: 'wrong' },
    });
    const workers = [worker, await product.another()];
    for (const each of workers) expect(await codeOf(each)).toBe('token_blocked');
    const { password } = DEFAULT_USER;
    let correcting: Promise<unknown> | undefined;
    const correct = async (): Promise<unknown> =>
      await (correcting ??= editor.integrations.set(INTEGRATION, { authentication: { shop: { password } } }));
    const staleness = await Promise.all(
      workers.map((each) => stalenessOf({ look: async () => await codeOf(each), after: '200', change: correct })),
    );
    expect(Math.max(...staleness)).toBeLessThan(BOUND_MS);
  });

  fleetTest('test 23: a password edited while a token lives is used by all within 2.5 s', async (context) => {
    const fleet = await startFleet(context, name, BOUNDED);
    await settle(context, fleet);
    const before = await tokenOf(fleet.worker);
    fleet.product.provider.setUser(DEFAULT_USER.username, 'another');
    const authentication = { shop: { password: 'another' } };
    const staleness = await stalenessOf({
      look: async () => String((await tokenOf(fleet.worker)) !== before),
      after: 'true',
      change: async () => await fleet.editor.integrations.set(INTEGRATION, { authentication }),
    });
    context.expect(staleness).toBeLessThan(BOUND_MS);
  });

  describe.for([EVERY_CALL, BOUNDED])('with the check $check', (options) => {
    fleetTest('test 41: a token written into the database during a refresh is in force everywhere', async (context) => {
      const { expect } = context;
      const fleet = await startFleet(context, name, options);
      const { product, worker, editor } = fleet;
      await refreshAround(context, fleet, { kind: 'manual', token: { access_token: 'manual' } });
      expect(await tokenOf(worker)).toBe('manual');
      await expect.poll(async () => await tokenOf(editor), PATIENCE).toBe('manual');
      expect(product.provider.counters()).toMatchObject({ tokenRequests: 1, replays: 0, familiesRevoked: 0 });
    });

    fleetTest(
      'test 41: an access token unset during a refresh stays gone; the rotated one is next',
      async (context) => {
        const fleet = await startFleet(context, name, options);
        await refreshAround(context, fleet, { kind: 'unset', part: 'at' });
        await tokenOf(fleet.worker);
        const byGrant = { password: 0, refresh_token: 2 };
        context.expect(fleet.product.provider.counters()).toMatchObject({ byGrant, replays: 0, familiesRevoked: 0 });
      },
    );

    fleetTest('test 41: a refresh token unset during a refresh stays gone; a first token is next', async (context) => {
      const fleet = await startFleet(context, name, options);
      await refreshAround(context, fleet, { kind: 'unset', part: 'rt' });
      await tokenOf(fleet.worker);
      const byGrant = { password: 1, refresh_token: 1 };
      context.expect(fleet.product.provider.counters()).toMatchObject({ byGrant, replays: 0 });
    });

    fleetTest('what an editor that crashed between its two writes has written is in force soon', async (context) => {
      const { product, worker } = await startFleet(context, name, options);
      const { expect } = context;
      expect(await codeOf(worker)).toBe('200');
      await crashInEdit(product.store);
      await expect.poll(async () => await codeOf(worker), PATIENCE).toBe('api_unreachable');
    });
  });

  test.skipIf(name === 'mongodb')('a program that leaves it open ends all the same', async (context) => {
    const { product } = await startFleet(context, name, BOUNDED);
    const options = { ...BOUNDED, store: product.store, keyFile: join(product.directory, 'keys.json') };
    const program = new URL('./left-open.ts', import.meta.url).pathname;
    const ended = await run(process.execPath, ['--no-warnings', program, JSON.stringify(options)], PATIENCE);
    context.expect(ended).toEqual({ stdout: '', stderr: '' });
  });
});

/** The integration's own write is made; the one that brings its records up is not. */
async function crashInEdit(storeUrl: string): Promise<void> {
  const store = await openStore(storeUrl);
  const { integrations } = store;
  const found = await integrations.findByName(INTEGRATION);
  const settings = { ...found!.settings, server: NOWHERE };
  await integrations.replace({ ...found!, settings, rev: found!.rev + 1 }, found!.rev);
  await store.close();
}

async function openStore(url: string): Promise<Store> {
  return url.startsWith('sqlite:') ? await openSqliteStore(url.slice('sqlite:'.length)) : await openMongoStore(url);
}
