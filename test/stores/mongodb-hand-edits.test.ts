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
  ['a list of something else as failures', { fail: [1, null, {}] }, { fail: undefined }],
])('%s is read', (_name, edit, expected) => {
  const read = tokenRecord({ ...tokenDocument(record), ...edit });
  expect({ at: read.at, fail: read.fail }).toMatchObject(expected);
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
