/** Records that people changed in the database's shell in ways that the contract does not promise to understand: read as well as can be, no crash. */
import { MongoClient } from 'mongodb';
import type { Collection } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StoredDocument } from '../../adapters/stores/mongodb/insert-once.ts';
import { openMongoStore } from '../../adapters/stores/mongodb/mongodb-store.ts';
import { tokenDocument, tokenRecord } from '../../adapters/stores/mongodb/token-document.ts';
import type { Store } from '../../src/store.ts';
import type { TokenRecord } from '../../src/token/token-record.ts';
import type { Acquire, Fail, Save } from '../../src/token/token-transition.ts';
import { freshMongodbUri, hasMongodb } from '../support/mongodb.ts';

const NOON = Date.parse('2030-01-01T12:00:00.000Z');
const sealed = { ct: 'Y3Q=', iv: 'aXY=', kid: 'k1' };
const record: TokenRecord = {
  ...{ id: 'i:main:x', integration_id: 'i', scheme: 'main', ver: 1, epoch: 1, rev: 1, cfg_ver: 1 },
  at: { id: 'at-1', sealed, expires_at: NOON },
  rt: { sealed, fp: 'rt-1', gen: 0, by: 'a', epoch: 1 },
  fail: { 'a.$b': { class: 'transient', code: 'http_503', n: 2, next_at: NOON, message: 'no', at: NOON } },
  created_at: NOON,
  updated_at: NOON,
};
const base = { attempt: 'a-1', cfgFp: 'a.$b', ifCfgVer: 1, ifId: 'at-1', ifRtFp: 'rt-1' };
const acquire: Acquire = {
  ...{
    kind: 'acquire',
    ifId: 'at-1',
    ifRev: 1,
    cfgFp: 'a.$b',
    pastFailure: false,
    presents: true,
    offersRefused: false,
  },
  ...{ holder: 'w', attempt: 'a-1', reason: 'expired', ttlMs: 30_000 },
};
const save: Save = { kind: 'save', ...base, epoch: 2, at: { id: 'at-2', sealed } };
const fail: Fail = {
  kind: 'fail',
  ...base,
  unspent: true,
  failure: { class: 'transient', code: 'timeout', message: 'no' },
};

test('people find dates and a list of failures in the document', () => {
  expect(tokenDocument(record)).toMatchObject({
    _id: 'i:main:x',
    at: { expires_at: new Date(NOON) },
    fail: [{ cfg_fp: 'a.$b', next_at: new Date(NOON), at: new Date(NOON), n: 2 }],
    created_at: new Date(NOON),
  });
});

test.each<[string, object, object]>([
  [
    'a date as ISO text',
    { at: { id: 'at-1', expires_at: '2030-01-01T12:00:00Z' } },
    { at: { id: 'at-1', expires_at: NOON } },
  ],
  ['a date as milliseconds', { at: { id: 'at-1', expires_at: NOON } }, { at: { id: 'at-1', expires_at: NOON } }],
  ['a date as nonsense', { at: { id: 'at-1', expires_at: 'soon' } }, { at: { id: 'at-1' } }],
  ['a date as null', { at: { id: 'at-1', expires_at: null } }, { at: { id: 'at-1' } }],
  ['an access token that is text', { at: 'token' }, { at: { id: '' } }],
  ['an access token without its id', { at: { expires_at: new Date(NOON) } }, { at: { id: '' } }],
  ['failures that are no list', { fail: { x: 1 } }, { fail: undefined }],
  ['a refresh token that is text', { rt: 'token' }, { rt: undefined }],
  ['a refresh token that is null', { rt: null }, { rt: undefined }],
  ['a lease that is null', { lease: null }, { lease: undefined }],
  ['a list of something else as failures', { fail: [1, null, {}] }, { fail: undefined }],
])('%s is read', (_name, edit, expected) => {
  const read = tokenRecord({ ...tokenDocument(record), ...edit });
  expect({ at: read.at, fail: read.fail, rt: read.rt, lease: read.lease }).toMatchObject(expected);
  expect(JSON.stringify(read)).not.toContain('null');
});

