/**
 * The compiled transitions against `applyTransition`, guard by guard: where the contract's property tries cases at random, these are all combinations of
 * each guard fitting and not fitting, on records that differ in one part, at a fixed instant (so that "until exactly now" is among them).
 */
import { MongoClient } from 'mongodb';
import type { Collection } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compileTransition } from '../../adapters/stores/mongodb/compile-transition.ts';
import type { StoredDocument } from '../../adapters/stores/mongodb/insert-once.ts';
import type { NowExpression } from '../../adapters/stores/mongodb/store-clock.ts';
import { tokenDocument, tokenRecord } from '../../adapters/stores/mongodb/token-document.ts';
import type { RecordedFailure, RefreshTokenDoubt, TokenRecord } from '../../src/token/token-record.ts';
import type { AcquiredBase, TokenTransition } from '../../src/token/token-transition.ts';
import { applyTransition } from '../../src/token/transitions.ts';
import { freshMongodbUri, hasMongodb } from '../support/mongodb.ts';

const NOW = Date.parse('2030-01-01T12:00:00.000Z');
/** A constant is an expression, too. */
const FIXED_NOW = new Date(NOW) as unknown as NowExpression;

const sealed = { ct: 'b2xk', iv: 'aXY=', kid: 'k1' };
const renewed = { ct: 'bmV3', iv: 'aXY=', kid: 'k2' };
const base: TokenRecord = {
  ...{ id: 'i:main:x', integration_id: 'i', scheme: 'main', ver: 3, epoch: 5, rev: 2, cfg_ver: 1 },
  at: { id: 'at-1', sealed, scope: '$old', expires_at: NOW + 1 },
  rt: { sealed, fp: 'rt-1', gen: 4, by: 'a-0', from: 'rt-0', epoch: 4, refused: { at: NOW - 9, n: 1 } },
  lease: { holder: 'w', until: NOW + 1, attempt: 'a-1', reason: 'soft' },
  rejected: { id: 'at-1', at: NOW - 5, n: 2, next_at: NOW },
  learned: { rt_rotates: true, lifetime_ms: 1 },
  extra: sealed,
  lw: 'a-0:save',
  created_at: NOW - 10,
  updated_at: NOW - 10,
};

function failure(at: number): RecordedFailure {
  return { class: 'transient', code: '$x', n: 2, next_at: NOW + 1, message: '$$NOW', at };
}

/** `count` failures of others, oldest last; with the own one (the oldest of all) where asked for. */
function failures(count: number, own: boolean): NonNullable<TokenRecord['fail']> {
  const others = Array.from({ length: count }, (_, i) => [`other.${i}`, failure(NOW - 100 - i)] as const);
  return Object.fromEntries(own ? [...others, ['own.$fp', failure(NOW - 900)]] : others);
}

/** The record with a part in another state, or without it. */
function without(...parts: readonly (keyof TokenRecord)[]): TokenRecord {
  const kept = Object.entries(base).filter(([name]) => !parts.some((part) => part === name));
  const record: Partial<TokenRecord> = Object.fromEntries(kept);
  return record as TokenRecord;
}

function withoutLease({ lease: _lease, ...record }: TokenRecord): TokenRecord {
  return record;
}

/** Every combination of one value a field; a field that is `undefined` is left out. */
function combinations<T extends object>(choices: {
  readonly [K in keyof T]: readonly (T[K] | undefined)[];
}): readonly T[] {
  let made: readonly object[] = [{}];
  for (const [name, values] of Object.entries<readonly unknown[]>(choices)) {
    made = made.flatMap((each) => values.map((value) => (value === undefined ? each : { ...each, [name]: value })));
  }
  return made as readonly T[];
}

/** Refresh tokens in every state that a guard asks for: whose doubt, replayed or not, refused, expiring just now. */
const refreshTokens: readonly TokenRecord[] = combinations<NonNullable<TokenRecord['rt']>>({
  ...{ sealed: [sealed], fp: ['rt-1'], gen: [4], by: ['a-0'], from: ['rt-0'], epoch: [4] },
  ...{ expires_at: [undefined, NOW, NOW + 1], refused: [undefined, { at: NOW - 9, n: 1 }] },
  doubt: [
    undefined,
    ...combinations<RefreshTokenDoubt>({ attempt: ['a-0', 'a-1'], at: [NOW - 7], replayed: [false, true] }),
  ],
}).map((rt) => ({ ...base, rt }));

