/** The bounded check on a virtual clock: what is used without a read, and what has to be read (docs/token-lifecycle.md, "Bounded check"). */
import { beforeEach, describe, expect, test } from 'vitest';
import { EverbearerError } from '../../src/errors.ts';
import type { HttpResponse } from '../../src/kernel/http-client.ts';
import { createMetrics } from '../../src/io/metrics.ts';
import { NO_METRICS, type MetricName, type Metrics, type MetricsRegistry } from '../../src/kernel/metrics.ts';
import type { TokenConfiguration } from '../../src/token/token-configuration.ts';
import type { TokenManager, TokenManagerOptions } from '../../src/token/token-manager.ts';
import type { TokenRecord } from '../../src/token/token-record.ts';
import type { TokenStore, TokenWatcher } from '../../src/token/token-store.ts';
import { createMemoryTokenStore, type MemoryTokenStore } from '../support/memory-token-store.ts';
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.ts';
import { CONFIGURATION, startWorker, tokenAnswer } from './manager-under-test.ts';

/** Longer than a poll's interval with the virtual clock's chance. */
const ONE_POLL = 2_001;
const HOUR = 3_600_000;

let clock: VirtualClock;
let store: MemoryTokenStore;
let requests: number;
let answer: () => Promise<HttpResponse>;

beforeEach(() => {
  clock = createVirtualClock();
  store = createMemoryTokenStore(() => clock.now());
  requests = 0;
  answer = () => tokenAnswer({ access_token: `T${requests}`, expires_in: 3_600, refresh_token: `R${requests}` });
});

function worker(
  options: Partial<TokenManagerOptions> = {},
  over: Partial<TokenStore> = {},
  metrics: Metrics = NO_METRICS,
): TokenManager {
  const request = async (): Promise<HttpResponse> => {
    requests += 1;
    return await answer();
  };
  return startWorker({ clock, store: { ...store, ...over }, request, metrics }, { check: 'bounded', ...options });
}

async function get(tokens: TokenManager, configuration: TokenConfiguration = CONFIGURATION): Promise<string> {
  const { accessToken } = await tokens.get(configuration, { reload: async () => configuration });
  return accessToken;
}

/** @returns how many reads the work made */
async function readsOf(work: () => Promise<unknown>): Promise<number> {
  const before = store.counts.read;
  await work();
  return store.counts.read - before;
}

/** A worker that has its token opened, shown by a read, and its first poll behind it. */
async function settledWorker(
  options: Partial<TokenManagerOptions> = {},
  over: Partial<TokenStore> = {},
  metrics?: Metrics,
): Promise<TokenManager> {
  const tokens = worker(options, over, metrics);
  await get(tokens);
  await clock.advance(ONE_POLL);
  await get(tokens);
  await clock.advance(1);
  return tokens;
}

async function setByHand(token: string): Promise<void> {
  const at = { id: `at-${token}`, sealed: { ct: token, iv: '', kid: 'k' }, exp_source: 'manual' as const };
  await store.apply(CONFIGURATION.id, { kind: 'set-by-hand', at });
}

/** As in the database's own shell: nothing of ours is told. */
function rawEdit(edit: (record: TokenRecord) => Partial<TokenRecord>): void {
  const record = store.records.get(CONFIGURATION.id);
  if (record !== undefined) store.records.set(record.id, { ...record, ...edit(record) });
}