describe.skipIf(!hasMongodb)('transitions on a record edited by hand', () => {
  let client: MongoClient;
  let store: Store;
  let tokens: Collection<StoredDocument>;
  beforeAll(async () => {
    const uri = freshMongodbUri();
    client = await MongoClient.connect(uri);
    tokens = client.db().collection('tokens');
    store = await openMongoStore(uri);
  });
  afterAll(async () => {
    await store.close();
    await client.db().dropDatabase();
    await client.close();
  });

  async function put(edit: object): Promise<void> {
    const { _id, ...fields } = tokenDocument(record);
    await tokens.replaceOne({ _id }, { ...fields, ...edit }, { upsert: true });
  }

  test.each<[string, object]>([
    ['an object', { x: 1 }],
    ['null', null as unknown as object],
    ['text', 'none' as unknown as object],
    ['an empty list', []],
    ['a list of something else', [1, null]],
  ])('failures that are %s bar nobody, and the next failure puts a list there', async (_name, value) => {
    await put({ fail: value });
    expect((await store.tokens.apply(record.id, acquire)).applied).toBe(true);
    const { record: failed } = await store.tokens.apply(record.id, fail);
    expect(failed?.fail?.['a.$b']).toMatchObject({ code: 'timeout', n: 1 });
  });

  test('the last failure takes its list along', async () => {
    await put({ lease: { attempt: 'a-1', holder: 'w', until: new Date() } });
    await store.tokens.apply(record.id, save);
    expect(await tokens.findOne({ _id: record.id })).not.toHaveProperty('fail');
  });

  test.each<[string, unknown]>([
    ['null', null],
    ['text', 'none'],
    ['a list', [1]],
  ])('a refresh token that is %s is presented by nobody and fails no write', async (_name, rt) => {
    await put({ rt, learned: rt, fail: [] });
    const acquired = await store.tokens.apply(record.id, acquire);
    expect(acquired.record).not.toHaveProperty('rt');
    for (const transition of [
      { kind: 'extend', attempt: 'a-1', ttlMs: 1_000, refusesRt: true, replaysRt: true },
      { kind: 'observe', ifId: 'at-1', accepted: true, learned: { rt_rotates: true } },
      { ...save, ifRtFp: null, presented: 'rt-0', rt: { sealed, fp: 'rt-2' } },
    ] as const)
      expect((await store.tokens.apply(record.id, transition)).applied).toBe(true);
    expect((await store.tokens.read([record.id])).records.get(record.id)?.rt).toMatchObject({ fp: 'rt-2', gen: 0 });
  });

  test('an expiry of the refresh token that was typed as text counts as a date', async () => {
    for (const [typed, presents] of [
      ['2001-01-01T00:00:00Z', false],
      ['2101-01-01T00:00:00Z', true],
      ['never', true],
    ] as const) {
      await put({ rt: { sealed, fp: 'rt-1', gen: 0, by: 'a', epoch: 1, expires_at: typed }, fail: [] });
      const { record: acquired } = await store.tokens.apply(record.id, acquire);
      expect(acquired?.rt?.doubt?.attempt).toBe(presents ? 'a-1' : undefined);
    }
  });

  test('what stands under `manual` is read as it is, dates too', async () => {
    const manual = { access_token: 'x', expires_at: new Date(NOON), note: { at: new Date(NOON), list: [null] } };
    await put({ manual });
    expect((await store.tokens.read([record.id])).records.get(record.id)?.manual).toEqual(manual);
  });

  test.each<[string, unknown]>([
    ['null', null],
    ['text', 'none'],
    ['a list', [{ id: 'at-1' }]],
    ['a part with a number as its id', { id: 7 }],
  ])('an access token that is %s is acquired on as an empty one', async (_name, at) => {
    await put({ at, fail: [] });
    expect((await store.tokens.apply(record.id, acquire)).applied).toBe(false);
    expect((await store.tokens.apply(record.id, { ...acquire, ifId: '' })).applied).toBe(true);
  });

  test('a lease without an end holds nobody up', async () => {
    await put({ lease: { attempt: 'old', holder: 'w' }, fail: [] });
    expect((await store.tokens.apply(record.id, acquire)).applied).toBe(true);
  });

  test('counters unset by hand begin anew, and a save lands', async () => {
    await put({ ver: undefined, epoch: undefined, fail: [] });
    await tokens.updateOne({ _id: record.id }, { $unset: { ver: 1, epoch: 1 } });
    expect((await store.tokens.apply(record.id, acquire)).record?.epoch).toBe(1);
    const saved = await store.tokens.apply(record.id, save);
    expect(saved).toMatchObject({ applied: true, record: { ver: 1, at: { id: 'at-2' }, rt: { fp: 'rt-1' } } });
    expect(saved.record).not.toHaveProperty('lease');
  });
});
