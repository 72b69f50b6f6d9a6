/** The tests of the token lifecycle's catalogue that a store alone can pass or fail, on every store. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TokenRecord } from '../../../src/token/token-record.ts';
import type { TransitionResult } from '../../../src/token/token-store.ts';
import type { Acquire, Save, TokenTransition } from '../../../src/token/token-transition.ts';
import { applyTransition } from '../../../src/token/transitions.ts';
import { type OpenStore, type StoreUnderTest, uniqueName } from './store-under-test.ts';

const HOUR_MS = 3_600_000;
const sealed = (ct: string, kid = 'k1') => ({ ct, iv: 'aXY=', kid });
const acquire: Acquire = {
  ...{ kind: 'acquire', ifId: 'at-1', ifRev: 1, cfgFp: 'cfg', pastFailure: false, presents: true },
  ...{ offersRefused: false, holder: 'worker', attempt: 'a-1', reason: 'expired', ttlMs: 30_000 },
};
/** A refresh that brings a successor. */
const save: Save = {
  ...{ kind: 'save', attempt: 'a-1', cfgFp: 'cfg', ifCfgVer: 1, ifId: 'at-1', ifRtFp: 'rt-1', presented: 'rt-1' },
  epoch: 1,
  at: { id: 'at-2', sealed: sealed('AT2='), by: 'a-1' },
  rt: { sealed: sealed('RT2='), fp: 'rt-2' },
};

