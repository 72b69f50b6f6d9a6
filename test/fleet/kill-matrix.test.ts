/**
 * A process is killed at each named point of the protocol, on every way that leads there, and another one goes on: at most one request more than without the
 * death, and a refresh token is lost only where the table says so.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { TokenRequestEntry } from '../../src/demo/request-log.ts';
import { PROTOCOL_POINTS, type ProtocolPoint } from '../../src/token/protocol-points.ts';
import { startStandalone, type MongodbServer } from '../support/mongodb-server.ts';
import { hasMongodb, withDatabase } from '../support/mongodb.ts';
import { HOUR, INTEGRATION } from './support/deployment.ts';
import { fleetUnderTest } from './support/fleet-under-test.ts';
import { KILL_SCENARIOS, type Credentials, type KillScenario, type Loss } from './support/kill-scenarios.ts';
import { startTcpProxy, type TcpProxy } from './support/tcp-proxy.ts';
import type { Worker } from './support/worker-process.ts';

const one = { integration: INTEGRATION, count: 1 };
/** Of a lease, with a little more. */
const LEASE_MS: Readonly<Record<Credentials, number>> = { password: 31_000, 'refresh token alone': 121_000 };
/** Time passes in steps that are longer than a store may take to answer. */
const UNHURRIED = { storeReadTimeoutMs: HOUR };

const fleet = fleetUnderTest();

test('every named point is on one of the ways', () => {
  const met = new Set(KILL_SCENARIOS.flatMap(({ points }) => Object.keys(points)));
  expect(PROTOCOL_POINTS.filter((point) => !met.has(point))).toEqual([]);
});

interface Row {
  readonly scenario: KillScenario;
  readonly point: ProtocolPoint;
  readonly loss: Loss;
  readonly credentials: Credentials;
  /** For the title. */
  readonly way: string;
}

function rowsOn(store: 'sqlite' | 'mongodb'): readonly Row[] {
  return KILL_SCENARIOS.filter(({ stores }) => stores?.includes(store) ?? true).flatMap((scenario) =>
    scenario.credentials.flatMap((credentials) =>
      Object.entries(scenario.points).map(([point, loss]) => ({
        scenario,
        point: point as ProtocolPoint,
        loss,
        credentials,
        way: scenario.name,
      })),
    ),
  );
}

describe.each([
  { store: 'sqlite', skip: false },
  { store: 'mongodb', skip: !hasMongodb },
] as const)('on $store', ({ store, skip }) => {
  let server: MongodbServer | undefined;
  let proxy: TcpProxy | undefined;
  let databases = 0;

  beforeAll(async () => {
    if (store === 'mongodb' && !skip) server = await startStandalone();
  });
  afterEach(async () => {
    await proxy?.close();
    proxy = undefined;
  });
  afterAll(async () => {
    await server?.stop();
  });

  /** The heir, who lives; the victim, whose way to MongoDB goes through a proxy; and one that dies before it. */
  async function start({ scenario, credentials }: Row): Promise<readonly [Worker, Worker, Worker]> {
    const url = server === undefined ? {} : { store: withDatabase(server.uri, `kills_${(databases += 1)}`) };
    const options = { ...url, ...scenario.deployment, refreshTokenOnly: credentials === 'refresh token alone' };
    const [heir, victim, predecessor] = (await fleet.start(3, { ...options, workers: UNHURRIED })) as [
      Worker,
      Worker,
      Worker,
    ];
    if (server === undefined) return [heir, victim, predecessor];
    proxy = await startTcpProxy(new URL(server.uri).host);
    const proxied = withDatabase(`mongodb://${proxy.host}/?serverSelectionTimeoutMS=300`, `kills_${databases}`);
    return [heir, await fleet.reopen(1, { ...UNHURRIED, store: proxied }), predecessor];
  }

  async function kill(row: Row): Promise<Worker> {
    const { scenario, point, credentials } = row;
    const [heir, victim, predecessor] = await start(row);
    const { deployment } = fleet;
    if (scenario.startsEmpty !== true) {
      if (credentials === 'password') await heir.tell('get', one);
      deployment.age(HOUR + 1);
    }
    deployment.provider.resetCounters();
    await victim.tell('arm', { point, action: { do: 'kill' } });
    const leaseMs = LEASE_MS[credentials];
    await scenario.lead({ deployment, victim, predecessor, leaseMs, ...(proxy === undefined ? {} : { proxy }) });
    // Who is gone from this machine keeps nobody waiting.
    if (store === 'mongodb') deployment.age(leaseMs);
    return scenario.heirStarts === true ? await fleet.reopen(1, UNHURRIED) : heir;
  }

  const title = 'killed at $point, with $credentials, on the way of $way';
  test.skipIf(skip).each(rowsOn(store))(title, async (row) => {
    const { scenario, loss, credentials } = row;
    const heir = await kill(row);
    const { provider, passUntil } = fleet.deployment;
    const got = await passUntil(heir.tell('get', one));
    const isOver = loss !== null && credentials === 'refresh token alone';
    expect(got.outcomes).toEqual(isOver ? { token_blocked: 1 } : { ok: 1 });
    expect(provider.counters().tokenRequests - scenario.requests).toBeLessThanOrEqual(1);
    expect(provider.counters()).toMatchObject({ replays: isOver ? 1 : 0, maxInFlight: 1 });
    if (!isOver) await expectNextRefresh(heir);
    expect(lostRefreshTokens(provider.log(), isOver)).toHaveLength(loss === null ? 0 : 1);
  });

  /** What was stored is good: the next refresh works with it. */
  async function expectNextRefresh(heir: Worker): Promise<void> {
    const { provider, age } = fleet.deployment;
    const { byGrant } = provider.counters();
    age(HOUR + 1);
    expect(await heir.tell('get', one)).toMatchObject({ ok: 1 });
    expect(provider.counters().byGrant).toEqual({ ...byGrant, refresh_token: byGrant.refresh_token + 1 });
  }
});

/** Issued, and presented by nobody; the newest of a life that goes on is not lost. */
function lostRefreshTokens(log: readonly TokenRequestEntry[], isOver: boolean): readonly string[] {
  const presented = new Set(log.map((entry) => entry.presented));
  const issued = log.flatMap(({ refresh_token }) => (refresh_token === undefined ? [] : [refresh_token]));
  return (isOver ? issued : issued.slice(0, -1)).filter((token) => !presented.has(token));
}
