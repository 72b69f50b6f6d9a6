/** Adds up how calls went. */
import { EverbearerError } from '../../../src/errors.ts';
import type { TaskResponse } from '../../../src/task/tasks-face.ts';
import { latencyOf } from './latency.ts';
import type { CallReport } from './worker-commands.ts';

export interface CallTally {
  /** Makes one call and notes what came of it and how long it took. */
  call(make: () => Promise<TaskResponse | 'ok'>): Promise<void>;
  report(): CallReport;
}

export function createCallTally(): CallTally {
  const outcomes = new Map<string, number>();
  const durations: number[] = [];
  let ok = 0;
  return {
    async call(make) {
      const began = performance.now();
      const outcome = await make().then(outcomeOf, codeOf);
      durations.push(performance.now() - began);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      if (/^2\d\d$|^ok$/.test(outcome)) ok += 1;
    },
    report: () => ({
      ok,
      failed: durations.length - ok,
      outcomes: Object.fromEntries(outcomes),
      latency: latencyOf(durations),
    }),
  };
}

function outcomeOf(answer: TaskResponse | 'ok'): string {
  if (answer === 'ok') return answer;
  return 'status' in answer ? String(answer.status) : answer.code;
}

/** What is not ours is told by its text: a test that fails should say why. */
export function codeOf(error: unknown): string {
  return error instanceof EverbearerError ? error.code : String(error);
}
