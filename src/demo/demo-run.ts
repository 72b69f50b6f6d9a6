/** Running a model's operations over and over, until told to stop. Everything it needs comes in. */
import type { Everbearer } from '../api.ts';
import type { Clock } from '../kernel/clock.ts';
import type { TaskInput } from '../task/tasks-face.ts';

export interface DemoTask {
  readonly operationId: string;
  readonly input: TaskInput;
}

export interface DemoCounts {
  /** Operations of the document. */
  readonly total: number;
  readonly tasks: { ok: number; failed: number };
  /** Operations that ran at least once, and those whose input or credentials could not be made. */
  readonly run: Set<string>;
  readonly skipped: Set<string>;
}

export interface DemoRunOptions {
  readonly integration: string;
  /** Tasks at a time. */
  readonly concurrency: number;
  /** Between two tasks of one runner, milliseconds. */
  readonly pauseMs: number;
  readonly signal: AbortSignal;
  /** Called after each task that failed. */
  readonly onFailure: (operationId: string, message: string) => void;
}

/** What is wrong with the sample, not with the task: counted as skipped. */
const NOT_RUNNABLE = new Set(['input_invalid', 'configuration_missing']);

export async function runDemoTasks(
  everbearer: Pick<Everbearer, 'tasks'>,
  clock: Clock,
  tasks: readonly DemoTask[],
  counts: DemoCounts,
  options: DemoRunOptions,
): Promise<void> {
  const runnable = [...tasks];
  let next = 0;

  const take = (): DemoTask | undefined => {
    if (next >= runnable.length) next = 0;
    const task = runnable[next];
    next += 1;
    return task;
  };

  const runOne = async ({ operationId, input }: DemoTask): Promise<void> => {
    const response = await everbearer.tasks.run({ integration: options.integration, operationId, input });
    if (!response.ok && 'code' in response && NOT_RUNNABLE.has(response.code)) {
      counts.skipped.add(operationId);
      const place = runnable.findIndex((task) => task.operationId === operationId);
      if (place >= 0) runnable.splice(place, 1);
      return;
    }
    counts.run.add(operationId);
    if (response.ok) counts.tasks.ok += 1;
    else {
      counts.tasks.failed += 1;
      options.onFailure(
        operationId,
        'code' in response ? `${response.code}: ${response.error}` : (response.error?.message ?? ''),
      );
    }
  };

  const runner = async (): Promise<void> => {
    while (!options.signal.aborted) {
      const task = take();
      if (task === undefined) return;
      await runOne(task);
      await clock.sleep(options.pauseMs, options.signal).catch(() => undefined);
    }
  };

  await Promise.all(Array.from({ length: options.concurrency }, runner));
}
