#!/usr/bin/env node
/** The executable: this process as a terminal, and its exit code. */
import { enableCompileCache } from 'node:module';

enableCompileCache();
const { runCli } = await import('./cli.ts');
const { createProcessTerminal } = await import('./process-terminal.ts');
const { default: manifest } = await import('../../package.json', { with: { type: 'json' } });

/** 128 + SIGINT, as shells have it. */
const EXIT_INTERRUPTED = 130;

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    interrupted.abort(new Error('interrupted'));
  });
}
// A reader that has seen enough (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 70);
});

const exit = await runCli(
  {
    terminal: createProcessTerminal(interrupted.signal),
    version: manifest.version,
    open: async (options) => await (await import('../everbearer.ts')).createEverbearer(options),
  },
  process.argv.slice(2),
);
process.exitCode = interrupted.signal.aborted && exit !== 0 ? EXIT_INTERRUPTED : exit;
