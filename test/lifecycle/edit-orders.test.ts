/** An edit writes the integration first and the token's record after it. Whatever a worker does in between, nothing older than the edit is stored (M1, M2). */
import { afterEach, describe, expect, test } from 'vitest';
import { DEFAULT_CLIENT, DEFAULT_USER } from '../../src/demo/provider-behaviour.ts';
import type { TokenRequestEntry } from '../../src/demo/request-log.ts';
import type { Json } from '../../src/kernel/json.ts';
import type { TokenRecord } from '../../src/token/token-record.ts';
import { INTEGRATION, STORES } from '../product/product-under-test.ts';
import { createMember, type Member } from './support/member.ts';
import { HOUR, startSharedToken, storedTokens, type SharedToken, type StoredTokens } from './support/shared-token.ts';
import { createTurnTaking, ordersOf, storeTakingTurns, type Access, type TurnTaking } from './support/taking-turns.ts';

const { username: FIRST_USER, password } = DEFAULT_USER;
/** Dozens of orders, each from the beginning. */
const ROOM = 120_000;

type EditKind = 'account' | 'secret' | 'server';

/** The `n`th edit of a kind, each to something new. */
const EDITS: Readonly<Record<EditKind, (n: number) => Json>> = {
  account: (n) => ({ authentication: { shop: { username: userOf(n) } } }),
  secret: (n) => ({ authentication: { shop: { parameters: { audience: String(n) } } } }),
  server: (n) => ({ server: { url: `http://127.0.0.1:${n}` } }),
};
const KINDS = Object.keys(EDITS) as readonly EditKind[];
const PAIRS = KINDS.flatMap((first) => KINDS.map((second) => [first, second] as const));

function userOf(n: number): string {
  return `user-${n}`;
}

const isEdit = (access: Access): boolean => ['replace', 'list', 'apply bring-up'].includes(access);
const isBringUp = (access: Access): boolean => access === 'apply bring-up';

