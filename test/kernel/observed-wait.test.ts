import { expect, test } from 'vitest';
import { createMetrics } from '../../src/io/metrics.ts';
import { observeWait } from '../../src/kernel/observed-wait.ts';
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.ts';

test.each<[string, (clock: VirtualClock) => Promise<unknown>, 'ok' | 'failed']>([
  ['for a token', async (clock) => await clock.sleep(1_500).then(() => 'token'), 'ok'],
  ['until its time was over', async (clock) => await clock.sleep(1_500), 'failed'],
  ['for bad news', async (clock) => await clock.sleep(1_500).then(() => Promise.reject(new Error('no'))), 'failed'],
])('a call that waits %s is a waiter meanwhile', async (_title, work, outcome) => {
  const clock = createVirtualClock();
  const metrics = createMetrics();
  const wait = observeWait({ clock, metrics }, () => work(clock)).catch((error: unknown) => String(error));
  const other = observeWait({ clock, metrics }, () => work(clock)).catch((error: unknown) => String(error));
  await clock.advance(1_000);
  expect(await metrics.text()).toMatch(/^everbearer_token_waiters 2$/m);
  await clock.advance(500);
  expect(await wait).toEqual(await other);
  const text = await metrics.text();
  expect(text).toMatch(/^everbearer_token_waiters 0$/m);
  expect(text).toContain(`everbearer_token_wait_seconds_sum{outcome="${outcome}"} 3\n`);
  expect(text).toContain(`everbearer_token_wait_seconds_count{outcome="${outcome}"} 2\n`);
});
