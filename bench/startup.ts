/**
 * What the command line costs over bare Node's own start, milliseconds: `--help`, which loads no driver and no validator, and `models list` on an empty
 * store, which opens one. Run: `node bench/startup.ts`.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Gate } from './gate.ts';

const MAIN = join(import.meta.dirname, '../src/cli/main.ts');
const ROUNDS = 9;

interface StartupFigures {
  readonly nodeMs: readonly number[];
  readonly helpMs: readonly number[];
  readonly listMs: readonly number[];
}

/** Side by side: what disturbs one disturbs all. */
function measure(): StartupFigures {
  const folder = mkdtempSync(join(tmpdir(), 'everbearer-startup-'));
  const commands = [
    ['-e', '0'],
    [MAIN, '--help'],
    [MAIN, 'models', 'list', '--store', `sqlite:${folder}/store.db`],
  ];
  try {
    // Fills the compile cache and makes the store.
    for (const command of commands) startMs(command);
    const rounds = Array.from({ length: ROUNDS }, () => commands.map(startMs));
    const column = (index: number): readonly number[] => rounds.map((row) => row[index] ?? Number.NaN);
    return { nodeMs: column(0), helpMs: column(1), listMs: column(2) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function startMs(command: readonly string[]): number {
  const began = performance.now();
  const { status, stderr } = spawnSync(process.execPath, command);
  if (status !== 0) throw new Error(stderr.toString());
  return performance.now() - began;
}

/** Of the best rounds: what else the machine does can only make a start slower. */
function overNode(ms: readonly number[], { nodeMs }: StartupFigures): number {
  return Math.min(...ms) - Math.min(...nodeMs);
}

export function gates(): readonly Gate[] {
  const figures = measure();
  return [
    {
      name: 'everbearer --help over bare node, ms',
      value: overNode(figures.helpMs, figures),
      better: 'lower',
      goal: 150,
      gate: 250,
    },
  ];
}

if (import.meta.main) {
  const figures = measure();
  console.table({
    'bare node': { ms: Math.round(Math.min(...figures.nodeMs)), over: 0 },
    'everbearer --help': {
      ms: Math.round(Math.min(...figures.helpMs)),
      over: Math.round(overNode(figures.helpMs, figures)),
    },
    'everbearer models list': {
      ms: Math.round(Math.min(...figures.listMs)),
      over: Math.round(overNode(figures.listMs, figures)),
    },
  });
}
