/**
 * What every TokenStore does. Its heart is one property: whatever stands in the record and whatever is to be written, `apply` does what the pure
 * `applyTransition` says, by the store's clock, and in one piece.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TokenRecord } from '../../../src/token/token-record.ts';
import type { NewTokenRecord } from '../../../src/token/token-store.ts';
import type { Acquire } from '../../../src/token/token-transition.ts';
import { applyTransition, newTokenRecord } from '../../../src/token/transitions.ts';
import { tokenCaseArbitrary, tokenRecordArbitrary } from '../../support/token-arbitraries.ts';
import { type OpenStore, type StoreUnderTest, uniqueName } from './store-under-test.ts';

export interface TokenContractOptions {
  /** Random cases of the property. Default 300. */
  readonly runs?: number;
}

export function tokenStoreContract(name: string, open: OpenStore, options: TokenContractOptions = {}): void {
  const { runs = 300 } = options;
  describe(`${name}: tokens`, () => {
    let opened: StoreUnderTest;
    let offsetMs = 0;
    beforeAll(async () => {
      opened = await open({ clockOffsetMs: () => offsetMs });
    });
    afterAll(async () => {
      await opened.dispose();
    });
    const tokens = () => opened.store.tokens;
    const readOne = async (id: string): Promise<TokenRecord | undefined> => (await tokens().read([id])).records.get(id);

    test('test 48: apply is applyTransition at the instant that it answers with', { timeout: 60_000 }, async () => {
      const id = uniqueName('property');
      const written = { applied: 0, refused: 0 };
      await fc.assert(
        fc.asyncProperty(tokenCaseArbitrary(id, Date.now()), async ({ record, transition }) => {
          await opened.putToken(record);
          const result = await tokens().apply(id, transition);
          const expected = applyTransition(record, transition, result.now);
          written[result.applied ? 'applied' : 'refused'] += 1;
          expect(result).toEqual({ applied: expected !== undefined, now: result.now, record: expected ?? record });
          expect(await readOne(id)).toEqual(expected ?? record);
        }),
        { numRuns: runs },
      );
      expect(Math.min(written.applied, written.refused)).toBeGreaterThan(runs / 10);
    });

    test('any record that was put there is read as it is, keys in any order', async () => {
      await fc.assert(
        fc.asyncProperty(tokenRecordArbitrary(uniqueName('read'), Date.now()), async (record) => {
          await opened.putToken(record);
          expect(await readOne(record.id)).toEqual(record);
        }),
        { numRuns: 50 },
      );
    });

    test('a new record holds nothing; an existing one is left as it is', async () => {
      const made = freshToken({ scopes: ['$all', 'a.b'], rev: 3, cfg_ver: 2 });
      await tokens().insert(made);
      const record = await readOne(made.id);
      expect(record).toEqual(newTokenRecord(made, record?.created_at ?? 0));
      expect(Math.abs((record?.created_at ?? 0) - Date.now())).toBeLessThan(60_000);
      await tokens().insert({ ...made, atId: 'at-other', rev: 9 });
      expect(await readOne(made.id)).toEqual(record);
    });

    test('a read gives those that exist, once, and the time of the store', async () => {
      const [first, second] = [freshToken(), freshToken()];
      await tokens().insert(first);
      await tokens().insert(second);
      const read = await tokens().read([second.id, 'none', first.id, first.id]);
      expect(new Set(read.records.keys())).toEqual(new Set([first.id, second.id]));
      expect(Math.abs(read.now - Date.now())).toBeLessThan(60_000);
      expect((await tokens().read([])).records.size).toBe(0);
    });

    test('every "now" is the stepped clock of the store', async () => {
      const made = freshToken();
      try {
        offsetMs = 86_400_000;
        await tokens().insert(made);
        const applied = await tokens().apply(made.id, acquireOf(made, 'a-1'));
        const { now, records } = await tokens().read([made.id]);
        for (const at of [now, applied.now, records.get(made.id)?.created_at ?? 0])
          expect(Math.abs(at - Date.now() - offsetMs)).toBeLessThan(60_000);
        expect(records.get(made.id)?.lease?.until).toBe(applied.now + 30_000);
      } finally {
        offsetMs = 0;
      }
    });

    test('a lease keeps others out until the clock of the store has passed it', async () => {
      const made = freshToken();
      await tokens().insert(made);
      try {
        expect((await tokens().apply(made.id, acquireOf(made, 'a-1'))).applied).toBe(true);
        expect((await tokens().apply(made.id, acquireOf(made, 'a-2'))).applied).toBe(false);
        offsetMs = 29_000;
        expect((await tokens().apply(made.id, acquireOf(made, 'a-2'))).applied).toBe(false);
        offsetMs = 31_000;
        const taken = await tokens().apply(made.id, acquireOf(made, 'a-2'));
        expect(taken.record?.lease?.attempt).toBe('a-2');
        expect(taken.record?.epoch).toBe(2);
      } finally {
        offsetMs = 0;
      }
    });

    test('of acquires at once from two connections exactly one is applied, and each loser sees the record as it stands', async () => {
      const made = freshToken();
      await tokens().insert(made);
      const other = await opened.another();
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          (i % 2 === 0 ? tokens() : other.tokens).apply(made.id, acquireOf(made, `a-${i}`)),
        ),
      );
      const winners = results.filter((result) => result.applied);
      expect(winners).toHaveLength(1);
      for (const result of results) expect(result.record).toEqual(winners[0]?.record);
      expect((await other.tokens.read([made.id])).records.get(made.id)).toEqual(winners[0]?.record);
    });

    test('a write of another connection is seen by the next read', async () => {
      const made = freshToken();
      await tokens().insert(made);
      const other = await opened.another();
      for (let ver = 1; ver <= 20; ver += 1) {
        await other.tokens.apply(made.id, { kind: 'clear', newId: `at-${ver}` });
        const record = await readOne(made.id);
        expect([record?.ver, record?.at.id]).toEqual([ver, `at-${ver}`]);
      }
    });

    test('a transition on a record that is not there is not applied', async () => {
      const result = await tokens().apply('none', { kind: 'release', attempt: 'a', unspent: true });
      expect(result).toEqual({ applied: false, now: expect.any(Number) });
      expect(await readOne('none')).toBeUndefined();
    });

    test('records are listed and removed by integration', async () => {
      const [mine, also, theirs] = [freshToken(), freshToken(), freshToken({ integration_id: uniqueName('i') })];
      const integrationId = mine.integration_id;
      for (const made of [mine, { ...also, integration_id: integrationId }, theirs]) await tokens().insert(made);
      const listed = await tokens().list(integrationId);
      expect(new Set(listed.records.keys())).toEqual(new Set([mine.id, also.id]));
      expect(listed.records.get(mine.id)).toEqual(await readOne(mine.id));
      expect(Math.abs(listed.now - Date.now())).toBeLessThan(60_000);
      await tokens().removeAll(integrationId);
      await tokens().removeAll(integrationId);
      expect((await tokens().list(integrationId)).records.size).toBe(0);
      expect(await readOne(mine.id)).toBeUndefined();
      expect(await readOne(theirs.id)).toBeDefined();
    });

    test('edited records are found from an instant on, the oldest first; what attempts and calls write is no edit', async () => {
      const [first, second, untouched] = [freshToken(), freshToken(), freshToken()];
      try {
        // Later than every edit of the tests around.
        offsetMs = 30 * 86_400_000;
        const { now: since } = await tokens().read([]);
        for (const made of [first, second, untouched]) await tokens().insert(made);
        await tokens().apply(untouched.id, acquireOf(untouched, 'a-1'));
        await tokens().apply(untouched.id, { kind: 'observe', ifId: 'at-1', accepted: true });
        const cleared = await tokens().apply(second.id, { kind: 'clear', newId: 'at-2' });
        offsetMs += 1_000;
        const broughtUp = { kind: 'bring-up', rev: 2, accountRev: 1, secretRev: 1, newId: 'at-2' } as const;
        const stamped = await tokens().apply(first.id, broughtUp);
        const expected = [
          { id: second.id, at: cleared.now },
          { id: first.id, at: stamped.now },
        ];
        const found = await tokens().editedSince(since, 10);
        expect(found.edited).toEqual(expected);
        expect(found.now).toBeGreaterThanOrEqual(stamped.now);
        expect((await tokens().editedSince(since, 1)).edited).toEqual(expected.slice(0, 1));
        expect((await tokens().editedSince(stamped.now, 10)).edited).toEqual(expected.slice(1));
        const none = await tokens().editedSince(stamped.now + 1, 10);
        expect(none.edited).toEqual([]);
        expect(Math.abs(none.now - Date.now() - offsetMs)).toBeLessThan(60_000);
        await tokens().removeAll(first.integration_id);
        expect((await tokens().editedSince(since, 10)).edited).toEqual(expected.slice(0, 1));
      } finally {
        offsetMs = 0;
      }
    });

    test.for(['at', 'rt', 'fail'] as const)('`%s` unset by hand is gone from the next read', async (part) => {
      const record = fullRecord();
      await opened.putToken(record);
      await readOne(record.id);
      await opened.editToken(record.id, { kind: 'unset', part });
      const { [part]: _gone, ...rest } = record;
      expect(await readOne(record.id)).toEqual(part === 'at' ? { ...rest, at: { id: '' } } : rest);
    });

    test('an access token unset by hand can be acquired on, with the empty id', async () => {
      const record = fullRecord();
      await opened.putToken(record);
      await opened.editToken(record.id, { kind: 'unset', part: 'at' });
      const by = acquireOf({ ...record, atId: '' }, 'a-1');
      expect((await tokens().apply(record.id, { ...by, ifId: 'at-1' })).applied).toBe(false);
      const acquired = await tokens().apply(record.id, by);
      expect(acquired).toEqual({
        applied: true,
        now: acquired.now,
        record: applyTransition({ ...record, at: { id: '' } }, by, acquired.now),
      });
    });

    test('`expires_at` edited by hand is in force from the next read, the rest stays', async () => {
      const record = fullRecord();
      await opened.putToken(record);
      await readOne(record.id);
      const at = Math.trunc(Date.now() / 1000) * 1000 - 60_000;
      await opened.editToken(record.id, { kind: 'set-expires-at', at });
      expect(await readOne(record.id)).toEqual({ ...record, at: { ...record.at, expires_at: at } });
    });

    test('members that this program does not know are kept by reads and writes', async () => {
      const record = { ...fullRecord(), note: { text: '$x', 'a.b': [1, null] } };
      await opened.putToken(record);
      expect(await readOne(record.id)).toEqual(record);
      await tokens().apply(record.id, { kind: 'clear', newId: 'at-new' });
      expect(await readOne(record.id)).toMatchObject({ note: record.note, at: { id: 'at-new' } });
    });

    test('a token written by hand in clear is read as it is, and goes with the write that takes it over', async () => {
      const manual = { access_token: '$x', 'a.b': [1, null], expires_at: 'tomorrow' };
      const record = { ...fullRecord(), manual };
      await opened.putToken(record);
      expect(await readOne(record.id)).toEqual(record);
      const by = { kind: 'set-by-hand', at: { id: 'at-new' } } as const;
      const other = { ...by, ifManual: { access_token: 'y', refresh_token: null } };
      expect((await tokens().apply(record.id, other)).applied).toBe(false);
      await tokens().apply(record.id, { ...by, ifManual: { access_token: '$x', refresh_token: null } });
      expect(await readOne(record.id)).not.toHaveProperty('manual');
    });
  });
}

