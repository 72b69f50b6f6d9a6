/** What only SQLite's token records have: edits by hand in their text, processes and clocks of one machine. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Host, ProcessIdentity } from '../../adapters/stores/sqlite/host.ts';
import { readHost } from '../../adapters/stores/sqlite/host.ts';
import type { AccessTokenPart, TokenRecord } from '../../src/token/token-record.ts';
import type { TransitionResult } from '../../src/token/token-store.ts';
import type { Acquire } from '../../src/token/token-transition.ts';
import { isLeased } from '../../src/token/token-state.ts';
import { editDatabase, openTemporarySqlite, type SqliteUnderTest } from './support/sqlite-under-test.ts';

const SEALED = { ct: 'Y3Q=', iv: 'aXY=', kid: 'k1' };
const HOUR_MS = 3_600_000;
const TTL_MS = 30_000;

describe('SQLite: token records edited by hand', () => {
  let here: SqliteUnderTest;
  beforeEach(async () => {
    here = await openTemporarySqlite();
    await here.store.tokens.insert(newToken('t'));
  });
  afterEach(async () => {
    await here.dispose();
  });

  const edit = (sql: string): unknown => editDatabase(here.path, (database) => database.exec(sql));
  const read = async (): Promise<TokenRecord | undefined> => (await here.store.tokens.read(['t'])).records.get('t');
  const setExpiresAt = (value: string): unknown =>
    edit(`UPDATE tokens SET record = json_set(record, '$.at.expires_at', ${value}) WHERE id = 't'`);

  test.for([
    [`'2031-02-03T04:05:06.789Z'`, Date.UTC(2031, 1, 3, 4, 5, 6, 789)],
    [`'2031-02-03T04:05:06+02:00'`, Date.UTC(2031, 1, 3, 2, 5, 6)],
    [`datetime('2031-02-03 04:05:06')`, Date.UTC(2031, 1, 3, 4, 5, 6)],
    [`'2031-02-03 04:05'`, Date.UTC(2031, 1, 3, 4, 5)],
    [`'2031-02-03'`, Date.UTC(2031, 1, 3)],
    [`unixepoch('2031-02-03')`, Date.UTC(2031, 1, 3)],
    [`strftime('%s', '2031-02-03')`, Date.UTC(2031, 1, 3)],
    [`${Date.UTC(2031, 1, 3)}`, Date.UTC(2031, 1, 3)],
    [`'+012031-02-03T04:05:06.000Z'`, Date.UTC(12031, 1, 3, 4, 5, 6)],
    ['NULL', undefined],
  ] as const)('expires_at %s is read as an instant', async ([value, expected]) => {
    setExpiresAt(value);
    expect((await read())?.at.expires_at).toBe(expected);
  });

  test.for([`'tomorrow'`, `json('{}')`, `'2031-13-01'`, `json('true')`, `'now'`, `'12:00'`, `''`])(
    'expires_at %s is refused when it is written',
    (value) => {
      expect(() => setExpiresAt(value)).toThrow(
        /CHECK constraint failed: at_expires_at_is_an_instant|non-deterministic/,
      );
    },
  );

  test('text that is no JSON object is refused when it is written', () => {
    for (const text of [`'{'`, `'[]'`, `'null'`])
      expect(() => edit(`UPDATE tokens SET record = ${text}`)).toThrow(/CHECK constraint failed|malformed JSON/);
  });

  test('other instants that cannot be read are long past, so that nothing waits for them', async () => {
    await here.store.tokens.apply('t', acquireOf('a-1'));
    edit(`UPDATE tokens SET record = json_set(record, '$.lease.until', 'garbage')`);
    expect((await read())?.lease?.until).toBe(0);
    expect((await here.store.tokens.apply('t', acquireOf('a-2'))).applied).toBe(true);
  });

  test.for(['rt', 'lease', 'fail', 'rejected', 'manual'])(
    '`%s` set to null or to text is as good as absent',
    async (part) => {
      for (const value of part === 'manual' ? ['NULL'] : ['NULL', `'none'`]) {
        edit(`UPDATE tokens SET record = json_set(record, '$.${part}', ${value})`);
        expect(await read()).not.toHaveProperty(part);
        expect((await here.store.tokens.apply('t', { ...acquireOf('a-1'), pastFailure: true })).applied).toBe(true);
        await here.store.tokens.apply('t', { kind: 'release', attempt: 'a-1', unspent: true });
      }
    },
  );

  test('a record that was thinned out to nothing reads as emptied and can be used again', async () => {
    edit(`UPDATE tokens SET record = '{}'`);
    expect(await read()).toEqual({ id: 't', ver: 0, epoch: 0, rev: 0, cfg_ver: 0, at: { id: '' } });
    const acquired = await here.store.tokens.apply('t', { ...acquireOf('a-1'), ifId: '', ifRev: 0 });
    expect(acquired.applied).toBe(true);
  });

  test('instants stand in the file as people read them', async () => {
    await here.store.tokens.apply('t', acquireOf('a-1'));
    const row = editDatabase(here.path, (database) =>
      database
        .prepare(`SELECT record ->> '$.created_at' AS created, record ->> '$.lease.until' AS until FROM tokens`)
        .get(),
    );
    const iso = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
    expect(row).toEqual({ created: expect.stringMatching(iso), until: expect.stringMatching(iso) });
  });

  test('an unchanged record is the very same frozen object at every read', async () => {
    const [first, second] = [await read(), await read()];
    expect(second).toBe(first);
    expect(Object.isFrozen(first?.at)).toBe(true);
    setExpiresAt('unixepoch() + 60');
    expect(await read()).not.toBe(first);
  });
});

describe('SQLite: leases and expiry on one machine', () => {
  const opened: SqliteUnderTest[] = [];
  const gone = new Set<number>();
  /** The wall clock, against the monotonic one. */
  let wallStepMs = 0;
  let passedMs = 0;
  afterEach(async () => {
    for (const each of opened.splice(0)) await each.dispose();
    gone.clear();
    wallStepMs = 0;
    passedMs = 0;
  });

  /** A machine whose wall clock is stepped; the store adds its offset to both clocks, so the step is taken off the monotonic one. */
  function host(more: { readonly boot?: string; readonly pid?: number; readonly namespace?: string } = {}): Host {
    const real = readHost();
    const identity: ProcessIdentity = { namespace: more.namespace ?? 'ns-1', pid: more.pid ?? 1, started: '7' };
    return {
      boot: more.boot ?? 'boot-1',
      process: identity,
      monotonicMs: () => real.monotonicMs() - wallStepMs,
      isGone: (other) => gone.has(other.pid),
    };
  }

  async function open(by: Host = host()): Promise<SqliteUnderTest> {
    const made = await openTemporarySqlite({ clockOffsetMs: () => wallStepMs + passedMs, host: by });
    opened.push(made);
    await made.store.tokens.insert(newToken('t'));
    return made;
  }

  async function acquireBy(here: SqliteUnderTest, by: Host, attempt: string, ifId = 'at-0'): Promise<TransitionResult> {
    const store = await here.another({ clockOffsetMs: () => wallStepMs + passedMs, host: by } as never);
    return await store.tokens.apply('t', { ...acquireOf(attempt), ifId });
  }

  test.for([
    ['a holder that ended', { pid: 2 }, true],
    ['a holder that lives', { pid: 3 }, false],
    ['a holder that cannot be seen from here', { pid: 2, namespace: 'ns-2' }, false],
    ['a holder of an earlier boot', { pid: 3, boot: 'boot-0' }, true],
  ] as const)('%s', async ([, holder, isOver]) => {
    const here = await open();
    gone.add(2);
    expect((await acquireBy(here, host(holder), 'first')).applied).toBe(true);
    const { now, records } = await here.store.tokens.read(['t']);
    expect(isLeased(records.get('t')!, now)).toBe(!isOver);
    expect((await acquireBy(here, host(), 'second')).applied).toBe(isOver);
  });

  test.for([HOUR_MS, -HOUR_MS])(
    'a living holder keeps its lease for its time when the wall clock steps by %i ms',
    async (step) => {
      const here = await open();
      await acquireBy(here, host({ pid: 3 }), 'first');
      wallStepMs = step;
      expect((await acquireBy(here, host(), 'second')).applied).toBe(false);
      const { now, records } = await here.store.tokens.read(['t']);
      expect(Math.abs((records.get('t')?.lease?.until ?? 0) - now - TTL_MS)).toBeLessThan(5_000);
      passedMs = TTL_MS + 1_000;
      expect((await acquireBy(here, host(), 'third')).applied).toBe(true);
    },
  );

  test("an extended lease is its holder's from then on: to a new deadline, and over when that process is gone", async () => {
    const here = await open();
    const by = host({ pid: 3 });
    await acquireBy(here, by, 'first');
    const store = await here.another({ clockOffsetMs: () => wallStepMs + passedMs, host: by } as never);
    passedMs = TTL_MS - 1_000;
    expect((await store.tokens.apply('t', { kind: 'extend', attempt: 'first', ttlMs: TTL_MS })).applied).toBe(true);
    wallStepMs = HOUR_MS;
    passedMs += TTL_MS - 1_000;
    expect((await acquireBy(here, host(), 'second')).applied).toBe(false);
    gone.add(3);
    expect((await acquireBy(here, host(), 'third')).applied).toBe(true);
  });

  test('a lease without an account of its holder (restored, written by hand) ends by the wall clock', async () => {
    const here = await open();
    await acquireBy(here, host({ pid: 3 }), 'first');
    gone.add(3);
    editDatabase(here.path, (database) => database.exec('UPDATE tokens SET host = NULL'));
    expect((await acquireBy(here, host(), 'second')).applied).toBe(false);
    passedMs = TTL_MS + 1_000;
    expect((await acquireBy(here, host(), 'third')).applied).toBe(true);
  });

  async function withToken(here: SqliteUnderTest): Promise<AccessTokenPart> {
    const now = (await here.store.tokens.read([])).now;
    const times = {
      issued_at: now,
      soft_at: now + 0.8 * HOUR_MS,
      hard_at: now + 0.9 * HOUR_MS,
      expires_at: now + HOUR_MS,
    };
    const at: AccessTokenPart = { id: 'at-1', sealed: SEALED, ...times };
    await here.store.tokens.apply('t', { kind: 'set-by-hand', at });
    return at;
  }

  const readAt = async (here: SqliteUnderTest): Promise<{ readonly now: number; readonly at: AccessTokenPart }> => {
    const { now, records } = await here.store.tokens.read(['t']);
    return { now, at: records.get('t')!.at };
  };

  test('a wall clock that is set back does not revive a dead token', async () => {
    const here = await open();
    const stored = await withToken(here);
    passedMs = HOUR_MS + 1_000;
    wallStepMs = -2 * HOUR_MS;
    const { now, at } = await readAt(here);
    expect(now).toBeLessThan(stored.expires_at ?? 0);
    expect(at.expires_at).toBeLessThan(now);
    expect((at.expires_at ?? 0) - (at.soft_at ?? 0)).toBe((stored.expires_at ?? 0) - (stored.soft_at ?? 0));
  });

  test('a wall clock that is set forward ends a token early, never late; without a step nothing is moved', async () => {
    const here = await open();
    const stored = await withToken(here);
    passedMs = HOUR_MS / 2;
    expect((await readAt(here)).at).toEqual(stored);
    wallStepMs = 2 * HOUR_MS;
    const { now, at } = await readAt(here);
    expect(at).toEqual(stored);
    expect(now).toBeGreaterThan(at.expires_at ?? 0);
  });

  test('another boot knows the wall clock only', async () => {
    const here = await open();
    const stored = await withToken(here);
    wallStepMs = -2 * HOUR_MS;
    const store = await here.another({ clockOffsetMs: () => wallStepMs, host: host({ boot: 'boot-2' }) } as never);
    expect((await store.tokens.read(['t'])).records.get('t')?.at).toEqual(stored);
  });

  test('a write that leaves the token alone stores it unmoved, whatever the clock says meanwhile', async () => {
    const here = await open();
    const stored = await withToken(here);
    wallStepMs = -2 * HOUR_MS;
    const acquired = await acquireBy(here, host({ pid: 3 }), 'first', 'at-1');
    expect(acquired.applied).toBe(true);
    expect(acquired.record?.at.expires_at).toBeLessThan(stored.expires_at ?? 0);
    wallStepMs = 0;
    expect((await readAt(here)).at).toEqual(stored);
  });

  test('a token that is sealed anew keeps its instants and its deadline, whatever the clock says meanwhile', async () => {
    const here = await open();
    const stored = await withToken(here);
    wallStepMs = -2 * HOUR_MS;
    const sealed = { ct: 'bmV3', iv: 'aXY=', kid: 'k2' };
    const resealed = await here.store.tokens.apply('t', { kind: 'reseal', at: { ifCt: SEALED.ct, sealed } });
    expect(resealed.record?.at.expires_at).toBeLessThan(stored.expires_at ?? 0);
    const { at } = await readAt(here);
    expect(at.sealed).toEqual(sealed);
    // How far the wall was set back is worked out at each read, by two clocks that count whole milliseconds.
    expect(Math.abs((at.expires_at ?? 0) - (resealed.record?.at.expires_at ?? 0))).toBeLessThanOrEqual(2);
    wallStepMs = 0;
    expect((await readAt(here)).at).toEqual({ ...stored, sealed });
  });

  test('an expiry edited by hand is what counts, its deadline of before is not', async () => {
    const here = await open();
    await withToken(here);
    const { now } = await here.store.tokens.read([]);
    const at = Math.trunc(now / 1000) * 1000 + 5 * HOUR_MS;
    await here.editToken('t', { kind: 'set-expires-at', at });
    passedMs = 2 * HOUR_MS;
    expect((await readAt(here)).at.expires_at).toBe(at);
  });
});

describe('SQLite: the real machine', () => {
  test('this process lives, one that never was is gone, one of the same id but another start is gone', () => {
    const host = readHost();
    expect(host.isGone(host.process)).toBe(false);
    expect(host.isGone({ namespace: host.process.namespace, pid: 2 ** 22 + 1 })).toBe(true);
    const parent = { namespace: host.process.namespace, pid: process.ppid };
    expect(host.isGone(parent)).toBe(false);
    if (process.platform === 'linux') expect(host.isGone({ ...parent, started: '1' })).toBe(true);
  });

  test('its monotonic clock does not run backwards', () => {
    const host = readHost();
    const first = host.monotonicMs();
    expect(host.monotonicMs()).toBeGreaterThanOrEqual(first);
  });
});

function newToken(id: string) {
  return { id, integration_id: 'i', scheme: 'main', rev: 1, cfg_ver: 1, atId: 'at-0' };
}

function acquireOf(attempt: string): Acquire {
  const guards = { ifId: 'at-0', ifRev: 1, cfgFp: 'cfg', pastFailure: false, presents: true, offersRefused: false };
  return { kind: 'acquire', ...guards, holder: 'worker', attempt, reason: 'empty', ttlMs: TTL_MS };
}
