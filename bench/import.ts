/**
 * What an import costs, on GitHub's own description (13 MB, 1,223 operations), beside swagger-parser's `validate` on the same bytes.
 * Run: `node bench/import.ts`. Every figure is a process of its own, cold, from its start to its result; the kinds take turns, medians are shown.
 * `bench/smoke.ts` holds the limits.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createImportProcess } from '../src/io/import-process.ts';

const require = createRequire(import.meta.url);
const DOCUMENT = require.resolve('@octokit/openapi/generated/api.github.com.json');
const LIMITS = { maxBytes: 16 * 1024 * 1024, maxOperations: 5_000 };

export interface ImportFigures {
  /** `everbearer import` into a new SQLite store, milliseconds. */
  readonly wholeMs: number;
  /** Bytes to facts and rows, without child and store, milliseconds. */
  readonly pipelineMs: number;
  /** swagger-parser `validate` without external references, input not changed, milliseconds. */
  readonly swaggerParserMs: number;
  /** Peak resident memory of the import child, MiB; absent where the system doesn't tell (only Linux does). */
  readonly childPeakMb?: number;
}

export const IMPORT_LIMITS = {
  wholeMs: 2_500,
  childPeakMb: 250,
  /** How many times faster than swagger-parser, at least. */
  wholeRatio: 2,
  pipelineRatio: 3,
} as const;

/** A ratio may fall short of its limit by so much: machines are noisy. */
const TOLERANCE = 0.1;

/** @param rounds of all kinds, interleaved; the median of each counts */
export async function measureImport(rounds: number): Promise<ImportFigures> {
  const taken = { whole: [] as number[], pipeline: [] as number[], swaggerParser: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    taken.whole.push(await wholeImport());
    taken.pipeline.push(await timeScript(PIPELINE));
    taken.swaggerParser.push(await timeScript(SWAGGER_PARSER));
  }
  const childPeakMb = await measureChildPeak();
  return {
    wholeMs: median(taken.whole),
    pipelineMs: median(taken.pipeline),
    swaggerParserMs: median(taken.swaggerParser),
    ...(childPeakMb === undefined ? {} : { childPeakMb }),
  };
}

/** What is beyond its limit, in words; empty: nothing. */
export function importFaults(figures: ImportFigures, limits: typeof IMPORT_LIMITS = IMPORT_LIMITS): readonly string[] {
  const { wholeMs, childPeakMb = 0 } = figures;
  const { whole, pipeline } = ratios(figures);
  const faults: [boolean, string][] = [
    [wholeMs > limits.wholeMs, `the whole import takes ${wholeMs.toFixed(0)} ms, more than ${limits.wholeMs}`],
    [
      childPeakMb > limits.childPeakMb,
      `its child takes ${childPeakMb.toFixed(0)} MiB, more than ${limits.childPeakMb}`,
    ],
    [
      whole < limits.wholeRatio - TOLERANCE,
      `the whole import is ${whole.toFixed(2)} times as fast as swagger-parser, less than ${limits.wholeRatio}`,
    ],
    [
      pipeline < limits.pipelineRatio - TOLERANCE,
      `the pipeline is ${pipeline.toFixed(2)} times as fast as swagger-parser, less than ${limits.pipelineRatio}`,
    ],
  ];
  return faults.filter(([beyond]) => beyond).map(([, fault]) => fault);
}

function ratios({ wholeMs, pipelineMs, swaggerParserMs }: ImportFigures): { whole: number; pipeline: number } {
  return { whole: swaggerParserMs / wholeMs, pipeline: swaggerParserMs / pipelineMs };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = 0, high = low] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return (low + high) / 2;
}

async function wholeImport(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'everbearer-bench-'));
  try {
    const program = new URL('../src/cli/main.ts', import.meta.url).pathname;
    const store = `sqlite:${join(folder, 'everbearer.db')}`;
    return await timeNode([program, 'import', DOCUMENT, '--json', '--store', store]);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const PIPELINE = `
  import { createHash } from 'node:crypto';
  import { importDocument } from ${JSON.stringify(new URL('../src/openapi/import-document.ts', import.meta.url).href)};
  const sha256 = (text) => createHash('sha256').update(text).digest('hex');
  const outcome = importDocument(readFileSync(document), { limits: ${JSON.stringify(LIMITS)}, sha256 });
  if (outcome.outcome !== 'imported') throw new Error(JSON.stringify(outcome.finding));`;

const SWAGGER_PARSER = `
  import SwaggerParser from ${JSON.stringify(require.resolve('@apidevtools/swagger-parser'))};
  const value = JSON.parse(readFileSync(document, 'utf8'));
  await SwaggerParser.validate(value, { resolve: { external: false }, mutateInputSchema: false });`;

async function timeScript(script: string): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'everbearer-bench-'));
  const file = join(folder, 'script.mjs');
  const head = `import { readFileSync } from 'node:fs';\nconst document = ${JSON.stringify(DOCUMENT)};\n`;
  try {
    await writeFile(file, head + script);
    return await timeNode([file]);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function timeNode(args: readonly string[]): Promise<number> {
  const start = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const words: Buffer[] = [];
  child.stderr.on('data', (text: Buffer) => words.push(text));
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`exit ${code}: ${Buffer.concat(words).toString()}`);
  return performance.now() - start;
}

async function measureChildPeak(): Promise<number | undefined> {
  const reader = createImportProcess();
  let peak: number | undefined;
  const nothing = async (): Promise<void> => undefined;
  await reader.read(
    { name: DOCUMENT, bytes: await readFile(DOCUMENT) },
    { limits: LIMITS, strict: false },
    { facts: async () => true, operations: nothing, fragments: async () => void (peak = await childPeak()) },
  );
  await reader.close();
  return peak;
}

/** High-water mark of our one child, from procfs. */
async function childPeak(): Promise<number | undefined> {
  try {
    const [child = ''] = (await readFile(`/proc/self/task/${process.pid}/children`, 'utf8')).trim().split(' ');
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(await readFile(`/proc/${child}/status`, 'utf8')) ?? [];
    return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
  } catch {
    return undefined;
  }
}

function report(figures: ImportFigures): string {
  const { wholeMs, pipelineMs, swaggerParserMs, childPeakMb } = figures;
  const { whole, pipeline } = ratios(figures);
  const rows = [
    ['', 'ms', 'times as fast as swagger-parser'],
    ['everbearer import', wholeMs.toFixed(0), whole.toFixed(2)],
    ['pipeline alone', pipelineMs.toFixed(0), pipeline.toFixed(2)],
    ['swagger-parser validate', swaggerParserMs.toFixed(0), '1.00'],
  ];
  const lines = rows.map(([name = '', ms = '', ratio = '']) => `${name.padEnd(26)}${ms.padStart(8)}  ${ratio}`);
  return [...lines, `peak of the import child: ${childPeakMb?.toFixed(0) ?? 'unknown'} MiB`].join('\n');
}

if (import.meta.main) {
  const figures = await measureImport(Number(process.argv[2] ?? 5));
  console.log(report(figures));
  const faults = importFaults(figures);
  for (const fault of faults) console.error(fault);
  process.exitCode = faults.length === 0 ? 0 : 1;
}
