/** Progress on standard error, where a person watches. */
import type { SingleBar } from 'cli-progress';
import type { Context } from './context.ts';

export interface Progress {
  step(done: number, total: number, what: string): void;
  end(): void;
}

const QUIET: Progress = { step: () => undefined, end: () => undefined };

export function createProgress({ terminal }: Context, unit: string): Progress {
  if (!terminal.isInteractive) return QUIET;
  let bar: SingleBar | undefined;
  const loading = import('cli-progress').then(({ default: { SingleBar: Bar, Presets } }) => {
    bar = new Bar(
      {
        format: `{bar} {value}/{total} ${unit}  {what}`,
        hideCursor: true,
        clearOnComplete: true,
        stream: process.stderr,
      },
      Presets.shades_classic,
    );
  });
  let isStarted = false;
  return {
    step(done, total, what) {
      void loading.then(() => {
        if (isStarted) bar?.update(done, { what });
        else bar?.start(total, done, { what });
        isStarted = true;
      });
    },
    end() {
      bar?.stop();
    },
  };
}
