/** The poll of edits: what it asks for, and when it may be relied on. */
import { describe, expect, test } from 'vitest';
import { createEditPoll, intervalMs, nextPage, type EditedSince } from '../../src/token/edit-poll.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

interface Edit {
  readonly id: string;
  readonly at: number;
}

function pollOf(answer: (since: number, limit: number) => Promise<EditedSince<Edit>>) {
  const clock = createVirtualClock();
  const asked: number[] = [];
  const told: (string | undefined)[] = [];
  const lags: number[] = [];
  const poll = createEditPoll<Edit>(clock, {
    editedSince: async (since, limit) => {
      asked.push(since - clock.now());
      return await answer(since, limit);
    },
    onEdited: (edited) => told.push(...edited.map(({ id }) => id)),
    onGap: () => told.push(undefined),
    onLag: (lagMs) => lags.push(lagMs),
  });
  return { clock, poll, asked, told, lags };
}

test.each([
  [0, 1_600],
  [0.5, 2_000],
  [0.999, 2_399.2],
])('with chance %d the next poll begins %d ms after this one', (random, expected) => {
  expect(intervalMs(random)).toBeCloseTo(expected, 5);
});

const page = (size: number, at: number): Edit[] => Array.from({ length: size }, (_, i) => ({ id: `r${i}`, at }));

test.each<[string, readonly Edit[], number, number, unknown]>([
  ['nothing', [], 5, 1, 'end'],
  ['a page that is not full', page(999, 9), 5, 1, 'end'],
  ['a full page', page(1_000, 9), 5, 1, { since: 9 }],
  ['a full page of one instant, again', page(1_000, 9), 9, 2, 'gap'],
  ['the tenth full page', page(1_000, 9), 5, 10, 'gap'],
])('after %s', (_name, edited, since, number, expected) => {
  expect(nextPage(edited, since, number)).toEqual(expected);
});

describe('the poll', () => {
  test("asks by the store's clock, five seconds back from the last time", async () => {
    const { clock, asked, told } = pollOf(async () => ({ now: clock.now() - 3_600_000, edited: [] }));
    await clock.advance(4_000);
    expect(asked).toEqual([0, -3_600_000 - 5_000, -3_600_000 - 2_000 - 5_000]);
    expect(told).toEqual([]);
  });

  test.each([
    [4_000, []],
    [6_000, [undefined]],
  ])(
    'that succeeds for the first time after %d ms tells a gap where the overlap does not reach back so far',
    async (ms, gaps) => {
      const { clock, told } = pollOf(async () => {
        if (clock.monotonic() < ms) throw new Error('away');
        return { now: clock.now(), edited: [] };
      });
      await clock.advance(ms);
      expect(told).toEqual(gaps);
    },
  );

  test('tells page after page until one is not full', async () => {
    const edits = Array.from({ length: 2_500 }, (_, i) => ({ id: String(i), at: Date.UTC(2027, 0, 1) + i }));
    const { clock, told } = pollOf(async (since, limit) => ({
      now: clock.now(),
      edited: edits.filter(({ at }) => at >= since).slice(0, limit),
    }));
    await clock.advance(4_000);
    expect(new Set(told)).toEqual(new Set(edits.map(({ id }) => id)));
  });

  test('is relied on for 2.5 s from the beginning of one that succeeded', async () => {
    let isDown = false;
    const { clock, poll } = pollOf(async () => {
      if (isDown) throw new Error('away');
      return { now: clock.now(), edited: [] };
    });
    const health: boolean[] = [];
    const at = async (ms: number): Promise<void> => {
      await clock.advance(ms);
      health.push(poll.isHealthy());
    };
    await at(1_999);
    await at(1);
    isDown = true;
    await at(2_499);
    await at(1);
    isDown = false;
    await at(1_499);
    await at(1);
    expect(health).toEqual([false, true, true, false, false, true]);
  });

  test('one that takes longer than two seconds has failed, and the next one begins', async () => {
    let answers = 0;
    const { clock, poll, asked, lags } = pollOf(async () => {
      answers += 1;
      return answers <= 2 ? { now: clock.now(), edited: [] } : await new Promise<never>(() => undefined);
    });
    await clock.advance(2_000);
    expect(poll.isHealthy()).toBe(true);
    await clock.advance(6_000);
    expect({ isHealthy: poll.isHealthy(), asked: asked.length }).toEqual({ isHealthy: false, asked: 5 });
    expect(lags).toEqual([0, 4_000, 6_000]);
  });

  test('goes on after a failure from where it was, and ends when it is stopped', async () => {
    let failures = 0;
    const { clock, poll, asked } = pollOf(async () => {
      if (asked.length === 3 && failures++ === 0) throw new Error('away');
      return { now: clock.now(), edited: [] };
    });
    await clock.advance(6_000);
    expect(asked).toEqual([0, -5_000, -7_000, -9_000]);
    poll.stop();
    await clock.advance(10_000);
    expect({ asked: asked.length, sleepers: clock.sleepers() }).toEqual({ asked: 4, sleepers: 0 });
  });

  test.each([
    ['the machine has slept, however little its monotonic clock moved', 600_000, 0],
    ['its time is over, also when the wall was set back', -3_600_000, 2_500],
  ])('is not relied on after %s', async (_name, steppedMs, passedMs) => {
    let wallMs = 0;
    const monotonic = createVirtualClock();
    let isDown = false;
    const clock = { ...monotonic, now: () => monotonic.now() + wallMs };
    const poll = createEditPoll(clock, {
      editedSince: async () => {
        if (isDown) throw new Error('away');
        return { now: clock.now(), edited: [] };
      },
      onEdited: () => undefined,
      onGap: () => undefined,
      onLag: () => undefined,
    });
    await monotonic.advance(2_000);
    expect(poll.isHealthy()).toBe(true);
    isDown = true;
    wallMs = steppedMs;
    await monotonic.advance(passedMs);
    expect(poll.isHealthy()).toBe(false);
  });
});
