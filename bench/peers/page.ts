/** The tables of docs/comparison.md: what stands between the markers is the command's, the rest of the page is a person's. */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { CONTENDERS, type ContenderName } from './contenders.ts';
import type { Outcome } from './measure.ts';
import type { Workload } from './workloads.ts';

export interface WorkloadResult {
  readonly workload: Workload;
  readonly outcomes: ReadonlyMap<ContenderName, Outcome>;
}

const PAGE = fileURLToPath(new URL('../../docs/comparison.md', import.meta.url));
const BEGIN = '<!-- Made by `npm run bench:peers`, from here … -->';
const END = '<!-- … to here. -->';

const HEAD = ['', 'token requests', 'failed tasks', 'lost refresh tokens', 'locked accounts', 'replays'];

/** @throws {Error} where the page lacks its markers */
export async function writeTables(results: readonly WorkloadResult[]): Promise<void> {
  const page = await readFile(PAGE, 'utf8');
  const [before, after] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (before < 0 || after < before) throw new Error(`${PAGE} has no place for the tables: ${BEGIN} ${END}`);
  const text = page.slice(0, before + BEGIN.length) + sections(results) + page.slice(after);
  await writeFile(PAGE, await format(text, { ...(await resolveConfig(PAGE)), parser: 'markdown' }));
}

function sections(results: readonly WorkloadResult[]): string {
  return results
    .map(({ workload, outcomes }) => `\n\n### ${workload.title}\n\n${workload.text}\n\n${table(outcomes)}\n\n`)
    .join('');
}

function table(outcomes: ReadonlyMap<ContenderName, Outcome>): string {
  const rows = [...outcomes].map(([name, outcome]) => [CONTENDERS[name].title, ...cells(outcome)]);
  const rule = HEAD.map((_, column) => (column === 0 ? '---' : '---:'));
  return [HEAD, rule, ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function cells(outcome: Outcome): readonly string[] {
  const { tokenRequests, tasks, failures, lostRefreshTokens, lockedAccounts, replays } = outcome;
  const lost = lostRefreshTokens === undefined ? '–' : String(lostRefreshTokens);
  return [String(tokenRequests), `${failures.length} of ${tasks}`, lost, String(lockedAccounts), String(replays)];
}
