/** Lives of every length, stepped through on several processes. */
import { describe, expect, test } from 'vitest';
import { HOUR, INTEGRATION } from './support/deployment.ts';
import { fleetUnderTest } from './support/fleet-under-test.ts';
import { STORES } from './support/stores.ts';
import { failures, tellAll } from './support/worker-process.ts';

const SECOND = 1_000;
const DAY = 24 * HOUR;

const fleet = fleetUnderTest();

describe.each(STORES)('on $name', ({ skip, fresh }) => {
  test.skipIf(skip).each([5, 20, 60, 61])(
    'test 29: a lifetime of %i s: renewed once a life, never used after its end',
    async (seconds) => {
      const lifetimeMs = seconds * SECOND;
      const [lives, stepsALife] = [5, 10];
      const workers = await fleet.start(2, { ...fresh(), behaviour: { lifetimeMs } });
      const { provider } = fleet.deployment;
      for (let step = 0; step < lives * stepsALife; step += 1) {
        const reports = await tellAll(workers, 'run', { integration: INTEGRATION, count: 3, concurrency: 3 });
        expect(failures(reports)).toEqual({});
        await expect.poll(() => provider.counters().inFlight).toBe(0);
        fleet.deployment.age(lifetimeMs / stepsALife);
      }
      const { tokenRequests, api, replays } = provider.counters();
      expect({ unauthorized: api.unauthorized, replays }).toEqual({ unauthorized: 0, replays: 0 });
      // A renewal begins when 70 to 90 % of a life have passed, and a step or two later somebody has noticed.
      expect(tokenRequests).toBeGreaterThanOrEqual(lives);
      expect(tokenRequests).toBeLessThanOrEqual(Math.ceil(lives / 0.7) + 1);
    },
  );

  test.skipIf(skip)(
    'test 45: a lifetime of 30 days: one token request, and no timer longer than timers can be',
    async () => {
      const [worker] = await fleet.start(1, { ...fresh(), behaviour: { lifetimeMs: 30 * DAY } });
      const calls = { integration: INTEGRATION, count: 1_000 };
      await worker!.tell('get', calls);
      fleet.deployment.age(15 * DAY);
      expect(failures([await worker!.tell('get', calls)])).toEqual({});
      expect(fleet.deployment.provider.counters().tokenRequests).toBe(1);
      expect((await worker!.tell('report', {})).warnings).toEqual([]);
    },
  );

  test.skipIf(skip)(
    'test 66: a token without expiry and scope after one that had them: none of the old is left',
    async () => {
      const workers = await fleet.start(2, { ...fresh(), behaviour: { fields: { scope: 'books:read' } } });
      const { provider, editor, age } = fleet.deployment;
      await tellAll(workers, 'get', { integration: INTEGRATION, count: 1 });
      const old = await editor.tokens.show({ integration: INTEGRATION });
      expect(old).toMatchObject({ scope: 'books:read', expires_in: HOUR / SECOND });
      provider.configure({ expiresIn: 'absent', fields: { token_type: 'bearer' } });
      age(HOUR + 1);
      const reports = await tellAll(workers, 'get', { integration: INTEGRATION, count: 1 });
      expect(failures(reports)).toEqual({});
      const { items } = await editor.events.list({ integration: INTEGRATION });
      const shown = await editor.tokens.show({ integration: INTEGRATION });
      expect(shown).toMatchObject({ scope: null, token_type: 'bearer', version: 2, state: 'valid' });
      // The lifetime that was known of this provider, counted from the new token.
      expect(Date.parse(shown.expires_at ?? '')).toBeGreaterThan(Date.parse(old.expires_at ?? '') + SECOND);
      expect(items[0]?.details).toMatchObject({ expiry_source: 'last_known' });
    },
  );
});
