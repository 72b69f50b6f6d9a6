/** Clocks that are wrong, step, or stand still: nobody is robbed of a lease, nobody waits for the dead, no dead token is used. */
import { describe, expect, test } from 'vitest';
import { freshMongodbUri, hasMongodb } from '../support/mongodb.ts';
import { HOUR, INTEGRATION, type DeploymentOptions } from './support/deployment.ts';
import { eventually } from './support/eventually.ts';
import { FLEET } from './support/fleet-size.ts';
import { fleetUnderTest } from './support/fleet-under-test.ts';
import type { GetReport } from './support/worker-commands.ts';
import { failures, tellAll, type Worker } from './support/worker-process.ts';

const MINUTE = 60_000;
/** Long enough to look at a lease more than once, short enough to wait for. */
const IMPATIENT = { tokenWaitMs: 700 };

const fleet = fleetUnderTest();
const one = { integration: INTEGRATION, count: 1 };
const tasks = { integration: INTEGRATION, count: 10, concurrency: 2 };

const setWallClocks = async (workers: readonly Worker[], offsetMs: number): Promise<void> => {
  await tellAll(workers, 'wall-clock', { offsetMs });
};

/** The worker holds the lease, and the answer to its token request is held by the provider. */
async function requestInFlight(holder: Worker): Promise<{ readonly got: Promise<GetReport> }> {
  const { provider } = fleet.deployment;
  provider.script({ name: 'hold' });
  const got = holder.tell('get', one);
  got.catch(() => undefined);
  await eventually('a held answer', () => provider.held() === 1);
  return { got };
}

describe('workers of one MongoDB, each with a wall clock of its own', () => {
  test.skipIf(!hasMongodb)(
    'test 18: ten minutes wrong either way, one stepping back an hour: leases and expiries are kept, one request each',
    async () => {
      const workers = await fleet.start(FLEET.processesThroughExpiries, { store: freshMongodbUri() });
      const impatient = await fleet.reopen(0, IMPATIENT);
      const others = workers.filter((worker) => worker !== impatient);
      const [holder] = others as [Worker, ...Worker[]];
      await setWallClocks(workers, -10 * MINUTE);
      await setWallClocks([impatient, ...others.filter((_, index) => index % 2 === 0)], 10 * MINUTE);
      for (let expiry = 0; expiry <= FLEET.rotations; expiry += 1) {
        const { got } = await requestInFlight(holder);
        const waiting = tellAll(others, 'run', tasks);
        await setWallClocks([holder], -HOUR);
        expect(await impatient.tell('get', one)).toMatchObject({ outcomes: { token_unavailable: 1 } });
        fleet.deployment.provider.release();
        expect(failures([await got, ...(await waiting), await impatient.tell('run', tasks)])).toEqual({});
        fleet.deployment.age(HOUR + 1);
      }
      const { tokenRequests, maxInFlight, replays, api } = fleet.deployment.provider.counters();
      expect({ tokenRequests, maxInFlight, replays, unauthorized: api.unauthorized }).toEqual({
        tokenRequests: FLEET.rotations + 1,
        maxInFlight: 1,
        replays: 0,
        unauthorized: 0,
      });
    },
  );
});

describe('processes on one machine with SQLite, whose wall clock steps', () => {
  const start = async (options: DeploymentOptions = {}): Promise<readonly [Worker, Worker, Worker]> =>
    (await fleet.start(3, options)) as [Worker, Worker, Worker];
  const unauthorized = (): number => fleet.deployment.provider.counters().api.unauthorized;

  describe.each([
    ['forward', HOUR],
    ['back', -HOUR],
  ])('an hour %s', (_way, offsetMs) => {
    test('test 69: a holder that lives is not robbed', async () => {
      const workers = await start({ behaviour: { lifetimeMs: 24 * HOUR } });
      const [holder, other] = workers;
      const impatient = await fleet.reopen(2, IMPATIENT);
      const { got } = await requestInFlight(holder);
      await setWallClocks(workers, offsetMs);
      expect(await impatient.tell('get', one)).toMatchObject({ outcomes: { token_unavailable: 1 } });
      fleet.deployment.provider.release();
      expect(await other.tell('get', one)).toMatchObject({ ok: 1, headers: (await got).headers });
      expect(fleet.deployment.provider.counters().tokenRequests).toBe(1);
    });

    test('test 69: nobody waits for a holder that died', async () => {
      const workers = await start();
      const [holder, other] = workers;
      await requestInFlight(holder);
      await holder.kill('SIGKILL');
      await setWallClocks([other], offsetMs);
      const { ok, latency } = await other.tell('get', one);
      expect(ok).toBe(1);
      expect(latency.max).toBeLessThan(5_000);
      expect(fleet.deployment.provider.counters().tokenRequests).toBe(2);
    });

    test('test 69: a token that has ended meanwhile is not used', async () => {
      const workers = await start();
      await workers[0].tell('get', one);
      await setWallClocks(workers, 2 * offsetMs);
      fleet.deployment.age(HOUR + 1);
      expect(failures(await tellAll(workers, 'run', tasks))).toEqual({});
      expect(unauthorized()).toBe(0);
      expect(fleet.deployment.provider.counters().tokenRequests).toBe(2);
    });
  });

  test('test 69: a machine that slept for ten minutes uses no token that ended meanwhile', async () => {
    const workers = await start({ behaviour: { lifetimeMs: 5 * MINUTE } });
    await workers[0].tell('get', one);
    // Monotonic clocks stand still in a suspended machine, wall clocks don't.
    await setWallClocks(workers, 10 * MINUTE);
    fleet.deployment.provider.advance(10 * MINUTE);
    expect(failures(await tellAll(workers, 'run', tasks))).toEqual({});
    expect(unauthorized()).toBe(0);
    expect(fleet.deployment.provider.counters().tokenRequests).toBe(2);
  });
});
