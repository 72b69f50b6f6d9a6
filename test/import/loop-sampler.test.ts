import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { sampleLoop } from './loop-sampler.ts';

test('a loop that computes for 80 ms is seen, one that waits is not', async () => {
  const waiting = sampleLoop();
  await setTimeout(100);
  expect(waiting.stop()).toBeLessThan(50);
  const computing = sampleLoop();
  await setTimeout(1);
  const until = process.cpuUsage().user + 90_000;
  while (process.cpuUsage().user < until);
  expect(computing.stop()).toBeGreaterThan(50);
});
