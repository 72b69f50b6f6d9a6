/** The terminal of this process. */
import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import type { Terminal } from './terminal.ts';

export function createProcessTerminal(signal: AbortSignal): Terminal {
  const { stdin, stdout, stderr, env } = process;
  return {
    isInteractive: stdin.isTTY && stderr.isTTY,
    hasColour: stderr.isTTY && (env['NO_COLOR'] ?? '') === '',
    environment: env,
    signal,
    out: (text) => stdout.write(text),
    async outBytes(bytes) {
      if (!stdout.write(bytes)) await once(stdout, 'drain');
    },
    err: (text) => stderr.write(text),
    readStdin: () => stdin,
    async ask(question, { secret, suggestion }) {
      if (secret) {
        const { default: password } = await import('@inquirer/password');
        return await password({ message: question, mask: '*' }, { output: stderr, signal });
      }
      const reader = createInterface({ input: stdin, output: stderr });
      try {
        const shown = suggestion === undefined ? `${question}: ` : `${question} [${suggestion}]: `;
        const answer = (await reader.question(shown, { signal })).trim();
        return answer === '' ? (suggestion ?? '') : answer;
      } finally {
        reader.close();
      }
    },
  };
}
