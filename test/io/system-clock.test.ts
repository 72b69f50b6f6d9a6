import { getEventListeners } from 'node:events';
import { describe, expect, test, vi } from 'vitest';
import { createSystemClock } from '../../src/io/system-clock.ts';

const clock = createSystemClock();

test('now is wall time and monotonic never steps back', () => {
  expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1_000);
  const readings = Array.from({ length: 100 }, () => clock.monotonic());
  expect(readings).toEqual(readings.toSorted((a, b) => a - b));
});

test('random lies in [0, 1) and identifiers differ', () => {
  const values = Array.from({ length: 100 }, () => clock.random());
  expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
  expect(new Set(Array.from({ length: 100 }, () => clock.uuid())).size).toBe(100);
});

describe('sleep', () => {
  test.each([0, -5, 15])('of %i ms resolves, never early', async (ms) => {
    const started = clock.monotonic();
    await clock.sleep(ms);
    expect(clock.monotonic() - started).toBeGreaterThanOrEqual(ms);
  });

  test('of 30 days does not fire at once, as a bare timer would', async () => {
    vi.useFakeTimers();
    try {
      const days = 86_400_000;
      let done = false;
      const asleep = clock.sleep(30 * days).then(() => (done = true));
      await vi.advanceTimersByTimeAsync(30 * days - 1_000);
      expect(done).toBe(false);
      await vi.advanceTimersByTimeAsync(2_000);
      await asleep;
      expect(done).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });

  test('in the background keeps no process alive', async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const controller = new AbortController();
    const before = timers();
    const hidden = clock.sleep(60_000, controller.signal, { background: true });
    expect(timers()).toBe(before);
    const seen = clock.sleep(60_000, controller.signal);
    expect(timers()).toBe(before + 1);
    controller.abort(new Error('over'));
    await Promise.allSettled([hidden, seen]);
  });

  test('rejects with the reason of its signal, at once, and lets go of it', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const asleep = clock.sleep(60_000, controller.signal);
    controller.abort(reason);
    await expect(asleep).rejects.toBe(reason);
    await expect(clock.sleep(60_000, controller.signal)).rejects.toBe(reason);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });
});
