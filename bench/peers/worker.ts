/** One process of a contender. It does what it is told, a command at a time; `worker-process.ts` tells it. */
import { enableCompileCache, flushCompileCache } from 'node:module';
import type { Contender, Site, Task } from './contender.ts';
import { CONTENDERS, type ContenderName } from './contenders.ts';
import { shiftDate } from './shifted-date.ts';

/** One after the other, as a single workflow runs them, or at once, as several do. */
export type TaskOrder = 'one by one' | 'at once';

export type Command =
  | { readonly kind: 'start'; readonly contender: ContenderName; readonly site: Site }
  | { readonly kind: 'clock'; readonly offsetMs: number }
  | { readonly kind: 'run'; readonly tasks: number; readonly order: TaskOrder };

export type Answer =
  /** `run`: every task that starts now has started. */
  | { readonly kind: 'begun' }
  /** With the reasons of the tasks that failed. */
  | { readonly kind: 'done'; readonly failures: readonly string[] }
  /** The command could not be obeyed. */
  | { readonly kind: 'broken'; readonly reason: string };

if (import.meta.main) serve();

function serve(): void {
  // Hundreds of processes load the same few libraries: it halves the run.
  enableCompileCache();
  let offsetMs = 0;
  let task: Task | undefined;
  const obey = async (command: Command): Promise<readonly string[]> => {
    switch (command.kind) {
      case 'start':
        task = await start(await CONTENDERS[command.contender].load(), command.site, () => offsetMs);
        return [];
      case 'clock':
        offsetMs = command.offsetMs;
        return [];
      case 'run':
        if (task === undefined) throw new Error('not started');
        return await run(task, command);
    }
  };
  process.on('message', (command: Command) => {
    obey(command).then(
      (failures) => tell({ kind: 'done', failures }),
      (error: unknown) => tell({ kind: 'broken', reason: reasonOf(error) }),
    );
  });
  process.on('disconnect', () => process.exit());
}

async function start(contender: Contender, site: Site, clockOffsetMs: () => number): Promise<Task> {
  if (contender.clock === 'process') shiftDate(clockOffsetMs);
  const task = await contender.start(site, clockOffsetMs);
  // These processes end by a signal, which would leave nothing for the next ones.
  flushCompileCache();
  return task;
}

async function run(task: Task, { tasks, order }: Command & { readonly kind: 'run' }): Promise<readonly string[]> {
  const lanes = order === 'at once' ? tasks : 1;
  const running = Array.from({ length: lanes }, async () => await runOneByOne(task, tasks / lanes));
  tell({ kind: 'begun' });
  return (await Promise.all(running)).flat();
}

async function runOneByOne(task: Task, tasks: number): Promise<readonly string[]> {
  const failures: string[] = [];
  for (let i = 0; i < tasks; i += 1) await task().catch((error: unknown) => failures.push(reasonOf(error)));
  return failures;
}

function tell(answer: Answer): void {
  process.send?.(answer);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
