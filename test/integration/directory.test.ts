/** Opened integrations: how they hear of edits that no token's record shows, and when they are used without a read. */
import { beforeEach, describe, expect, test } from 'vitest';
import { createDirectory, type Directory, type DirectoryOptions } from '../../src/integration/directory.ts';
import type { IntegrationRecord, IntegrationStore } from '../../src/integration/integration-store.ts';
import { NO_METRICS } from '../../src/kernel/metrics.ts';
import type { ModelRecord, ModelStore } from '../../src/model/model-store.ts';
import { createStoreGate } from '../../src/token/store-gate.ts';
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.ts';
import { PLAIN_CIPHER } from '../token/manager-under-test.ts';

const POLL_MS = 2_001;
const SHOP: IntegrationRecord = {
  id: 'i1',
  name: 'shop',
  model: 'Shop:1',
  rev: 1,
  marks: {},
  settings: { server: { url: 'https://one.example' }, tls: { enabled: true, rejectUnauthorized: true } },
  sealed: { ct: '{"authentication":{}}', iv: '', kid: 'k' },
  createdAt: 0,
  updatedAt: 0,
};
const MODEL = { id: 'm1', facts: { versionId: 'Shop:1', securitySchemes: [] } } as unknown as ModelRecord;

let clock: VirtualClock;
let records: Map<string, IntegrationRecord>;
let counts: { find: number; revisions: number };
/** Runs between the question and the answer of a look by name. */
let beforeFound: () => Promise<undefined>;

beforeEach(() => {
  clock = createVirtualClock();
  records = new Map([[SHOP.name, { ...SHOP, updatedAt: clock.now() }]]);
  counts = { find: 0, revisions: 0 };
  beforeFound = async () => undefined;
});

const store: Partial<IntegrationStore> = {
  async findByName(name) {
    counts.find += 1;
    const found = records.get(name);
    await beforeFound();
    return found;
  },
  async revisions(ids) {
    counts.revisions += 1;
    return new Map([...records.values()].filter(({ id }) => ids.includes(id)).map(({ id, rev }) => [id, rev]));
  },
  async editedSince(since) {
    const edited = [...records.values()].filter(({ updatedAt }) => updatedAt >= since);
    return { now: clock.now(), edited: edited.map(({ id, name, updatedAt }) => ({ id, name, at: updatedAt })) };
  },
};

function directoryOf(options: Partial<DirectoryOptions> = {}): Directory {
  const models: Partial<ModelStore> = { find: async () => MODEL };
  return createDirectory(
    {
      integrations: store as IntegrationStore,
      models: models as ModelStore,
      cipher: PLAIN_CIPHER,
      clock,
      events: { tell: async () => undefined },
      metrics: NO_METRICS,
      gate: createStoreGate(clock, { probe: async () => undefined }),
    },
    {
      actor: 'test',
      onStoreUnavailable: 'fail',
      renewal: 'background',
      check: 'bounded',
      egress: [],
      privateAddresses: 'open',
      tokenLimits: { connectMs: 1, totalMs: 1, maxResponseBytes: 1 },
      ...options,
    },
  );
}

function editElsewhere(url = 'https://two.example'): void {
  const before = records.get(SHOP.name) ?? SHOP;
  const settings = { ...before.settings, server: { url } };
  records.set(SHOP.name, { ...before, rev: before.rev + 1, settings, updatedAt: clock.now() });
}

const serverOf = async (directory: Directory): Promise<string | undefined> =>
  (await directory.inForce(SHOP.name)).baseUrl;

describe.each(['every-call', 'bounded'] as const)('with the check %s', (check) => {
  test('an edit that no record shows is read by the first call after the next poll', async () => {
    const directory = directoryOf({ check });
    await directory.find(SHOP.name);
    await clock.advance(1);
    editElsewhere();
    expect((await directory.find(SHOP.name)).baseUrl).toBe('https://one.example');
    await clock.advance(POLL_MS);
    expect((await directory.find(SHOP.name)).baseUrl).toBe('https://two.example');
  });

  test('what nobody has edited stays opened, however often it is told', async () => {
    const directory = directoryOf({ check });
    await directory.find(SHOP.name);
    await clock.advance(60_000);
    await directory.find(SHOP.name);
    expect(counts.find).toBe(1);
  });

  test('an integration that was made again under its name is another one', async () => {
    const directory = directoryOf({ check });
    await directory.find(SHOP.name);
    await clock.advance(10);
    records.set(SHOP.name, { ...SHOP, id: 'i2', updatedAt: clock.now() });
    await clock.advance(POLL_MS);
    expect((await directory.find(SHOP.name)).record.id).toBe('i2');
  });
});

describe('without a read', () => {
  const settled = async (options?: Partial<DirectoryOptions>): Promise<Directory> => {
    const directory = directoryOf(options);
    await clock.advance(POLL_MS);
    await directory.inForce(SHOP.name);
    counts = { find: 0, revisions: 0 };
    return directory;
  };

  test('an integration is used once it was read and the poll has begun', async () => {
    const directory = await settled();
    for (let call = 0; call < 10; call += 1) await directory.inForce(SHOP.name);
    expect(counts).toEqual({ find: 0, revisions: 0 });
    await directory.current(SHOP.name);
    expect(counts).toEqual({ find: 0, revisions: 1 });
  });

  test.each<[string, Partial<DirectoryOptions>]>([
    ['with the check at every call', { check: 'every-call' }],
    ['in a short-lived process', { renewal: 'inline' }],
  ])('it is not used %s', async (_name, options) => {
    const directory = await settled(options);
    await directory.inForce(SHOP.name);
    expect(counts.revisions).toBe(1);
  });

  test.each([0, 1, 1_000, 1_999])('an edit elsewhere %d ms after a poll is in force within 2.5 s', async (ms) => {
    const directory = await settled();
    await clock.advance(ms);
    editElsewhere();
    await clock.advance(2_500);
    expect(await serverOf(directory)).toBe('https://two.example');
  });

  test('an edit of this process is in force at its next call', async () => {
    const directory = await settled();
    editElsewhere();
    directory.edited(SHOP.name);
    expect(await serverOf(directory)).toBe('https://two.example');
  });

  test('one that was removed elsewhere is gone within 30 s', async () => {
    const directory = await settled();
    records.clear();
    await clock.advance(29_000);
    expect(await serverOf(directory)).toBe('https://one.example');
    await clock.advance(1_000);
    await expect(serverOf(directory)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('one that this process removes is gone at its next call', async () => {
    const directory = await settled();
    records.clear();
    directory.edited();
    await expect(serverOf(directory)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('an edit told while an older look is under way is not undone by its answer', async () => {
    const directory = await settled();
    await clock.advance(1);
    const answered = Promise.withResolvers<undefined>();
    beforeFound = () => answered.promise;
    const early = directory.reload(SHOP.name);
    await clock.advance(1);
    beforeFound = async () => undefined;
    editElsewhere();
    directory.edited(SHOP.name);
    await clock.advance(1);
    expect(await serverOf(directory)).toBe('https://two.example');
    answered.resolve(undefined);
    expect((await early).baseUrl).toBe('https://one.example');
    expect(await serverOf(directory)).toBe('https://two.example');
  });
});

test('a closed directory polls no more', async () => {
  const directory = directoryOf();
  await clock.advance(POLL_MS);
  directory.close();
  await clock.advance(1);
  expect(clock.sleepers()).toBe(0);
});