export function tokenLifecycleContract(name: string, open: OpenStore): void {
  describe(`${name}: token lifecycle`, () => {
    let opened: StoreUnderTest;
    let offsetMs = 0;
    beforeAll(async () => {
      opened = await open({ clockOffsetMs: () => offsetMs });
    });
    afterAll(async () => {
      await opened.dispose();
    });
    const read = async (id: string): Promise<TokenRecord | undefined> =>
      (await opened.store.tokens.read([id])).records.get(id);

    /** A stored record with an access and a refresh token. */
    async function given(more: Partial<TokenRecord> = {}): Promise<TokenRecord> {
      const now = Date.now();
      const record: TokenRecord = {
        ...{ id: uniqueName('token'), integration_id: 'i', scheme: 'main', ver: 0, epoch: 0, rev: 1, cfg_ver: 1 },
        at: { id: 'at-1', sealed: sealed('AT1='), scope: 'read', expires_at: now + HOUR_MS },
        rt: { sealed: sealed('RT1='), fp: 'rt-1', gen: 0, by: 'a-0', epoch: 0, expires_at: now + 9 * HOUR_MS },
        extra: sealed('EX1='),
        ...{ created_at: now - HOUR_MS, updated_at: now - HOUR_MS },
        ...more,
      };
      await opened.putToken(record);
      return record;
    }

    /** Applies one after the other; each is what the pure function says. */
    async function written(record: TokenRecord, ...transitions: readonly TokenTransition[]): Promise<TransitionResult> {
      let standing = record;
      let result: TransitionResult = { applied: false, now: 0 };
      for (const transition of transitions) {
        result = await opened.store.tokens.apply(record.id, transition);
        const expected = applyTransition(standing, transition, result.now);
        expect(result).toEqual({ applied: expected !== undefined, now: result.now, record: expected ?? standing });
        standing = expected ?? standing;
      }
      expect(await read(record.id)).toEqual(standing);
      return result;
    }

    test('test 15: a save whose reply was lost is recognised by its attempt when it is read back, and made once', async () => {
      const record = await given();
      await written(record, acquire, save);
      const again = await opened.store.tokens.apply(record.id, save);
      expect(again).toMatchObject({ applied: false, record: { ver: 1, at: { by: 'a-1' }, rt: { by: 'a-1', gen: 1 } } });
    });

    test('test 57: the record is sealed anew between acquire and save: the save lands, the new refresh token is kept', async () => {
      const record = await given();
      const reseal = {
        kind: 'reseal',
        at: { ifCt: 'AT1=', sealed: sealed('at1=', 'k2') },
        rt: { ifCt: 'RT1=', sealed: sealed('rt1=', 'k2') },
        extra: { ifCt: 'EX1=', sealed: sealed('ex1=', 'k2') },
      } as const;
      const saved = await written(record, acquire, reseal, save);
      expect(saved).toMatchObject({ applied: true, record: { at: { id: 'at-2' }, rt: { fp: 'rt-2' } } });
      expect((await written(saved.record ?? record, reseal)).applied).toBe(false);
    });

    test('test 57: a save without a successor keeps the refresh token as it was sealed anew', async () => {
      const record = await given();
      const { rt: _rt, ...withoutSuccessor } = save;
      const reseal = { kind: 'reseal', rt: { ifCt: 'RT1=', sealed: sealed('rt1=', 'k2') } } as const;
      const { record: saved } = await written(record, acquire, reseal, withoutSuccessor);
      expect(saved?.rt).toEqual({ ...record.rt, sealed: sealed('rt1=', 'k2') });
    });

    test.for(['$x', '$$NOW', '$', '$$REMOVE', '{"$set":1}', 'a.b.$c', '__proto__'])(
      'test 65: %s as scope, type, fingerprint, attempt and failure is stored as it is, and the save lands',
      async (text) => {
        const record = await given({
          fail: { [`other.${text}`]: { class: 'transient', code: text, n: 1, message: text, at: 1 } },
        });
        const by = { ...acquire, attempt: text, holder: text, cfgFp: `cfg.${text}` };
        const failure = { class: 'configuration', code: text, message: text, sample: text } as const;
        const saved = await written(record, by, {
          ...{ ...save, attempt: text, cfgFp: by.cfgFp, failure },
          at: { id: text, sealed: sealed(text), scope: text, type: text, by: text },
          rt: { sealed: sealed(text), fp: text },
        });
        expect(saved).toMatchObject({ applied: true, record: { at: { id: text, scope: text, type: text } } });
        expect(Object.keys(saved.record?.fail ?? {}).toSorted()).toEqual([`cfg.${text}`, `other.${text}`]);
      },
    );

    test('test 66: of a token that had expiry and scope no field is left beside a new one that has none', async () => {
      const record = await given();
      const { record: saved } = await written(record, acquire, save);
      expect(saved?.at).toEqual(save.at);
      expect(saved?.rt).toEqual({ ...save.rt, gen: 1, by: 'a-1', from: 'rt-1', epoch: 1 });
      expect(saved).not.toHaveProperty('extra');
    });

    test('test 67: a restore with the same `ver` is noticed by `at.id`: by the next read, an acquire and a save', async () => {
      const record = await given();
      await written(record, acquire);
      const restored = { ...record, at: { id: 'at-0', sealed: sealed('AT0=') }, lease: (await read(record.id))?.lease };
      await opened.putToken(restored as TokenRecord);
      expect(await read(record.id)).toMatchObject({ ver: record.ver, at: { id: 'at-0' } });
      const { rt: _rt, ...withoutSuccessor } = save;
      for (const transition of [withoutSuccessor, { ...acquire, attempt: 'a-2' }])
        expect((await opened.store.tokens.apply(record.id, transition)).applied).toBe(false);
      expect(await read(record.id)).toEqual(restored);
    });

    test('test 67: an access token unset by hand is noticed by `at.id`, and the late save brings its refresh token alone', async () => {
      const record = await given();
      await written(record, acquire);
      await opened.editToken(record.id, { kind: 'unset', part: 'at' });
      expect(await read(record.id)).toMatchObject({ ver: record.ver, at: { id: '' } });
      const { record: saved } = await opened.store.tokens.apply(record.id, save);
      expect(saved).toMatchObject({ at: { id: '' }, rt: { fp: 'rt-2' } });
      expect(saved?.at).not.toHaveProperty('sealed');
    });

    test('test 72: a save that arrives late, and one that arrives twice, leave `expires_at` as it was sent', async () => {
      const record = await given();
      const expiresAt = Date.now() + HOUR_MS;
      const timed = { ...save, at: { id: 'at-2', sealed: sealed('AT2='), by: 'a-1', expires_at: expiresAt } };
      try {
        await written(record, acquire);
        offsetMs = 20_000;
        const first = await opened.store.tokens.apply(record.id, timed);
        expect(first).toMatchObject({ applied: true, record: { at: { expires_at: expiresAt } } });
        offsetMs = 40_000;
        const second = await opened.store.tokens.apply(record.id, timed);
        expect(second).toMatchObject({ applied: false, record: { ver: 1, at: { expires_at: expiresAt } } });
      } finally {
        offsetMs = 0;
      }
    });
  });
}
