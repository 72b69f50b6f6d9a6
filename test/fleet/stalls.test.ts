/** Holders that stop, freeze or die on their way, and whoever goes on meanwhile. */
import { describe, expect, test } from 'vitest';
import { HOUR, INTEGRATION, type DeploymentOptions } from './support/deployment.ts';
import { eventually } from './support/eventually.ts';
import { fleetUnderTest } from './support/fleet-under-test.ts';
import { STORES } from './support/stores.ts';
import type { GetReport } from './support/worker-commands.ts';
import type { Worker } from './support/worker-process.ts';

const one = { integration: INTEGRATION, count: 1 };
/** The lease of an attempt is over: one that has other credentials than the refresh token, and one that has none. */
const [LEASE_OVER, SOLE_LEASE_OVER] = [31_000, 121_000];
/** Time passes in steps that are longer than a store may take to answer. */
const UNHURRIED = { storeReadTimeoutMs: HOUR };
/** Long enough to look at a lease more than once, short enough to wait for. */
const IMPATIENT = { tokenWaitMs: 700 };

const fleet = fleetUnderTest();

/** The workers, of which one has held the token that has now ended. */
async function startWithEndedToken(options: DeploymentOptions): Promise<readonly [Worker, Worker, Worker]> {
  const workers = (await fleet.start(3, { ...options, workers: UNHURRIED })) as [Worker, Worker, Worker];
  const { provider, age } = fleet.deployment;
  if (options.refreshTokenOnly !== true) await workers[0].tell('get', one);
  age(HOUR + 1);
  provider.resetCounters();
  return workers;
}

/** Asks for a token whose refresh the provider answers, and holds the answer. */
async function answerHeld(worker: Worker): Promise<{ readonly got: Promise<GetReport> }> {
  const { provider } = fleet.deployment;
  provider.script({ name: 'hold', grant: 'refresh_token' });
  const got = worker.tell('get', one);
  got.catch(() => undefined);
  await eventually('a held answer', () => provider.held() === 1);
  return { got };
}

/** Asks for a token; the answer is here and the attempt goes no further. */
async function pausedBeforeSave(worker: Worker): Promise<{ readonly got: Promise<GetReport> }> {
  await worker.tell('arm', { point: 'save:before', action: { do: 'pause' } });
  const got = worker.tell('get', one);
  await worker.reached('save:before');
  return { got };
}

/** What came of it all is good: everybody has the same token, and the next refresh works. */
async function expectGoodEnd(workers: readonly Worker[]): Promise<void> {
  const { provider, age, passUntil } = fleet.deployment;
  expect(provider.counters()).toMatchObject({ replays: 0, familiesRevoked: 0 });
  const reports = await Promise.all(workers.map(async (worker) => await passUntil(worker.tell('get', one))));
  expect(reports.map(({ ok }) => ok)).toEqual(workers.map(() => 1));
  expect(new Set(reports.flatMap(({ headers }) => headers)).size).toBe(1);
  const { byGrant } = provider.counters();
  age(HOUR + 1);
  expect(await workers[0]!.tell('get', one)).toMatchObject({ ok: 1 });
  expect(provider.counters()).toMatchObject({
    byGrant: { ...byGrant, refresh_token: byGrant.refresh_token + 1 },
    familiesRevoked: 0,
  });
}

const grants = (): Readonly<Record<string, number>> => fleet.deployment.provider.counters().byGrant;

