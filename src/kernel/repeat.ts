/** Work that is done again and again behind everything else. It keeps no process alive. */
import type { Clock } from './clock.ts';

export interface Repetition {
  /** Nothing is begun any more; what is under way is left to end by itself. */
  stop(): void;
}

export interface RepeatOptions {
  /** From the beginning of one run to the beginning of the next, milliseconds; asked before each. A run that takes longer delays the next. */
  readonly intervalMs: () => number;
  /** A rejection is taken for an end like any other: who needs to know of it catches it. */
  readonly work: () => Promise<void>;
}

/** The first run begins after one interval. */
export function repeat(clock: Pick<Clock, 'monotonic' | 'sleep'>, { intervalMs, work }: RepeatOptions): Repetition {
  const stopping = new AbortController();
  const { signal } = stopping;

  async function run(): Promise<void> {
    let due = clock.monotonic() + intervalMs();
    for (;;) {
      await clock.sleep(Math.max(0, due - clock.monotonic()), signal, { background: true });
      due = clock.monotonic() + intervalMs();
      await work().catch(() => undefined);
    }
  }

  run().catch(() => undefined);
  return { stop: () => stopping.abort(new Error('stopped')) };
}