const bases = {
  attempt: ['a-1', 'a-2'],
  cfgFp: ['own.$fp'],
  ifCfgVer: [1, 0],
  ifId: ['at-1', 'at-2'],
  ifRtFp: ['rt-1', null],
} as const;
const barred = { 'own.$fp': { class: 'credentials', code: 'x', n: 1, message: '', at: NOW } } as const;
const manuals: readonly TokenRecord[] = combinations<NonNullable<TokenRecord['manual']>>({
  access_token: ['$x', 'y', null, 7, undefined],
  refresh_token: ['z', undefined],
}).map((manual) => ({ ...base, manual }));
const records: Readonly<Record<TokenTransition['kind'], readonly TokenRecord[]>> = {
  'bring-up': [
    { ...base, manual: { access_token: '$x' } },
    without('rt', 'lease', 'rejected', 'learned', 'extra'),
    { ...base, fail: failures(2, true) },
  ],
  acquire: [
    base,
    without('lease', 'rejected'),
    without('lease', 'rt'),
    ...[NOW - 1, NOW, NOW + 1].map((until) => ({
      ...base,
      lease: { holder: 'w', until, attempt: 'a-0', reason: 'soft' as const },
    })),
    ...[NOW - 1, NOW, NOW + 1].map((next_at) => ({
      ...without('lease'),
      fail: { 'own.$fp': { ...failure(NOW - 2), next_at } },
    })),
    { ...without('lease'), fail: { 'own.$fp': { class: 'configuration', code: 'x', n: 1, message: '', at: NOW } } },
    { ...without('lease'), fail: failures(3, false) },
    { ...without('lease', 'rt'), fail: barred },
    ...refreshTokens.flatMap(({ rt }) =>
      rt === undefined ? [] : [undefined, barred].map((fail) => ({ ...without('lease'), rt, ...(fail && { fail }) })),
    ),
  ],
  extend: [base, without('rt'), without('lease'), ...refreshTokens],
  save: [
    base,
    without('rt', 'extra', 'learned'),
    { ...base, fail: failures(0, true) },
    { ...base, fail: failures(2, true) },
    ...refreshTokens.filter(({ rt }) => rt?.expires_at === undefined && rt?.doubt?.replayed === true),
  ],
  fail: [
    base,
    without('rt', 'lw'),
    ...[1, 6, 7, 8].map((count) => ({ ...base, fail: failures(count, false) })),
    ...[0, 6, 7].map((count) => ({ ...base, fail: failures(count, true) })),
    ...refreshTokens.filter(({ rt }) => rt?.expires_at === undefined),
  ],
  release: [base, without('lease'), without('rt'), ...refreshTokens, ...refreshTokens.map(withoutLease)],
  'set-by-hand': [{ ...base, fail: failures(2, true) }, without('rt', 'rejected'), ...manuals],
  clear: [{ ...base, fail: failures(2, true), manual: {} }, without('rt', 'rejected', 'extra')],
  forgive: [base, { ...base, fail: failures(2, true) }, { ...base, fail: failures(1, false) }],
  observe: [base, without('learned', 'rejected'), { ...base, at: { id: '' } }],
  reseal: [base, without('rt'), without('extra'), { ...base, at: { id: 'at-1' } }],
  'set-aside': [
    base,
    without('rt', 'extra'),
    { ...base, at: { id: 'at-1' } },
    { ...base, aside: { at: sealed, rt: renewed } },
  ],
};
const accessToken = { id: 'at-new', sealed: renewed, expires_at: NOW + 9, scope: '$new' };
const refreshToken = { sealed: renewed, fp: 'rt-new', expires_at: NOW + 99 };
const newFailure = { class: 'in_doubt', code: '$y', message: 'a.b' } as const;
const acquiredBases: readonly AcquiredBase[] = [
  { ifCfgVer: 1, ifId: 'at-1', ifRtFp: 'rt-1' },
  { ifCfgVer: 1, ifId: 'at-1', ifRtFp: null },
  { ifCfgVer: 1, ifId: 'at-2', ifRtFp: 'rt-1' },
  { ifCfgVer: 0, ifId: 'at-1', ifRtFp: 'rt-1' },
];
const resealedParts = [undefined, { ifCt: sealed.ct, sealed: renewed }, { ifCt: renewed.ct, sealed: renewed }];

