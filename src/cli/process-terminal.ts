/** The terminal of this process. */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { addAbortSignal } from 'node:stream';
import { EverbearerError } from '../errors.ts';
import { Interruption, type Terminal } from './terminal.ts';

/** @param interrupted aborted with an `Interruption`: by signals, and by Ctrl-C at a question, where the terminal sends none */
export function createProcessTerminal(interrupted: AbortController): Terminal {
  const { stdin, stdout, stderr, env } = process;
  const { signal } = interrupted;
  return {
    isInteractive: stdin.isTTY && stderr.isTTY,
    showsOutput: stdout.isTTY,
    hasColour: stdout.isTTY && stderr.isTTY && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb',
    environment: env,
    signal,
    out: (text) => stdout.write(text),
    async outBytes(bytes) {
      if (!stdout.write(bytes)) await once(stdout, 'drain');
    },
    err: (text) => stderr.write(text),
    async *readStdin() {
      yield* addAbortSignal(signal, stdin) as AsyncIterable<Uint8Array>;
    },
    async ask(question, { secret, suggestion }) {
      signal.throwIfAborted();
      if (secret) return await askSecret(question, interrupted);
      const shown = suggestion === undefined ? `${question}: ` : `${question} [${suggestion}]: `;
      const answer = (await askLine(shown, interrupted)).trim();
      return answer === '' ? (suggestion ?? '') : answer;
    },
  };
}

async function askSecret(question: string, interrupted: AbortController): Promise<string> {
  const { default: password } = await import('@inquirer/password');
  const { signal } = interrupted;
  try {
    // Without a mask that counts the characters, and without its switch that shows them.
    return await password({ message: `${question}:`, toggleMask: false }, { output: process.stderr, signal });
  } catch (error) {
    if (error instanceof Error && error.name === 'ExitPromptError') interrupted.abort(new Interruption('SIGINT'));
    signal.throwIfAborted();
    throw error;
  }
}

async function askLine(question: string, interrupted: AbortController): Promise<string> {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const { signal } = interrupted;
  const end = (): void => {
    reader.close();
  };
  signal.addEventListener('abort', end, { once: true });
  reader.on('SIGINT', () => {
    interrupted.abort(new Interruption('SIGINT'));
  });
  reader.on('close', () => {
    reject(signal.aborted ? (signal.reason as Error) : unanswered(question));
  });
  reader.question(question, resolve);
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', end);
    reader.close();
  }
}

/** Ctrl-D. */
function unanswered(question: string): EverbearerError {
  return new EverbearerError('configuration_missing', `Not answered: ${question.replace(/(?: \[.*\])?: $/, '')}.`, {
    hint: 'Answer it, or give the values with --from <json|@file|->.',
  });
}
