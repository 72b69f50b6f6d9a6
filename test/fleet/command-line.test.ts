/** The command line as it is used from scripts: one short process after another, some of them broken off by Ctrl-C, on one token. */
import { afterEach, describe, expect, test } from 'vitest';
import { finished, runCliProcess, startCli, type CliResult } from '../cli/support/cli-process.ts';
import { INTEGRATION, startDeployment, type Deployment } from './support/deployment.ts';
import { FLEET } from './support/fleet-size.ts';
import { createSeededRandom } from './support/seeded-random.ts';
import { STORES } from './support/stores.ts';

/** From the start of a process to its first request and beyond, milliseconds. */
const [EARLIEST, LATEST] = [200, 900];
/** A lease would be waited for longer. */
const QUICK = 15_000;

describe.each(STORES)('on $name', ({ skip, fresh }) => {
  let deployment: Deployment;
  afterEach(async () => {
    await deployment.dispose();
  });

  const args = (): readonly string[] => [
    ...['run', INTEGRATION, 'listBooks', '--json'],
    ...['--store', deployment.store, '--key-file', deployment.keyFile],
  ];

  /** The next process finds a token that has ended. */
  async function endToken(): Promise<void> {
    const past = new Date(Date.now() - 60_000).toISOString();
    await deployment.editor.tokens.set({ integration: INTEGRATION }, { expires_at: past });
  }

  async function brokenOffAfter(ms: number): Promise<CliResult> {
    const child = startCli(args(), { cwd: deployment.folder });
    const timer = setTimeout(() => child.kill('SIGINT'), ms);
    return await finished(child).finally(() => {
      clearTimeout(timer);
    });
  }

  test.skipIf(skip)(
    'test 71: one process after another through many expiries, Ctrl-C at random: no refresh token lost, no wait for the dead',
    { timeout: 60_000 + 10_000 * FLEET.commandLineExpiries },
    async () => {
      const random = createSeededRandom();
      const told = `FLEET_SEED=${random.seed}`;
      deployment = await startDeployment({ ...fresh(), behaviour: { tokenDelayMs: 100 } });
      const { provider } = deployment;
      const run = { cwd: deployment.folder };
      expect(await runCliProcess(args(), run)).toMatchObject({ exit: 0 });
      for (let expiry = 0; expiry < FLEET.commandLineExpiries; expiry += 1) {
        await endToken();
        // `null`: the signal was there before the program was.
        expect([0, 130, null], told).toContain((await brokenOffAfter(random.between(EARLIEST, LATEST))).exit);
        const began = performance.now();
        expect(await runCliProcess(args(), run), told).toMatchObject({ exit: 0 });
        expect(performance.now() - began, told).toBeLessThan(QUICK);
      }
      const { byGrant, replays, familiesRevoked } = provider.counters();
      expect({ password: byGrant.password, replays, familiesRevoked }, told).toEqual({
        password: 1,
        replays: 0,
        familiesRevoked: 0,
      });
      // Each refresh token was presented by whoever came next: none was lost.
      const log = provider.log();
      expect(log.slice(1).map(({ presented }) => presented)).toEqual(
        log.slice(0, -1).map((entry) => entry.refresh_token),
      );
      expect(log.length).toBeGreaterThan(FLEET.commandLineExpiries);
    },
  );
});