function freshToken(more: Partial<NewTokenRecord> = {}): NewTokenRecord {
  const id = uniqueName('token');
  return { id, integration_id: `of-${id}`, scheme: 'main', rev: 1, cfg_ver: 1, atId: 'at-1', ...more };
}

function acquireOf(made: { readonly rev: number; readonly atId: string }, attempt: string): Acquire {
  return {
    kind: 'acquire',
    ifId: made.atId,
    ifRev: made.rev,
    cfgFp: 'cfg-1',
    pastFailure: false,
    presents: true,
    offersRefused: false,
    holder: 'worker',
    attempt,
    reason: 'empty',
    ttlMs: 30_000,
  };
}

function fullRecord(): TokenRecord {
  const sealed = { ct: 'Y3Q=', iv: 'aXY=', kid: 'k1' };
  const now = Date.now();
  const { id, integration_id, scheme } = freshToken();
  return {
    ...{ id, integration_id, scheme, ver: 3, epoch: 2, rev: 1, cfg_ver: 1 },
    at: { id: 'at-1', sealed, scope: '$x', expires_at: now + 3_600_000, soft_at: now + 3_000_000 },
    rt: { sealed, fp: 'rt-1', gen: 1, by: 'a-0', epoch: 1 },
    fail: { 'cfg-0': { class: 'transient', code: 'http_503', n: 1, next_at: now - 1, message: 'no', at: now - 2 } },
    created_at: now - 10_000,
    updated_at: now - 5_000,
  };
}