describe('a token is used without a read', () => {
  test('once a read has shown it and the poll has begun', async () => {
    const tokens = worker();
    expect(await readsOf(() => get(tokens))).toBeGreaterThan(0);
    expect(await readsOf(() => get(tokens))).toBe(1);
    await clock.advance(ONE_POLL);
    expect(await readsOf(() => get(tokens))).toBe(1);
    expect(await readsOf(async () => await Promise.all(Array.from({ length: 100 }, () => get(tokens))))).toBe(0);
  });

  test('for an hour of calls: the looks behind them are all that is read', async () => {
    const tokens = await settledWorker();
    const reads = await readsOf(async () => {
      for (let second = 0; second < 1_800; second += 1) {
        await clock.advance(1_000);
        await get(tokens);
      }
    });
    expect(requests).toBe(1);
    expect(reads).toBeGreaterThan(60);
    expect(reads).toBeLessThan(100);
  });

  test('not by a short-lived process, which polls nothing', async () => {
    const tokens = worker({ renewal: 'inline' });
    await get(tokens);
    await clock.advance(ONE_POLL);
    await get(tokens);
    expect(await readsOf(() => get(tokens))).toBe(1);
    expect(clock.sleepers()).toBe(0);
  });

  test('not for a call whose token was refused, nor for a command, nor after its caller has gone', async () => {
    const tokens = await settledWorker();
    const reload = async () => CONFIGURATION;
    const { id } = await tokens.get(CONFIGURATION, { reload });
    const rejected = { id: 'another', status: 401 };
    expect(await readsOf(() => tokens.get(CONFIGURATION, { reload, rejected }))).toBe(1);
    const gone = tokens.get(CONFIGURATION, { reload, signal: AbortSignal.abort(new Error('gone')) });
    await expect(gone).rejects.toThrow('gone');
    const renewed = await tokens.get(CONFIGURATION, { reload, newerThan: id });
    expect(renewed.accessToken).toBe('T2');
  });

  test('not with another revision of the integration than the one that it was seen with', async () => {
    const tokens = await settledWorker();
    expect(await readsOf(() => get(tokens, { ...CONFIGURATION, rev: 2 }))).toBeGreaterThan(0);
    expect(store.records.get(CONFIGURATION.id)?.rev).toBe(2);
  });

  test('not in the soft window, where it is renewed behind the callers', async () => {
    const tokens = await settledWorker();
    await clock.advance(0.9 * HOUR);
    await get(tokens);
    expect(await get(tokens)).toBe('T1');
    await clock.advance(10);
    expect(await get(tokens)).toBe('T2');
  });

  test('not while its record remembers a refusal, which somebody has to end', async () => {
    const tokens = await settledWorker();
    const id = store.records.get(CONFIGURATION.id)?.at.id ?? '';
    const now = clock.now();
    rawEdit(() => ({ rejected: { id: 'older', at: now, n: 1, next_at: now }, edited_at: now }));
    await clock.advance(ONE_POLL);
    await get(tokens);
    expect(await readsOf(() => get(tokens))).toBe(1);
    tokens.observe(CONFIGURATION, await tokens.get(CONFIGURATION, { reload: async () => CONFIGURATION }), 'accepted');
    await clock.advance(1);
    await get(tokens);
    expect(store.records.get(CONFIGURATION.id)).toMatchObject({ at: { id } });
    expect(await readsOf(() => get(tokens))).toBe(0);
  });
});

