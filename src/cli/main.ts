#!/usr/bin/env node
/** The executable: this process as a terminal, and its exit code. */
import { enableCompileCache } from 'node:module';
import { quietSqliteWarning } from './quiet-sqlite-warning.ts';

enableCompileCache();
quietSqliteWarning();
const { runCli, tellFailure } = await import('./cli.ts');
const { createProcessTerminal } = await import('./process-terminal.ts');
const { Interruption } = await import('./terminal.ts');
const { VERSION } = await import('../version.ts');

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // Once: whoever asks again is not made to wait.
  process.once(signal, () => {
    interrupted.abort(new Interruption(signal));
  });
}
// A reader that has seen enough (`| head`) is no failure; that nobody reads the messages is none either.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 70);
});
process.stderr.on('error', () => undefined);
const terminal = createProcessTerminal(interrupted);
const argv = process.argv.slice(2);
// What nobody waited for: a bug as well, told as one.
process.on('uncaughtException', (error) => {
  process.exit(tellFailure(terminal, argv, error));
});
// A verb ends when it has ended, not when nothing but idle sockets and timers are left.
const busy = setInterval(() => undefined, 60_000);
try {
  process.exitCode = await runCli(
    {
      terminal,
      version: VERSION,
      open: async (options, overrides) => await (await import('../everbearer.ts')).createEverbearer(options, overrides),
    },
    argv,
  );
} finally {
  clearInterval(busy);
}
