/** Progress on standard error, where a person watches. */
import type { Context } from './context.ts';

export interface Progress {
  step(done: number, total: number, what: string): void;
  end(): void;
}

const QUIET: Progress = { step: () => undefined, end: () => undefined };

/** @param unit what is counted, in the plural */
export async function createProgress({ terminal }: Context, unit: string): Promise<Progress> {
  if (!terminal.isInteractive) return QUIET;
  const { default: bars } = await import('cli-progress');
  const bar = new bars.SingleBar(
    {
      format: `{bar} {value}/{total} ${unit}  {what}`,
      hideCursor: true,
      clearOnComplete: true,
      stream: process.stderr,
    },
    bars.Presets.shades_classic,
  );
  let isStarted = false;
  return {
    step(done, total, what) {
      if (isStarted) bar.update(done, { what });
      else bar.start(total, done, { what });
      isStarted = true;
    },
    end() {
      if (isStarted) bar.stop();
    },
  };
}