describe.each(STORES)('on $name', ({ name, skip }) => {
  let token: SharedToken;
  let members: Member[] = [];

  afterEach(async () => {
    await Promise.all(members.map((member) => member.close()));
    members = [];
    await token.dispose();
  });

  const start = async (): Promise<void> => {
    token = await startSharedToken(name);
    for (const n of [1, 2]) token.provider.setUser(userOf(n), password);
  };

  const member = (turns: TurnTaking, who: string, isTurn: (access: Access) => boolean): Member => {
    const store = storeTakingTurns(token.database.store, turns, who, isTurn);
    const made = createMember(token.product, store, token.cipher);
    members.push(made);
    return made;
  };

  /** An integration of its own for each order. */
  const createIntegration = async (order: readonly string[]): Promise<string> => {
    const integration = `shop-${order.join('-')}`;
    const { tokenUrl: url, apiUrl } = token.provider;
    const { model } = await token.person.integrations.get(INTEGRATION);
    const shop = { flow: 'password', ...DEFAULT_CLIENT, ...DEFAULT_USER, token_url: url, refresh_url: url };
    const server = { url: apiUrl };
    await token.person.integrations.create({ name: integration, model, server, authentication: { shop } });
    return integration;
  };

  const recordOf = async (integration: string): Promise<TokenRecord> => {
    const { integrations, tokens } = token.database.store;
    const found = await integrations.findByName(integration);
    const [record] = (await tokens.list(found!.id)).records.values();
    return record!;
  };

  const storedOf = async (integration: string): Promise<StoredTokens> =>
    storedTokens(token.cipher, await recordOf(integration));

  const requestOf = (fingerprint: string): TokenRequestEntry | undefined =>
    token.provider.log().find((each) => [each.access_token, each.refresh_token].includes(fingerprint));

  /** A refresh goes on with the account of its refresh token. */
  const accountOf = (fingerprint: string): string | undefined => {
    const request = requestOf(fingerprint);
    return request?.presented === undefined ? request?.username : accountOf(request.presented);
  };

  /** What stands in a record and was obtained with the integration as it was before its one edit. */
  const outdatedIn = (stored: StoredTokens, edit: EditKind): StoredTokens => {
    const { access_token: accessToken } = stored;
    if (edit === 'account')
      return Object.fromEntries(Object.entries(stored).filter(([, each]) => accountOf(each) === FIRST_USER));
    // The refresh token of the account stays.
    const isOutdated = accessToken !== undefined && requestOf(accessToken)?.audience === undefined;
    return isOutdated ? { access_token: accessToken } : {};
  };

  const leaving = async <T>(turns: TurnTaking, who: string, work: Promise<T>): Promise<T> =>
    await work.finally(() => turns.leave(who));

  test.skipIf(skip).each(['account', 'secret'] as const)(
    'test 63: the %s is edited beside a worker that holds the integration from before, in every order',
    async (edit) => {
      await start();
      for (const order of ordersOf({ worker: 3, editor: 3 })) {
        const integration = await createIntegration(order);
        const turns = createTurnTaking(order);
        let hasBegun = false;
        const isWorkers = (access: Access): boolean =>
          hasBegun && ['read', 'apply acquire', 'apply save'].includes(access);
        const [worker, editor] = [member(turns, 'worker', isWorkers), member(turns, 'editor', isEdit)];
        await worker.get(integration);
        token.product.advance(HOUR);
        hasBegun = true;
        const call = leaving(turns, 'worker', worker.get(integration));
        await leaving(turns, 'editor', editor.integrations.set(integration, EDITS[edit](1)));
        const acknowledged = await storedOf(integration);
        await call;
        expect(outdatedIn(acknowledged, edit), integration).toEqual({});
        expect(outdatedIn(await storedOf(integration), edit), integration).toEqual({});
      }
      expect(token.provider.counters()).toMatchObject({ replays: 0, wrongCredentials: 0 });
    },
    ROOM,
  );

  test.skipIf(skip).each(['account', 'secret'] as const)(
    'test 80: the %s is edited while a worker makes the record, in every order',
    async (edit) => {
      await start();
      for (const order of ordersOf({ worker: 5, editor: 3 })) {
        const integration = await createIntegration(order);
        const turns = createTurnTaking(order);
        const isWorkers = (access: Access): boolean =>
          ['load', 'insert', 'apply acquire', 'apply save'].includes(access);
        const [worker, editor] = [member(turns, 'worker', isWorkers), member(turns, 'editor', isEdit)];
        const call = leaving(turns, 'worker', worker.get(integration));
        await leaving(turns, 'editor', editor.integrations.set(integration, EDITS[edit](1)));
        await call;
        expect(outdatedIn(await storedOf(integration), edit), integration).toEqual({});
      }
    },
    ROOM,
  );

  test.skipIf(skip)(
    'test 80: a record made after the second of two edits is not brought to the first of them, which comes late',
    async () => {
      await start();
      const integration = await createIntegration(['late']);
      const turns = createTurnTaking(['start', 'second', 'worker', 'first', 'first', 'check', 'worker']);
      const edits: Promise<unknown>[] = [];
      for (const [index, who] of ['first', 'second'].entries()) {
        const editor = member(turns, who, (access) => access === 'list' || isBringUp(access));
        edits.push(leaving(turns, who, editor.integrations.set(integration, EDITS.account(index + 1))));
        const revision = async (): Promise<number | undefined> =>
          (await token.database.store.integrations.findByName(integration))?.rev;
        await expect.poll(revision, { interval: 5, timeout: 15_000 }).toBe(index + 2);
      }
      const worker = member(turns, 'worker', (access) => access === 'insert' || isBringUp(access));
      const call = leaving(turns, 'worker', worker.get(integration));
      turns.leave('start');
      await Promise.all(edits);
      expect(await recordOf(integration)).toMatchObject({ rev: 3, cfg_ver: 3 });
      turns.leave('check');
      await call;
      expect(token.provider.log().map(({ username }) => username)).toEqual([userOf(2)]);
    },
    ROOM,
  );

  test.skipIf(skip).each(PAIRS)(
    'test 79: %s and then %s are edited, their record writes and a worker in every order',
    async (...kinds) => {
      await start();
      for (const order of ordersOf({ first: 1, second: 1, worker: 2 })) {
        const integration = await createIntegration(order);
        const turns = createTurnTaking(['start', ...order]);
        let hasBegun = false;
        const isWorkers = (access: Access): boolean => hasBegun && ['read', 'apply bring-up'].includes(access);
        const worker = member(turns, 'worker', isWorkers);
        const token1 = (await worker.get(integration)).accessToken;
        const before = await recordOf(integration);
        const stored = await storedOf(integration);
        token.provider.resetCounters();
        const edits: Promise<unknown>[] = [];
        for (const [index, who] of ['first', 'second'].entries()) {
          const editor = member(turns, who, isBringUp);
          edits.push(leaving(turns, who, editor.integrations.set(integration, EDITS[kinds[index]!](index + 1))));
          const revision = async (): Promise<number | undefined> =>
            (await token.database.store.integrations.findByName(integration))?.rev;
          await expect.poll(revision, { interval: 5, timeout: 15_000 }).toBe(index + 2);
        }
        hasBegun = true;
        const call = leaving(turns, 'worker', worker.get(integration, 'looks'));
        turns.leave('start');
        await Promise.all([...edits, call]);
        const inForce = await worker.get(integration, 'looks');
        const after = await recordOf(integration);
        expect(after.rev, integration).toBe(3);
        expect((await call).accessToken, integration).toBe(inForce.accessToken);
        const requests = token.provider.log().map(({ username, presented }) => username ?? presented);
        const lastAccount = kinds.lastIndexOf('account');
        if (lastAccount >= 0) {
          expect(requests, integration).toEqual([userOf(lastAccount + 1)]);
          expect(after.cfg_ver, integration).toBe(lastAccount + 2);
        } else if (kinds.includes('secret')) {
          expect(requests, integration).toEqual([stored.refresh_token]);
        } else {
          expect(requests, integration).toEqual([]);
          expect({ at: after.at, rt: after.rt, token: inForce.accessToken }).toEqual({
            at: before.at,
            rt: before.rt,
            token: token1,
          });
        }
      }
    },
    ROOM,
  );
});