describe.each(STORES)('on $name', ({ skip, fresh }) => {
  const version = async (): Promise<number> =>
    (await fleet.deployment.editor.tokens.show({ integration: INTEGRATION })).version;

  test.skipIf(skip)(
    'test 6: stopped at its first byte until its lease is over: it sends nothing, whoever took over sends one request',
    async () => {
      const [holder, taker] = await startWithEndedToken(fresh());
      await holder.tell('arm', { point: 'send:first-byte', action: { do: 'stop' } });
      const got = holder.tell('get', one);
      await holder.stopped();
      fleet.deployment.pass(LEASE_OVER);
      const taken = await taker.tell('get', one);
      await holder.kill('SIGCONT');
      expect(await got).toMatchObject({ ok: 1, headers: taken.headers });
      expect(fleet.deployment.provider.counters().tokenRequests).toBe(1);
      await expectGoodEnd([holder, taker]);
    },
  );

  test.skipIf(skip)(
    'test 7: stopped with the answer in its socket, refresh token alone: the later successor stays',
    async () => {
      const graceMs = 2 * HOUR;
      const options = { ...fresh(), refreshTokenOnly: true, behaviour: { graceMs } };
      const [holder, taker] = await startWithEndedToken(options);
      const { got } = await answerHeld(holder);
      await holder.kill('SIGSTOP');
      fleet.deployment.provider.release();
      fleet.deployment.pass(SOLE_LEASE_OVER);
      const taken = await fleet.deployment.passUntil(taker.tell('get', one));
      await holder.kill('SIGCONT');
      expect(await got).toMatchObject({ ok: 1, headers: taken.headers });
      expect(grants()).toMatchObject({ refresh_token: 2 });
      await expectGoodEnd([holder, taker]);
    },
  );

  test.skipIf(skip)(
    'test 7: it wakes while the taker still waits for it: its save lands, nothing is presented twice',
    async () => {
      const [holder, taker] = await startWithEndedToken({ ...fresh(), refreshTokenOnly: true });
      const { got } = await answerHeld(holder);
      await holder.kill('SIGSTOP');
      fleet.deployment.provider.release();
      fleet.deployment.pass(SOLE_LEASE_OVER);
      await taker.tell('arm', { point: 'watch:before', action: { do: 'pause' } });
      const taken = taker.tell('get', one);
      await taker.reached('watch:before');
      await taker.tell('release', {});
      await holder.kill('SIGCONT');
      expect(await taken).toMatchObject({ ok: 1, headers: (await got).headers });
      expect(grants()).toMatchObject({ refresh_token: 1 });
      await expectGoodEnd([holder, taker]);
    },
  );

  test.skipIf(skip)(
    'test 8: the same with a password and a strict provider: a primary grant, the refresh token is not presented again',
    async () => {
      const [holder, taker] = await startWithEndedToken(fresh());
      const { got } = await answerHeld(holder);
      await holder.kill('SIGSTOP');
      fleet.deployment.provider.release();
      fleet.deployment.pass(LEASE_OVER);
      expect(await taker.tell('get', one)).toMatchObject({ ok: 1 });
      expect(grants()).toMatchObject({ refresh_token: 1, password: 1 });
      await holder.kill('SIGCONT');
      expect(await got).toMatchObject({ ok: 1 });
      await expectGoodEnd([holder, taker]);
    },
  );

  test.skipIf(skip)(
    'test 9: killed with the answer, before its save: one primary grant, the task succeeds',
    async () => {
      const [holder, taker] = await startWithEndedToken(fresh());
      await holder.tell('arm', { point: 'send:after', action: { do: 'kill' } });
      holder.tell('get', one).catch(() => undefined);
      await holder.ended();
      fleet.deployment.age(LEASE_OVER);
      const ran = await taker.tell('run', { integration: INTEGRATION, count: 1, concurrency: 1 });
      expect(ran).toMatchObject({ outcomes: { 200: 1 } });
      expect(grants()).toMatchObject({ refresh_token: 1, password: 1 });
      await expectGoodEnd([taker]);
    },
  );

  test.skipIf(skip)('test 11: told to close in the midst of a request: it saves before it ends', async () => {
    const [holder, other] = await startWithEndedToken(fresh());
    await answerHeld(holder);
    const closed = holder.tell('close', {});
    fleet.deployment.provider.release();
    await closed;
    expect(await other.tell('get', one)).toMatchObject({ ok: 1 });
    expect(grants()).toMatchObject({ refresh_token: 1, password: 0 });
    await expectGoodEnd([other]);
  });

  test.skipIf(skip)(
    'test 50: the event loop of the holder stands still past its lease: one more request, no replay',
    async () => {
      const [holder, taker] = await startWithEndedToken(fresh());
      const { got } = await answerHeld(holder);
      await holder.tell('block', { ms: 40_000 });
      fleet.deployment.provider.release();
      fleet.deployment.pass(LEASE_OVER);
      expect(await taker.tell('get', one)).toMatchObject({ ok: 1 });
      fleet.deployment.pass(40_000 - LEASE_OVER);
      expect(await got).toMatchObject({ ok: 1 });
      expect(fleet.deployment.provider.counters().tokenRequests).toBe(2);
      await expectGoodEnd([holder, taker]);
    },
  );

  test.skipIf(skip)(
    'test 55: frozen with the successor while primary grants fail: the doubt stays, its save lands at last',
    async () => {
      const [holder, taker, third] = await startWithEndedToken(fresh());
      const { provider, age } = fleet.deployment;
      const { got } = await pausedBeforeSave(holder);
      age(LEASE_OVER);
      provider.script({ name: 'status', status: 503, grant: 'password', times: 2 });
      for (const worker of [taker, third]) {
        expect(await worker.tell('get', one)).toMatchObject({ outcomes: { token_unavailable: 1 } });
        age(5_000);
      }
      expect(grants()).toMatchObject({ refresh_token: 1, password: 2 });
      await holder.tell('release', {});
      expect(await got).toMatchObject({ ok: 1 });
      expect(await version()).toBe(2);
      await expectGoodEnd([holder, taker, third]);
    },
  );

  test.skipIf(skip)(
    'test 68: a refresh that times out and a slow primary grant: the lease lasts for both, one request in flight',
    async () => {
      await startWithEndedToken(fresh());
      const { provider, pass } = fleet.deployment;
      const holder = await fleet.reopen(0, { ...UNHURRIED, tokenTimeoutMs: 1_000 });
      const impatient = await fleet.reopen(1, { ...UNHURRIED, ...IMPATIENT });
      provider.script({ name: 'never', grant: 'refresh_token' }, { name: 'hold', grant: 'password' });
      await holder.tell('arm', { point: 'send:after', action: { do: 'pause' } });
      const got = holder.tell('get', one);
      await holder.reached('send:after');
      pass(14_000);
      await holder.tell('release', {});
      await eventually('a held primary grant', () => provider.held() === 1);
      pass(20_000);
      expect(await impatient.tell('get', one)).toMatchObject({ outcomes: { token_unavailable: 1 } });
      provider.release();
      expect(await got).toMatchObject({ ok: 1 });
      expect(provider.counters()).toMatchObject({ tokenRequests: 2, maxInFlight: 1 });
      await expectGoodEnd([holder, impatient]);
    },
  );

  test.skipIf(skip)(
    'test 73: acquired on what was read before another did and froze: the doubt is the other one’s, no refresh',
    async () => {
      const [holder, taker] = await startWithEndedToken(fresh());
      await taker.tell('arm', { point: 'acquire:before', action: { do: 'pause' } });
      const taken = taker.tell('get', one);
      await taker.reached('acquire:before');
      const { got } = await pausedBeforeSave(holder);
      fleet.deployment.age(LEASE_OVER);
      await taker.tell('release', {});
      expect(await taken).toMatchObject({ ok: 1 });
      expect(grants()).toMatchObject({ refresh_token: 1, password: 1 });
      await holder.tell('release', {});
      expect(await got).toMatchObject({ ok: 1 });
      await expectGoodEnd([holder, taker]);
    },
  );

  test.skipIf(skip)('test 77: the sleeper saves after the taker has waited: the taker presents nothing', async () => {
    const [holder, taker] = await startWithEndedToken({ ...fresh(), refreshTokenOnly: true });
    const { got } = await pausedBeforeSave(holder);
    fleet.deployment.age(SOLE_LEASE_OVER);
    await taker.tell('arm', { point: 'extend:before', action: { do: 'pause' } });
    const taken = taker.tell('get', one);
    await fleet.deployment.passUntil(taker.reached('extend:before'));
    await holder.tell('release', {});
    const { headers } = await got;
    await taker.tell('release', {});
    expect(await taken).toMatchObject({ ok: 1, headers });
    expect(grants()).toMatchObject({ refresh_token: 1 });
    await expectGoodEnd([holder, taker]);
  });
});
