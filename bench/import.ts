/**
 * What an import costs, on GitHub's own description (13 MB, 1,223 operations), beside swagger-parser's `validate` on the same bytes.
 * Run: `node bench/import.ts`. Every figure is a process of its own, cold, from its start to its result; the kinds take turns, medians are shown.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createImportProcess } from '../src/io/import-process.ts';
import type { Gate } from './gate.ts';
import { median, medianRatio } from './rounds.ts';

const require = createRequire(import.meta.url);
const DOCUMENT = require.resolve('@octokit/openapi/generated/api.github.com.json');
const LIMITS = { maxBytes: 16 * 1024 * 1024, maxOperations: 5_000 };

interface ImportFigures {
  /** `everbearer import` into a new SQLite store, milliseconds. */
  readonly wholeMs: readonly number[];
  /** Bytes to facts and rows, without child and store, milliseconds. */
  readonly pipelineMs: readonly number[];
  /** swagger-parser `validate` without external references, input not changed, milliseconds. */
  readonly swaggerParserMs: readonly number[];
  /** Peak resident memory of the import child, MiB; absent where the system doesn't tell (only Linux does). */
  readonly childPeakMb?: number;
}

/**
 * Time and memory of the whole import; whole and pipeline to swagger-parser's `validate`. The gates leave room for a shared machine: the import is two
 * processes on two cores, so a third one that is busy costs it more than it costs the peer.
 */
export async function gates(rounds = 3): Promise<readonly Gate[]> {
  const figures = await measure(rounds);
  const { whole, pipeline } = ratios(figures);
  const { childPeakMb } = figures;
  return [
    { name: 'importing 13 MB, ms', value: median(figures.wholeMs), better: 'lower', goal: 2_500, gate: 5_000 },
    { name: 'importing 13 MB: times as fast as swagger-parser', value: whole, better: 'higher', goal: 2, gate: 1.4 },
    {
      name: 'the import pipeline: times as fast as swagger-parser',
      value: pipeline,
      better: 'higher',
      goal: 3,
      gate: 2.3,
    },
    ...(childPeakMb === undefined ? [] : [peakGate(childPeakMb)]),
  ];
}

function peakGate(value: number): Gate {
  return { name: 'peak of the import child, MiB', value, better: 'lower', goal: 250, gate: 250 };
}

/** Each kind once a round, so that what disturbs one disturbs all. */
async function measure(rounds: number): Promise<ImportFigures> {
  const wholeMs: number[] = [];
  const pipelineMs: number[] = [];
  const swaggerParserMs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    wholeMs.push(await wholeImport());
    pipelineMs.push(await timeScript(PIPELINE));
    swaggerParserMs.push(await timeScript(SWAGGER_PARSER));
  }
  const childPeakMb = await measureChildPeak();
  return { wholeMs, pipelineMs, swaggerParserMs, ...(childPeakMb === undefined ? {} : { childPeakMb }) };
}

/** How many times as fast as swagger-parser: rates of the same round, compared. */
function ratios({ wholeMs, pipelineMs, swaggerParserMs }: ImportFigures): { whole: number; pipeline: number } {
  return { whole: medianRatio(swaggerParserMs, wholeMs), pipeline: medianRatio(swaggerParserMs, pipelineMs) };
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

function table(figures: ImportFigures): Readonly<Record<string, Readonly<Record<string, number>>>> {
  const { whole, pipeline } = ratios(figures);
  const row = (ms: readonly number[], ratio: number): Readonly<Record<string, number>> => ({
    ms: Math.round(median(ms)),
    'times as fast': Number(ratio.toFixed(2)),
  });
  return {
    'everbearer import': row(figures.wholeMs, whole),
    'pipeline alone': row(figures.pipelineMs, pipeline),
    'swagger-parser validate': row(figures.swaggerParserMs, 1),
  };
}

if (import.meta.main) {
  const figures = await measure(5);
  console.table(table(figures));
  console.log(`peak of the import child: ${figures.childPeakMb?.toFixed(0) ?? 'unknown'} MiB`);
}
