/**
 * Makes the reference pages that follow from the code: `npm run docs` writes them, a test compares. The command line from its table of verbs, errors from
 * `ERROR_CODES`, findings from `FINDING_CODES`.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { ERROR_CODES, type ErrorCodeRow } from '../src/errors.ts';
import { SETTINGS, type Setting } from '../src/cli/settings.ts';
import { JSON_FLAG, VERBS } from '../src/cli/verbs.ts';
import type { Verb } from '../src/cli/verb.ts';
import { FINDING_CODES, type FindingCodeRow } from '../src/openapi/finding-codes.ts';

const NOTE = '<!-- Made by `npm run docs` from the code. Edit there. -->';

/** The pages by file name. */
export async function generatedPages(): Promise<ReadonlyMap<string, string>> {
  const pages = { 'cli.md': commandLinePage(), 'errors.md': errorsPage(), 'findings.md': findingsPage() };
  const config = (await resolveConfig(join(import.meta.dirname, 'cli.md'))) ?? {};
  const formatted = Object.entries(pages).map(
    async ([name, text]) => [name, await format(text, { ...config, parser: 'markdown' })] as const,
  );
  return new Map(await Promise.all(formatted));
}

function commandLinePage(): string {
  return [
    '# Command line',
    NOTE,
    'In a checkout: `npm run -s everbearer -- <verb> …`. Every verb has `--help` with examples and `--json`, which prints one JSON document on standard output and nothing else; progress and messages go to standard error. Secrets come from a prompt, standard input or a file.',
    'Exit codes: 0 done · 1 the task or the provider said no · 2 wrong usage · 3 configuration · 4 document refused · 5 token unavailable · 6 store unavailable · 70 a bug of ours.',
    ...VERBS.map(verbSection),
  ].join('\n\n');
}

function verbSection(verb: Verb): string {
  const usage = verb.arguments.map(({ name, required }) => (required === false ? `[${name}]` : `<${name}>`));
  const rows = [
    ...verb.arguments.map(({ name, description }) => [`\`<${name}>\``, description]),
    ...verb.flags.map(({ flags, description }) => [`\`${flags}\``, description]),
    ...SETTINGS.filter(({ option }) => verb.settings.includes(option)).map((setting) => [
      `\`${setting.flags}\``,
      settingText(setting),
    ]),
    [`\`${JSON_FLAG.flags}\``, JSON_FLAG.description],
  ];
  return [
    `## ${verb.name}`,
    `${verb.summary[0]?.toUpperCase() ?? ''}${verb.summary.slice(1)}.`,
    `\`everbearer ${[verb.name, ...usage].join(' ')}\``,
    table(['', ''], rows),
    `\`\`\`text\n${verb.examples.map((example) => `everbearer ${example}`).join('\n')}\n\`\`\``,
  ].join('\n\n');
}

function settingText(setting: Setting): string {
  return `${setting.description} Also \`${setting.variable}\`.`;
}

function errorsPage(): string {
  const rows = Object.entries<ErrorCodeRow>(ERROR_CODES).map(([code, { http, exit, retryable, meaning }]) => [
    `\`${code}\``,
    meaning,
    http === null ? '–' : String(http),
    String(exit),
    retryable ? 'yes' : 'no',
  ]);
  return [
    '# Errors',
    NOTE,
    'Everything that fails has one of these codes, a message that says what happened and where, and mostly a hint that says what to do. Codes without an HTTP status are outcomes of tasks: the response says `ok: false`. `retryable` says whether the same call may succeed later without anybody changing anything; a single case may differ, and then says so.',
    table(['code', 'meaning', 'HTTP', 'exit', 'retryable'], rows),
  ].join('\n\n');
}

function findingsPage(): string {
  const rows = Object.entries<FindingCodeRow>(FINDING_CODES).map(([code, { severity, meaning }]) => [
    `\`${code}\``,
    severity,
    meaning,
  ]);
  return [
    '# Findings of an import',
    NOTE,
    'What an import report can say about a document. An `error` refuses the document or the operation it names, a `warning` degrades what it names, an `info` is worth knowing. [Import](import.md) has the rules behind them.',
    table(['code', 'severity', 'meaning'], rows),
  ].join('\n\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

if (import.meta.main) {
  for (const [name, text] of await generatedPages()) await writeFile(join(import.meta.dirname, name), text);
}