describe('an edit', () => {
  test.each([0, 1, 500, 1_000, 1_998, 1_999, 2_000])(
    'test 42: made elsewhere %d ms after a poll is in force within 2.5 s',
    async (ms) => {
      const tokens = await settledWorker();
      await clock.advance(ms);
      await setByHand('hand');
      await clock.advance(2_500);
      expect(await get(tokens)).toBe('hand');
    },
  );

  test('of the store is forgotten, not only doubted: the old token is not used while the store is away', async () => {
    let isAway = false;
    const away = new EverbearerError('store_unavailable', 'away');
    const read: TokenStore['read'] = async (ids) => {
      if (isAway) throw away;
      return await store.read(ids);
    };
    const tokens = await settledWorker({}, { read });
    await setByHand('hand');
    await clock.advance(ONE_POLL);
    isAway = true;
    await expect(get(tokens)).rejects.toMatchObject({ code: 'store_unavailable' });
  });

  test('of this process is in force at its next call', async () => {
    const tokens = await settledWorker();
    await setByHand('hand');
    tokens.edited({ recordId: CONFIGURATION.id });
    await clock.advance(1);
    expect(await get(tokens)).toBe('hand');
  });

  test('that removes the integration is in force at the next call of this process', async () => {
    const tokens = await settledWorker();
    await store.removeAll(CONFIGURATION.integrationId);
    tokens.edited({ integrationId: CONFIGURATION.integrationId });
    await clock.advance(1);
    expect(await get(tokens)).toBe('T2');
  });

  test('that the read of one call shows is in force for all: nobody uses the old token while the new one is asked for', async () => {
    const tokens = await settledWorker();
    await store.apply(CONFIGURATION.id, { kind: 'clear', newId: 'cleared' });
    answer = () => new Promise(() => undefined);
    const reload = async () => CONFIGURATION;
    const refused = tokens.get(CONFIGURATION, { reload, rejected: { id: 'T1', status: 401 } });
    await clock.advance(1);
    let second: string | undefined;
    const others = get(tokens).then((token) => (second = token));
    const outcomes = Promise.allSettled([refused, others]);
    await clock.advance(1);
    expect(second).toBeUndefined();
    await clock.advance(45_001);
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  test('that is told while an older read is under way is not undone by its answer', async () => {
    const held = Promise.withResolvers<undefined>();
    let isHeld = false;
    const read: TokenStore['read'] = async (ids) => {
      const answer = await store.read(ids);
      if (isHeld) await held.promise;
      return answer;
    };
    const tokens = await settledWorker({}, { read });
    isHeld = true;
    tokens.edited({ recordId: CONFIGURATION.id });
    await clock.advance(1);
    const early = get(tokens);
    await clock.advance(1);
    await setByHand('hand');
    tokens.edited({ recordId: CONFIGURATION.id });
    held.resolve(undefined);
    expect(await early).toBe('T1');
    await clock.advance(1);
    expect(await get(tokens)).toBe('hand');
  });

  const other = { ct: 'other', iv: '', kid: 'k' };
  test.each<[string, (record: TokenRecord) => Partial<TokenRecord>, string]>([
    ['a token written into the database', () => ({ manual: { access_token: 'manual' } }), 'manual'],
    ['an access token that was taken out', () => ({ at: { id: '' } }), 'T2'],
    ['an expiry that was set to the past', ({ at }) => ({ at: { ...at, expires_at: 0 } }), 'T2'],
    ['a record that was restored', ({ at }) => ({ at: { ...at, id: 'other', sealed: other } }), 'other'],
  ])('test 41: %s is noticed within 30 s', async (_name, edit, expected) => {
    const tokens = await settledWorker();
    rawEdit(edit);
    for (let second = 0; second < 30; second += 1) {
      await clock.advance(1_000);
      await get(tokens);
    }
    expect(await get(tokens)).toBe(expected);
  });

  test('in the database is looked at once: what was removed and nobody uses costs no reads', async () => {
    const tokens = await settledWorker();
    await get(tokens);
    store.records.clear();
    await clock.advance(30_000);
    expect(await readsOf(async () => await clock.advance(60_000))).toBe(0);
  });

  test('in the database is noticed by the next call of a token that nobody has used for 30 s', async () => {
    const tokens = await settledWorker();
    await clock.advance(60_000);
    rawEdit(() => ({ manual: { access_token: 'manual' } }));
    expect(await get(tokens)).toBe('manual');
  });
});

describe('the poll', () => {
  test('that fails makes every call read, until it succeeds again', async () => {
    let isDown = false;
    const editedSince: TokenStore['editedSince'] = async (since, limit) => {
      if (isDown) throw new EverbearerError('store_unavailable', 'away');
      return await store.editedSince(since, limit);
    };
    const tokens = await settledWorker({}, { editedSince });
    isDown = true;
    await clock.advance(2_500);
    const reads = [await readsOf(() => get(tokens)), await readsOf(() => get(tokens))];
    isDown = false;
    await clock.advance(2_000);
    reads.push(await readsOf(() => get(tokens)));
    expect(reads).toEqual([1, 1, 0]);
  });

  test('with its looks and its stream ends when the manager is closed', async () => {
    const tokens = await settledWorker();
    await tokens.close();
    expect(clock.sleepers()).toBe(0);
  });
});

test('records are looked at again 200 at a time, those first that were shown longest ago', async () => {
  const all = Array.from({ length: 300 }, (_, i) => ({ ...CONFIGURATION, id: `i:s:${i}`, credentialId: `cred:${i}` }));
  const [late, early] = [all.slice(0, 100), all.slice(100)];
  const asked: (readonly string[])[] = [];
  const read: TokenStore['read'] = async (ids) => {
    asked.push(ids);
    return await store.read(ids);
  };
  const tokens = worker({}, { read });
  const getAll = async (some: typeof all) => await Promise.all(some.map((each) => get(tokens, each)));
  await getAll(all);
  await clock.advance(ONE_POLL);
  await getAll(early);
  await clock.advance(1);
  await getAll(late);
  await getAll(all);
  asked.length = 0;
  await clock.advance(24_000);
  expect(asked.map((ids) => new Set(ids))).toEqual([early, late].map((some) => new Set(some.map(({ id }) => id))));
});

describe('a store that tells of changes', () => {
  let watchers: TokenWatcher[];
  let stopped: number;
  let opening: () => Promise<void>;
  beforeEach(() => {
    watchers = [];
    stopped = 0;
    opening = async () => undefined;
  });

  const watch: TokenStore['watch'] = async (watcher) => {
    watchers.push(watcher);
    await opening();
    return { stop: async () => void (stopped += 1) };
  };

  test('is heard at once: the next call reads', async () => {
    const tokens = await settledWorker({}, { watch });
    rawEdit(() => ({ manual: { access_token: 'manual' } }));
    watchers[0]?.onChanged([CONFIGURATION.id], {});
    await clock.advance(1);
    expect(await get(tokens)).toBe('manual');
    await clock.advance(1);
    await get(tokens);
    expect(await readsOf(() => get(tokens))).toBe(0);
  });

  test('test 42: one that loses its stream makes the next call of each token read, and is asked again with patience', async () => {
    const tokens = await settledWorker({}, { watch });
    rawEdit(() => ({ manual: { access_token: 'manual' } }));
    watchers[0]?.onLost();
    await clock.advance(1);
    expect(await get(tokens)).toBe('manual');
    opening = async () => {
      throw new EverbearerError('store_unavailable', 'away');
    };
    await clock.advance(1_000 + 2_000 + 4_000);
    expect(watchers).toHaveLength(4);
    opening = async () => undefined;
    await clock.advance(8_000);
    rawEdit(() => ({ at: { id: '' } }));
    watchers[4]?.onChanged([CONFIGURATION.id], {});
    await clock.advance(1);
    expect(await get(tokens)).toBe('T2');
  });

  test('what is opened before the stream is open again is read after it', async () => {
    const tokens = await settledWorker({}, { watch });
    watchers[0]?.onLost();
    await clock.advance(1);
    await get(tokens);
    rawEdit(() => ({ manual: { access_token: 'manual' } }));
    await clock.advance(1_000);
    expect(await get(tokens)).toBe('manual');
  });

  test('test 42: one that has no stream is asked once, and polled', async () => {
    let asked = 0;
    const tokens = await settledWorker({}, { watch: async () => void (asked += 1) });
    await setByHand('hand');
    await clock.advance(120_000);
    expect({ asked, token: await get(tokens) }).toEqual({ asked: 1, token: 'hand' });
  });

  test('is told which attempts are ours, and that nobody listens any more', async () => {
    const tokens = await settledWorker({}, { watch });
    expect(store.records.get(CONFIGURATION.id)?.lw).toMatch(
      new RegExp(`^${watchers[0]?.ownAttempts ?? '-'}\\..*:save$`),
    );
    await tokens.close();
    expect(stopped).toBe(1);
    watchers[0]?.onLost();
    await clock.advance(60_000);
    expect(watchers).toHaveLength(1);
  });

  test('that goes away with its stream leaves the last known tokens in use', async () => {
    let isAway = false;
    const read: TokenStore['read'] = async (ids) => {
      if (isAway) throw new EverbearerError('store_unavailable', 'away');
      return await store.read(ids);
    };
    const tokens = await settledWorker({}, { watch, read });
    isAway = true;
    watchers[0]?.onLost();
    await clock.advance(1);
    expect(await get(tokens)).toBe('T1');
  });
});

describe('its metrics', () => {
  /** The lines of a metric, without its name. */
  async function linesOf(metrics: MetricsRegistry, name: MetricName): Promise<readonly string[]> {
    const lines = (await metrics.text()).split('\n');
    return lines.filter((line) => line.startsWith(name)).map((line) => line.slice(name.length));
  }

  /** The same of a counter, without what was never counted. */
  async function countsOf(metrics: MetricsRegistry, name: MetricName): Promise<readonly string[]> {
    return (await linesOf(metrics, name)).filter((line) => !line.endsWith(' 0'));
  }

  test('a token that is used without a read was fresh, and opened already', async () => {
    const metrics = createMetrics();
    const tokens = await settledWorker({}, {}, metrics);
    const before = await countsOf(metrics, 'everbearer_token_gets_total');
    expect(await readsOf(() => get(tokens))).toBe(0);
    const gets = await countsOf(metrics, 'everbearer_token_gets_total');
    expect([before, gets]).toEqual([
      ['{state="fresh"} 1', '{state="empty"} 1'],
      ['{state="fresh"} 2', '{state="empty"} 1'],
    ]);
    expect(await linesOf(metrics, 'everbearer_token_cache_hits_total')).toEqual([' 2']);
  });

  test('say what told of a change, of those tokens alone that are opened', async () => {
    const metrics = createMetrics();
    let watcher: TokenWatcher | undefined;
    const watch: TokenStore['watch'] = async (given) => {
      watcher = given;
      return { stop: async () => undefined };
    };
    const tokens = await settledWorker({}, { watch }, metrics);
    const counts = async (): Promise<readonly string[]> =>
      await countsOf(metrics, 'everbearer_token_invalidations_total');
    expect(await counts()).toEqual(['{source="gap"} 1']);
    watcher?.onChanged([CONFIGURATION.id, 'i:s:nobody'], {});
    tokens.edited({ integrationId: CONFIGURATION.integrationId });
    await clock.advance(1);
    await get(tokens);
    await clock.advance(1);
    await get(tokens);
    rawEdit(({ at }) => ({ at: { ...at, expires_at: 0 } }));
    await clock.advance(30_000);
    await get(tokens);
    await setByHand('hand');
    await clock.advance(ONE_POLL);
    expect(await counts()).toEqual([
      '{source="own"} 1',
      '{source="poll"} 1',
      '{source="stream"} 1',
      '{source="look"} 1',
      '{source="gap"} 1',
    ]);
  });

  test('say whether there is a stream, and how late it tells', async () => {
    const metrics = createMetrics();
    let watcher: TokenWatcher | undefined;
    const watch: TokenStore['watch'] = async (given) => {
      watcher = given;
      return { stop: async () => undefined };
    };
    const isOpen = async (): Promise<readonly string[]> => await linesOf(metrics, 'everbearer_change_stream_open');
    await settledWorker({}, { watch }, metrics);
    expect(await isOpen()).toEqual([' 1']);
    watcher?.onChanged([CONFIGURATION.id], { at: clock.now() - 70 });
    watcher?.onChanged([CONFIGURATION.id], { at: clock.now() + 5_000 });
    watcher?.onChanged([CONFIGURATION.id], {});
    const lag = await linesOf(metrics, 'everbearer_change_stream_lag_seconds');
    expect(lag).toEqual(expect.arrayContaining(['_bucket{le="0.005"} 1', '_sum 0.07', '_count 2']));
    watcher?.onLost();
    await clock.advance(1);
    expect(await isOpen()).toEqual([' 0']);
  });

  test('say how old is what the poll has proven, also while it fails', async () => {
    const metrics = createMetrics();
    let isDown = false;
    const editedSince: TokenStore['editedSince'] = async (since, limit) => {
      if (isDown) throw new EverbearerError('store_unavailable', 'away');
      return await store.editedSince(since, limit);
    };
    const lag = async (): Promise<readonly string[]> => await linesOf(metrics, 'everbearer_edit_poll_lag_seconds');
    await settledWorker({}, { editedSince }, metrics);
    expect(await lag()).toEqual(['{of="tokens"} 0']);
    isDown = true;
    await clock.advance(4_000);
    expect(await lag()).toEqual(['{of="tokens"} 4']);
  });
});