const transitions: readonly TokenTransition[] = [
  ...combinations<TokenTransition>({
    kind: ['bring-up'],
    rev: [1, 2, 3, 9],
    accountRev: [1, 2, 3],
    secretRev: [1, 2, 3],
    newId: ['at-new'],
  }),
  ...combinations<TokenTransition>({
    ...{ kind: ['acquire'], ifId: ['at-1', 'at-2'], ifRev: [2, 1], cfgFp: ['own.$fp'], pastFailure: [true, false] },
    ...{ presents: [true, false], offersRefused: [true, false] },
    ...{ holder: ['$w'], attempt: ['a-9'], reason: ['hard'], ttlMs: [30_000] },
    rejects: [undefined, { id: 'at-1', nextMs: 60_000 }],
  }),
  ...combinations<TokenTransition>({
    ...{ kind: ['extend'], attempt: ['a-1', 'a-2'], ttlMs: [30_000] },
    ...{ refusesRt: [true, false, undefined], replaysRt: [true, false, undefined] },
    base: [undefined, ...acquiredBases],
  }),
  ...[undefined, 'rt-1', 'rt-0', 'rt-2'].flatMap((presented) =>
    combinations<TokenTransition>({
      ...{ kind: ['save'], ...bases, presented: [presented], epoch: presented === 'rt-0' ? [3, 4, 5] : [5] },
      ...{ at: [accessToken, undefined], rt: [refreshToken, undefined], extra: [renewed, undefined] },
    }),
  ),
  ...combinations<TokenTransition>({
    ...{ kind: ['save'], attempt: ['a-1'], cfgFp: ['own.$fp'], ifCfgVer: [1], ifId: ['at-1'], ifRtFp: ['rt-1', null] },
    ...{ epoch: [5], failure: [{ ...newFailure, nextMs: 5 }, newFailure, undefined], presented: ['rt-1', undefined] },
    ...{ learned: [{ rt_rotates: false }, {}, undefined], rt: [refreshToken, undefined] },
  }),
  ...combinations<TokenTransition>({
    ...{ kind: ['fail'], ...bases, unspent: [true, false], refusesRt: [true, undefined] },
    failure: [
      { ...newFailure, nextMs: 5 },
      { ...newFailure, http: 400 },
    ],
  }),
  ...combinations<TokenTransition>({ kind: ['release'], attempt: ['a-1', 'a-2'], unspent: [true, false] }),
  ...combinations<TokenTransition>({
    ...{ kind: ['set-by-hand'], ifVer: [3, 2, undefined], at: [accessToken, undefined] },
    rt: [refreshToken, null, undefined],
    ifManual: [undefined, { access_token: '$x', refresh_token: null }, { access_token: null, refresh_token: 'z' }],
  }),
  ...combinations<TokenTransition>({ kind: ['clear'], ifVer: [3, 2, undefined], newId: ['at-new'] }),
  { kind: 'forgive' },
  ...combinations<TokenTransition>({
    ...{ kind: ['observe'], ifId: ['at-1', 'at-2', ''], accepted: [true, false] },
    learned: [undefined, {}, { rt_rotates: false, as_caches: true }],
  }),
  ...combinations<TokenTransition>({ kind: ['reseal'], at: resealedParts, rt: resealedParts, extra: resealedParts }),
  ...combinations<TokenTransition>({
    ...{ kind: ['set-aside'], part: ['at', 'rt'], ifCt: [sealed.ct, renewed.ct], newId: ['at-new'] },
  }),
];

describe.skipIf(!hasMongodb)('compiled transitions', { timeout: 120_000 }, () => {
  let client: MongoClient;
  let tokens: Collection<StoredDocument>;
  beforeAll(async () => {
    client = await MongoClient.connect(freshMongodbUri(), { maxPoolSize: 8 });
    tokens = client.db().collection('tokens');
  });
  afterAll(async () => {
    await client.db().dropDatabase();
    await client.close();
  });

  async function applied(record: TokenRecord, transition: TokenTransition): Promise<TokenRecord | undefined> {
    const { guard, set } = compileTransition(transition, FIXED_NOW);
    const filter = { _id: record.id, $expr: guard };
    const after = await tokens.findOneAndUpdate(filter, [{ $set: set }], { returnDocument: 'after' });
    return after === null ? undefined : tokenRecord(after);
  }

  test.each(Object.entries(records))('%s: every combination of its guards', async (kind, starts) => {
    const cases = transitions
      .filter((transition) => transition.kind === kind)
      .flatMap((transition) => starts.map((record) => ({ record, transition })))
      .map(({ record, transition }, i) => ({ record: { ...record, id: `${kind}-${i}` }, transition }));
    await tokens.insertMany(cases.map(({ record }) => tokenDocument(record)));
    let written = 0;
    for (let from = 0; from < cases.length; from += 64) {
      const batch = cases.slice(from, from + 64);
      const results = await Promise.all(batch.map(async ({ record, transition }) => await applied(record, transition)));
      for (const [i, { record, transition }] of batch.entries()) {
        const expected = applyTransition(record, transition, NOW);
        expect({ transition, record, after: results[i] }).toEqual({ transition, record, after: expected });
        written += expected === undefined ? 0 : 1;
      }
    }
    expect(written).toBeGreaterThan(0);
    expect(written).toBeLessThan(cases.length);
  });
});
