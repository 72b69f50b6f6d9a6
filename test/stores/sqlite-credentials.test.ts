/** What only SQLite's credential records have: the holder of a lease is a process of this machine. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Host, readHost } from '../../adapters/stores/sqlite/host.ts';
import type { CredentialTransition } from '../../src/token/credential-record.ts';
import { editDatabase, openTemporarySqlite, type SqliteUnderTest } from './support/sqlite-under-test.ts';

const TTL_MS = 30_000;
const HOUR_MS = 3_600_000;

describe('SQLite: credentials on one machine', () => {
  let here: SqliteUnderTest;
  const gone = new Set<number>();
  let wallStepMs = 0;
  beforeEach(async () => {
    here = await openTemporarySqlite({ clockOffsetMs: () => wallStepMs, host: host({ pid: 1 }) });
  });
  afterEach(async () => {
    await here.dispose();
    gone.clear();
    wallStepMs = 0;
  });

  /** The store adds its offset to both clocks, so a step of the wall clock alone is taken off the monotonic one. */
  function host(of: { readonly pid: number; readonly boot?: string; readonly namespace?: string }): Host {
    const real = readHost();
    return {
      boot: of.boot ?? 'boot-1',
      process: { namespace: of.namespace ?? 'ns-1', pid: of.pid, started: '7' },
      monotonicMs: () => real.monotonicMs() - wallStepMs,
      isGone: (other) => gone.has(other.pid),
    };
  }

  async function admitBy(by: Host, attempt: string): Promise<boolean> {
    const store = await here.another({ clockOffsetMs: () => wallStepMs, host: by } as never);
    return (await store.credentials.apply('cred:1', admit(attempt))).applied;
  }

  test.for([
    ['a holder that ended', { pid: 2 }, true],
    ['a holder that lives', { pid: 3 }, false],
    ['a holder that cannot be seen from here', { pid: 2, namespace: 'ns-2' }, false],
    ['a holder of an earlier boot', { pid: 3, boot: 'boot-0' }, true],
  ] as const)('%s', async ([, holder, isOver]) => {
    gone.add(2);
    expect(await admitBy(host(holder), 'first')).toBe(true);
    expect(await admitBy(host({ pid: 1 }), 'second')).toBe(isOver);
  });

  test.for([HOUR_MS, -HOUR_MS])('a wall clock that steps by %i ms robs no living holder', async (step) => {
    expect(await admitBy(host({ pid: 3 }), 'first')).toBe(true);
    wallStepMs = step;
    expect(await admitBy(host({ pid: 1 }), 'second')).toBe(false);
  });

  test('the try of a holder that is gone stays counted, and closes a credential that never worked', async () => {
    for (const pid of [2, 3]) {
      expect(await admitBy(host({ pid }), `a-${pid}`)).toBe(true);
      gone.add(pid);
    }
    expect(await admitBy(host({ pid: 1 }), 'third')).toBe(false);
  });

  test('instants stand in the file as people read them, and a refusal removed by hand is gone', async () => {
    await here.store.credentials.apply('cred:1', admit('a-1'));
    const refusal = { code: 'invalid_grant', message: 'no' };
    await here.store.credentials.apply('cred:1', {
      kind: 'settle',
      attempt: 'a-1',
      outcome: { kind: 'refused', refusal },
    });
    expect((await here.store.credentials.apply('cred:1', admit('a-2'))).applied).toBe(false);
    const refusedAt = editDatabase(here.path, (database) =>
      database.prepare(`SELECT record ->> '$.refused.at' AS at FROM credentials`).get(),
    );
    expect(refusedAt).toEqual({ at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) });
    editDatabase(here.path, (database) =>
      database.exec(`UPDATE credentials SET record = json_remove(record, '$.refused')`),
    );
    expect((await here.store.credentials.apply('cred:1', admit('a-2'))).applied).toBe(true);
  });
});

function admit(attempt: string): CredentialTransition {
  return { kind: 'admit', attempt, ttlMs: TTL_MS, person: false };
}
