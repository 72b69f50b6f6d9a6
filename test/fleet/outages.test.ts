/** The store away at the worst moments: what was obtained is kept, what lives is used, nothing is asked for without a lease. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { MongoClient } from 'mongodb';
import { startStandalone, type MongodbServer } from '../support/mongodb-server.ts';
import { hasMongodb, withDatabase } from '../support/mongodb.ts';
import { HOUR, INTEGRATION, type DeploymentOptions } from './support/deployment.ts';
import { eventually } from './support/eventually.ts';
import { fleetUnderTest } from './support/fleet-under-test.ts';
import { startTcpProxy, type TcpProxy } from './support/tcp-proxy.ts';
import type { GetReport } from './support/worker-commands.ts';
import type { Worker } from './support/worker-process.ts';

const one = { integration: INTEGRATION, count: 1 };
const tasks = { integration: INTEGRATION, count: 50, concurrency: 5 };
const SECOND = 1_000;
/** Time passes in steps that are longer than a store may take to answer. */
const UNHURRIED = { storeReadTimeoutMs: HOUR };
/** Long enough to look at a lease more than once, short enough to wait for. */
const IMPATIENT = { tokenWaitMs: 700 };

const fleet = fleetUnderTest();

describe.skipIf(!hasMongodb)('MongoDB', () => {
  let server: MongodbServer;
  /** Between the workers and the server. */
  let proxy: TcpProxy;
  let database = 0;

  beforeAll(async () => {
    server = await startStandalone();
  });
  beforeEach(async () => {
    database += 1;
    proxy = await startTcpProxy(new URL(server.uri).host);
  });
  afterEach(async () => {
    await proxy.close();
  });
  afterAll(async () => {
    await server.stop();
  });

  const direct = (): string => withDatabase(server.uri, `outages_${database}`);
  const proxied = (): string =>
    withDatabase(`mongodb://${proxy.host}/?serverSelectionTimeoutMS=300`, `outages_${database}`);

  async function start(options: DeploymentOptions = {}): Promise<readonly [Worker, Worker]> {
    const workers = { ...UNHURRIED, store: proxied() };
    const started = (await fleet.start(2, { ...options, store: direct(), workers })) as [Worker, Worker];
    if (options.refreshTokenOnly !== true) await started[0].tell('get', one);
    return started;
  }

  /** The token has ended, its refresh is answered, and the answer held back. */
  async function answerHeld(worker: Worker): Promise<{ readonly got: Promise<GetReport> }> {
    const { provider, age } = fleet.deployment;
    age(HOUR + 1);
    provider.resetCounters();
    provider.script({ name: 'hold', grant: 'refresh_token' });
    const got = worker.tell('get', one);
    await eventually('a held answer', () => provider.held() === 1);
    return { got };
  }

  /** One refresh was made, and its refresh token is the one that the next refresh presents. */
  async function expectUnbrokenChain(worker: Worker): Promise<void> {
    const { provider, age } = fleet.deployment;
    expect(provider.counters()).toMatchObject({ tokenRequests: 1, byGrant: { refresh_token: 1 } });
    age(HOUR + 1);
    expect(await worker.tell('get', one)).toMatchObject({ ok: 1 });
    expect(provider.counters()).toMatchObject({ tokenRequests: 2, byGrant: { refresh_token: 2 }, replays: 0 });
  }

  test.each([
    ['with a password', false, 10 * SECOND],
    ['with a refresh token alone', true, 60 * SECOND],
  ])(
    'test 12: away right after a rotating answer, %s: used here, kept for the store, the lease is not taken meanwhile',
    async (_credentials, refreshTokenOnly, awayMs) => {
      const [holder] = await start({ refreshTokenOnly });
      const other = await fleet.reopen(1, { ...IMPATIENT, store: direct() });
      const { got } = await answerHeld(holder);
      proxy.refuse();
      fleet.deployment.provider.release();
      const { ok, headers } = await got;
      expect(ok).toBe(1);
      fleet.deployment.pass(awayMs);
      expect(await holder.tell('get', one)).toMatchObject({ headers });
      expect(await other.tell('get', one)).toMatchObject({ outcomes: { token_unavailable: 1 } });
      proxy.pass();
      const patient = await fleet.reopen(1, { store: direct() });
      expect(await patient.tell('get', one)).toMatchObject({ ok: 1, headers });
      await expectUnbrokenChain(patient);
    },
  );

  test('test 13: away before a renewal: what lives is used to its end, the refresh token is not spent', async () => {
    const [worker] = await start();
    const { provider, pass, passUntil } = fleet.deployment;
    await worker.tell('run', tasks);
    proxy.refuse();
    pass(0.95 * HOUR);
    expect(await worker.tell('run', tasks)).toMatchObject({ outcomes: { 200: tasks.count } });
    pass(0.06 * HOUR);
    const outcomes = { store_unavailable: tasks.count };
    expect(await worker.tell('run', tasks)).toMatchObject({ outcomes });
    expect(provider.counters()).toMatchObject({ tokenRequests: 1, api: { unauthorized: 0 } });
    proxy.pass();
    await passUntil(eventually('a token', async () => (await worker.tell('get', one)).ok === 1));
    expect(provider.counters().byGrant).toMatchObject({ password: 1, refresh_token: 1 });
  });

  test('test 56: away for longer than a lease, refresh token alone: the taker gives the holder its time', async () => {
    const [holder, taker] = await start({ refreshTokenOnly: true });
    const { provider, pass, passUntil } = fleet.deployment;
    const { got } = await answerHeld(holder);
    proxy.refuse();
    provider.release();
    const { headers } = await got;
    pass(130 * SECOND);
    proxy.pass();
    await passUntil(eventually('a token', async () => (await taker.tell('get', one)).ok === 1));
    expect(await taker.tell('get', one)).toMatchObject({ headers });
    await expectUnbrokenChain(taker);
  });

  test('test 11: told to close while the store is away: spooled, and sent by the next process of the machine', async () => {
    const [holder] = await start();
    const { got } = await answerHeld(holder);
    proxy.refuse();
    const closed = holder.tell('close', {});
    fleet.deployment.provider.release();
    await got;
    await closed;
    proxy.pass();
    const next = await fleet.reopen(0, UNHURRIED);
    await eventually('the spooled token', async () => {
      const { version } = await fleet.deployment.editor.tokens.show({ integration: INTEGRATION });
      return version === 2;
    });
    fleet.deployment.age(31 * SECOND);
    expect(await next.tell('get', one)).toMatchObject({ ok: 1 });
    await expectUnbrokenChain(next);
  });

  test('test 70: frozen under load: nobody waits longer than a read may take and a call, and it mends by itself', async () => {
    const [worker] = await fleet.start(1, { store: direct() });
    const { editor } = fleet.deployment;
    const steady = { integration: INTEGRATION, count: 200, concurrency: 10 };
    await worker!.tell('run', steady);
    const pid = await processIdOf(server.uri);
    const load = worker!.tell('run', { ...steady, count: 1_000 });
    process.kill(pid, 'SIGSTOP');
    let afterwards;
    try {
      const report = await load;
      afterwards = await worker!.tell('run', steady);
      expect(report.outcomes).toEqual({ 200: 1_000 });
      expect(report.latency.max).toBeLessThan(500 + 1_500);
      expect(afterwards.outcomes).toEqual({ 200: steady.count });
      // Nobody waits for a store that is known to be away.
      expect(afterwards.latency.max).toBeLessThan(500);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await editor.tokens.set({ integration: INTEGRATION }, { access_token: 'given-by-hand' });
    await eventually('the edit in force', async () => {
      const { headers } = await worker!.tell('get', one);
      return headers[0] === 'Bearer given-by-hand';
    });
  });
});

async function processIdOf(uri: string): Promise<number> {
  await using client = await MongoClient.connect(uri);
  return Number((await client.db('admin').command({ serverStatus: 1 }))['pid']);
}
