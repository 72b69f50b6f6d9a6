/** However many processes want a token at one moment: one token request. */
import { describe, expect, test } from 'vitest';
import { INTEGRATION, HOUR } from './support/deployment.ts';
import { FLEET } from './support/fleet-size.ts';
import { fleetUnderTest } from './support/fleet-under-test.ts';
import { STORES } from './support/stores.ts';
import { failures, tellAll } from './support/worker-process.ts';

/** Of one token request, milliseconds. */
const TOKEN_DELAY = 300;
/** The longest pause between two looks of whoever waits for another process, with its jitter. */
const LONGEST_POLL = 1.25 * 500;
const fleet = fleetUnderTest();

describe.each(STORES)('on $name', ({ skip, fresh }) => {
  const getEach = { integration: INTEGRATION, count: 200 };

  test.skipIf(skip)('test 1: one process, 10,000 concurrent gets, no token: one token request', async () => {
    const [worker] = await fleet.start(1, fresh());
    const got = await worker!.tell('get', { integration: INTEGRATION, count: 10_000 });
    expect(got).toMatchObject({ ok: 10_000, headers: [expect.stringMatching(/^Bearer ./)] });
    expect(fleet.deployment.provider.counters().tokenRequests).toBe(1);
  });

  test.skipIf(skip)('test 2: many processes, 200 gets each, no token: one token request', async () => {
    const workers = await fleet.start(FLEET.processes, fresh());
    const reports = await tellAll(workers, 'get', getEach);
    expect(failures(reports)).toEqual({});
    expect(new Set(reports.flatMap(({ headers }) => headers)).size).toBe(1);
    expect(fleet.deployment.provider.counters().tokenRequests).toBe(1);
  });

  test.skipIf(skip)('test 3: the same at the end of a token: one token request, nobody waits long', async () => {
    const workers = await fleet.start(FLEET.processes, { ...fresh(), behaviour: { tokenDelayMs: TOKEN_DELAY } });
    await tellAll(workers, 'get', getEach);
    fleet.deployment.age(HOUR + 1);
    const reports = await tellAll(workers, 'get', getEach);
    expect(failures(reports)).toEqual({});
    expect(fleet.deployment.provider.counters()).toMatchObject({
      byGrant: { password: 1, refresh_token: 1 },
      maxInFlight: 1,
    });
    // Beside its own waiting each process has 200 calls to make, on cores that all share.
    const ownMs = 100 + 50 * FLEET.processes;
    const slowest = Math.max(...reports.map(({ latency }) => latency.p99));
    expect(slowest).toBeLessThan(TOKEN_DELAY + 2 * LONGEST_POLL + ownMs);
  });

  test.skipIf(skip)('test 4: through the soft window under load: one token request, nobody waits for it', async () => {
    const workers = await fleet.start(FLEET.processes, fresh());
    await tellAll(workers, 'get', getEach);
    fleet.deployment.provider.script({ name: 'hold', grant: 'refresh_token' });
    const load = tellAll(workers, 'run', { integration: INTEGRATION, count: 50, concurrency: 10 });
    fleet.deployment.age(0.95 * HOUR);
    // The load comes to its end while the answer is held: whoever waited for it would never.
    expect(failures(await load)).toEqual({});
    await expect.poll(() => fleet.deployment.provider.held()).toBe(1);
    fleet.deployment.provider.release();
    await expect
      .poll(async () => (await fleet.deployment.editor.tokens.show({ integration: INTEGRATION })).version, {
        timeout: 5_000,
      })
      .toBe(2);
    expect(failures(await tellAll(workers, 'run', { integration: INTEGRATION, count: 50, concurrency: 10 }))).toEqual(
      {},
    );
    const { tokenRequests, api } = fleet.deployment.provider.counters();
    expect({ tokenRequests, unauthorized: api.unauthorized }).toEqual({ tokenRequests: 2, unauthorized: 0 });
  });

  test.skipIf(skip)(
    'test 5: rotation that revokes families, one expiry after another: one token request each, no family revoked',
    async () => {
      const workers = await fleet.start(FLEET.processesThroughExpiries, fresh());
      for (let expiry = 0; expiry <= FLEET.expiries; expiry += 1) {
        const reports = await tellAll(workers, 'get', { integration: INTEGRATION, count: 5 });
        expect(failures(reports)).toEqual({});
        expect(new Set(reports.flatMap(({ headers }) => headers)).size).toBe(1);
        fleet.deployment.age(HOUR + 1);
      }
      const { byGrant, replays, familiesRevoked, maxInFlight } = fleet.deployment.provider.counters();
      expect({ byGrant, replays, familiesRevoked, maxInFlight }).toEqual({
        byGrant: { password: 1, refresh_token: FLEET.expiries, client_credentials: 0, login: 0 },
        replays: 0,
        familiesRevoked: 0,
        maxInFlight: 1,
      });
    },
  );

  test.skipIf(skip)(
    'test 31: a provider that lets only the newest token live: at most one repeat a worker and rotation',
    async () => {
      const workers = await fleet.start(FLEET.processesThroughExpiries, {
        ...fresh(),
        behaviour: { singleActive: true },
      });
      await tellAll(workers, 'get', getEach);
      for (let rotation = 1; rotation <= FLEET.rotations; rotation += 1) {
        const before = fleet.deployment.provider.counters();
        const load = tellAll(workers, 'run', { integration: INTEGRATION, concurrency: 1, paceMs: 5 });
        fleet.deployment.age(0.99 * HOUR);
        await expect
          .poll(() => fleet.deployment.provider.counters().tokenRequests, { timeout: 10_000 })
          .toBe(rotation + 1);
        const answered = fleet.deployment.provider.counters().api.ok;
        await expect
          .poll(() => fleet.deployment.provider.counters().api.ok, { timeout: 10_000 })
          .toBeGreaterThan(answered + 20 * workers.length);
        await tellAll(workers, 'halt', {});
        expect(failures(await load)).toEqual({});
        const { api, tokenRequests } = fleet.deployment.provider.counters();
        expect(api.unauthorized - before.api.unauthorized).toBeLessThanOrEqual(workers.length);
        expect(tokenRequests).toBe(rotation + 1);
      }
    },
  );
});
