/** The main promise: many processes, thousands of tasks, a token that ends in the midst of them. One token request, and no task that fails. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startReplicaSet, type MongodbServer } from '../support/mongodb-server.ts';
import { freshMongodbUri, hasMongodb, withDatabase } from '../support/mongodb.ts';
import { HOUR, INTEGRATION } from './support/deployment.ts';
import { eventually } from './support/eventually.ts';
import { fleetUnderTest } from './support/fleet-under-test.ts';
import { stepDown } from './support/mongodb-faults.ts';
import { failures, tellAll } from './support/worker-process.ts';

const PROCESSES = 8;
const TASKS = 1_000;
const CONCURRENCY = 10;
const fleet = fleetUnderTest();

/** Every process makes its tasks; a quarter of them done, the token ends and `meanwhile` happens. */
async function throughAnExpiry(
  store: { readonly store?: string },
  meanwhile: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const workers = await fleet.start(PROCESSES, store);
  const { provider } = fleet.deployment;
  await workers[0]!.tell('get', { integration: INTEGRATION, count: 1 });
  const load = tellAll(workers, 'run', { integration: INTEGRATION, count: TASKS, concurrency: CONCURRENCY });
  await eventually('a quarter of the tasks', () => provider.counters().api.ok > (PROCESSES * TASKS) / 4);
  fleet.deployment.age(HOUR + 1);
  await meanwhile();
  const reports = await load;
  expect(failures(reports)).toEqual({});
  expect(reports.map(({ ok }) => ok)).toEqual(Array.from({ length: PROCESSES }, () => TASKS));
  const { byGrant, replays, familiesRevoked, maxInFlight } = provider.counters();
  expect({ byGrant, replays, familiesRevoked, maxInFlight }).toEqual({
    byGrant: { password: 1, refresh_token: 1, client_credentials: 0, login: 0 },
    replays: 0,
    familiesRevoked: 0,
    maxInFlight: 1,
  });
}

describe('8 processes × 1,000 tasks, rotation that revokes families', () => {
  test('on sqlite', async () => {
    await throughAnExpiry({});
  });

  test.skipIf(!hasMongodb)('on mongodb standalone', async () => {
    await throughAnExpiry({ store: freshMongodbUri() });
  });

  describe.skipIf(!hasMongodb)('on a replica set', () => {
    let set: MongodbServer;
    beforeAll(async () => {
      set = await startReplicaSet();
    });
    afterAll(async () => {
      await set.stop();
    });

    test('whose primary steps down in the same moment', async () => {
      await throughAnExpiry({ store: withDatabase(set.uri, 'through_an_expiry') }, async () => {
        await stepDown(set.uri);
      });
    });
  });
});
