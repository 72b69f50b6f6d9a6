/** One fleet a test file, and one deployment a test. */
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { EverbearerOptions } from '../../../src/options.ts';
import { startDeployment, type Deployment, type DeploymentOptions } from './deployment.ts';
import { startFleet, type Fleet } from './fleet.ts';
import type { Worker } from './worker-process.ts';

export interface FleetUnderTest {
  /** Of the test that runs. */
  readonly deployment: Deployment;
  /** Starts this test's deployment and opens it in so many workers. */
  start(
    count: number,
    options?: DeploymentOptions & { readonly workers?: EverbearerOptions },
  ): Promise<readonly Worker[]>;
  /** Opens the deployment again at a place, in another process where the one there has died. @param workers its own options */
  reopen(place: number, workers?: EverbearerOptions): Promise<Worker>;
}

/** To be called at the top of a file. */
export function fleetUnderTest(): FleetUnderTest {
  let fleet: Fleet;
  let deployment: Deployment | undefined;

  const current = (): Deployment => {
    if (deployment === undefined) throw new Error('This test has started no deployment.');
    return deployment;
  };

  beforeAll(async () => {
    fleet = await startFleet();
  });
  afterEach(async () => {
    await fleet.close();
    await deployment?.dispose();
    deployment = undefined;
  });
  afterAll(async () => {
    await fleet.end();
  });

  return {
    get deployment() {
      return current();
    },
    async start(count, { workers = {}, ...options } = {}) {
      deployment = await startDeployment(options);
      return await fleet.open(deployment.opening(workers), count);
    },
    reopen: async (place, workers = {}) => await fleet.openAt(place, current().opening(workers)),
  };
}
