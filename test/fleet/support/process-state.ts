/** What the system says of a process. */
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_EVERY_MS = 2;

/** Resolves when a process that was sent SIGSTOP stands still: the signal is there later than the call that sends it. Linux; elsewhere at once. */
export async function stopped(pid: number): Promise<void> {
  while (stateOf(pid) !== 'T') await sleep(LOOK_EVERY_MS);
}

/** Field 3 of /proc/<pid>/stat (proc(5)); the name before it, in parentheses, may hold anything. */
function stateOf(pid: number): string {
  const path = `/proc/${pid}/stat`;
  if (!existsSync(path)) return 'T';
  const text = readFileSync(path, 'latin1');
  return text.slice(text.lastIndexOf(')') + 2, text.lastIndexOf(')') + 3);
}
