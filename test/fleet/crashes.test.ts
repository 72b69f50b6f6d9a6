/** Workers that die or stand still, found from outside: no named point is needed. */
import { describe, expect, test } from 'vitest';
import { HOUR, INTEGRATION } from './support/deployment.ts';
import { eventually } from './support/eventually.ts';
import { fleetUnderTest } from './support/fleet-under-test.ts';
import { STORES } from './support/stores.ts';

const fleet = fleetUnderTest();
const one = { integration: INTEGRATION, count: 1 };

describe.each(STORES)('on $name', ({ skip, fresh }) => {
  const savedVersion = async (): Promise<number> =>
    (await fleet.deployment.editor.tokens.show({ integration: INTEGRATION })).version;

  test.skipIf(skip)('test 10: killed after its save was acknowledged: the next process uses that token', async () => {
    const [first, second] = await fleet.start(2, fresh());
    for (const version of [1, 2]) {
      const { headers } = await first!.tell('get', one);
      await eventually('the save', async () => (await savedVersion()) === version);
      if (version === 2) await first!.kill('SIGKILL');
      expect(await second!.tell('get', one)).toMatchObject({ ok: 1, headers });
      expect(fleet.deployment.provider.counters().tokenRequests).toBe(version);
      fleet.deployment.age(HOUR + 1);
    }
    expect(await (await fleet.reopen(0)).tell('get', one)).toMatchObject({ ok: 1 });
    expect(fleet.deployment.provider.counters()).toMatchObject({ tokenRequests: 3, replays: 0 });
  });

  test.skipIf(skip)(
    'test 50: the event loop of the holder stands still for 5 s: its answer is saved, nobody asks twice',
    async () => {
      const [holder, other] = await fleet.start(2, fresh());
      const { provider, age, pass } = fleet.deployment;
      await holder!.tell('get', one);
      age(HOUR + 1);
      provider.script({ name: 'hold', grant: 'refresh_token' });
      const held = holder!.tell('get', one);
      await eventually('a held answer', () => provider.held() === 1);
      await holder!.tell('block', { ms: 5_000 });
      provider.release();
      const waiting = other!.tell('get', one);
      pass(5_000);
      const [got, waited] = await Promise.all([held, waiting]);
      expect([got.ok, waited.ok]).toEqual([1, 1]);
      expect(waited.headers).toEqual(got.headers);
      expect(provider.counters()).toMatchObject({ tokenRequests: 2, replays: 0, maxInFlight: 1 });
    },
  );
});
