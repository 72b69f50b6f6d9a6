/** MongoDB that fails between the acquire and the end of the save: what is known of a write decides, not what was hoped. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startReplicaSet, startStandalone, type MongodbServer } from '../support/mongodb-server.ts';
import { hasMongodb, withDatabase } from '../support/mongodb.ts';
import { HOUR, INTEGRATION, type DeploymentOptions } from './support/deployment.ts';
import { eventually } from './support/eventually.ts';
import { fleetUnderTest } from './support/fleet-under-test.ts';
import {
  whileCommandsFail,
  withoutMajority,
  primaryOf,
  stepDown,
  WRITE_CONCERN_TIMEOUT,
} from './support/mongodb-faults.ts';
import { startTcpProxy, type TcpProxy } from './support/tcp-proxy.ts';
import type { GetReport } from './support/worker-commands.ts';
import type { Worker } from './support/worker-process.ts';

const fleet = fleetUnderTest();
const one = { integration: INTEGRATION, count: 1 };
/** The lease of a primary grant is over. */
const LEASE_OVER = 31_000;

const SERVERS = [
  { name: 'a replica set', start: startReplicaSet, members: 3 },
  { name: 'a standalone server', start: startStandalone, members: 1 },
];

describe.skipIf(!hasMongodb).each(SERVERS)('on $name', ({ start, members }) => {
  let server: MongodbServer;
  let databases = 0;
  let proxy: TcpProxy | undefined;

  beforeAll(async () => {
    server = await start();
  });
  afterEach(async () => {
    await proxy?.close();
    proxy = undefined;
  });
  afterAll(async () => {
    await server.stop();
  });

  const fresh = (): DeploymentOptions => ({ store: withDatabase(server.uri, `faults_${(databases += 1)}`) });

  /** The worker holds the lease, and the answer to its refresh is held by the provider. */
  async function refreshInFlight(worker: Worker): Promise<{ readonly got: Promise<GetReport> }> {
    const { provider, age } = fleet.deployment;
    expect(await worker.tell('get', one)).toMatchObject({ ok: 1 });
    age(HOUR + 1);
    provider.script({ name: 'hold', grant: 'refresh_token' });
    const got = worker.tell('get', one);
    await eventually('a held answer', () => provider.held() === 1);
    return { got };
  }

  /** Saved once, by the one attempt that there was, and with the expiry that was true when its request was sent. */
  async function expectOneSave(got: GetReport): Promise<void> {
    expect(got).toMatchObject({ ok: 1 });
    const { provider, editor } = fleet.deployment;
    const { version, expires_at, expires_in } = await editor.tokens.show({ integration: INTEGRATION });
    expect({ version, expires_in }).toEqual({ version: 2, expires_in: HOUR / 1_000 });
    expect(Date.parse(expires_at ?? '')).toBeLessThanOrEqual((provider.log().at(-1)?.at ?? 0) + HOUR);
    const refreshed = async (): Promise<readonly unknown[]> => {
      const { items } = await editor.events.list({ integration: INTEGRATION });
      return items.filter(({ type }) => type === 'token_refreshed');
    };
    // The caller does not wait for it.
    await expect.poll(refreshed).toMatchObject([{ outcome: 'ok' }]);
    expect(provider.counters()).toMatchObject({ tokenRequests: 2, replays: 0, familiesRevoked: 0 });
  }

  test('test 15: the save is made and its reply lost: it is recognised, and counted once', async () => {
    const { store } = fresh();
    proxy = await startTcpProxy((await primaryOf(server.uri)) ?? new URL(server.uri).host);
    const proxied = withDatabase(`mongodb://${proxy.host}/?directConnection=true`, `faults_${databases}`);
    const [worker] = await fleet.start(1, { store: store!, workers: { store: proxied } });
    const { got } = await refreshInFlight(worker!);
    const lost = proxy.loseReplyTo('findAndModify');
    fleet.deployment.provider.release();
    await lost;
    await expectOneSave(await got);
  });

  test('test 16: the acquire is made and not confirmed: no token request before that is known', async () => {
    const [worker] = await fleet.start(1, { ...fresh(), workers: { tokenWaitMs: 1_500 } });
    const unconfirmed = { commands: ['findAndModify'], fault: WRITE_CONCERN_TIMEOUT };
    await whileCommandsFail(server.uri, unconfirmed, async () => {
      expect(await worker!.tell('get', one)).toMatchObject({ ok: 0 });
      expect(fleet.deployment.provider.counters().tokenRequests).toBe(0);
    });
    fleet.deployment.age(LEASE_OVER);
    expect(await worker!.tell('get', one)).toMatchObject({ ok: 1 });
    expect(fleet.deployment.provider.counters().tokenRequests).toBe(1);
  });

  if (members === 1) return;
  describe('of several members', () => {
    test('test 14: the primary steps down between acquire and save: saved once, by a majority', async () => {
      const [worker] = await fleet.start(1, fresh());
      const { got } = await refreshInFlight(worker!);
      await stepDown(server.uri);
      fleet.deployment.provider.release();
      await expectOneSave(await got);
    });

    test('test 17: a primary without its majority grants the lease: no token request', async () => {
      const [worker] = await fleet.start(1, { ...fresh(), workers: { tokenWaitMs: 1_500 } });
      await withoutMajority(server.uri, async () => {
        expect(await worker!.tell('get', one)).toMatchObject({ ok: 0 });
        expect(fleet.deployment.provider.counters().tokenRequests).toBe(0);
      });
      fleet.deployment.age(LEASE_OVER);
      await eventually('a token', async () => (await worker!.tell('get', one)).ok === 1);
      expect(fleet.deployment.provider.counters().tokenRequests).toBe(1);
    });

    test('test 72: the save is sent again by the driver, late: the expiry is that of the request', async () => {
      const [worker] = await fleet.start(1, fresh());
      const { got } = await refreshInFlight(worker!);
      const began = performance.now();
      // NotWritablePrimary, as a primary that steps down answers.
      const fault = {
        errorCode: 10_107,
        errorLabels: ['RetryableWriteError'],
        blockConnection: true,
        blockTimeMS: 1_500,
      };
      await whileCommandsFail(server.uri, { commands: ['findAndModify'], times: 1, fault }, async () => {
        fleet.deployment.provider.release();
        await expectOneSave(await got);
      });
      expect(performance.now() - began).toBeGreaterThan(1_500);
    });
  });
});
