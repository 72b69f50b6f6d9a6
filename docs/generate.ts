/**
 * Makes the reference pages that follow from the code: `npm run docs` writes them, a test compares. The command line from its table of verbs, errors from
 * `ERROR_CODES`, findings from `FINDING_CODES`.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { ERROR_CODES, type ErrorCodeRow } from '../src/errors.ts';
import { defaultText, SETTINGS, type Setting } from '../src/cli/settings.ts';
import { VERBS } from '../src/cli/verbs.ts';
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

const EXIT_CODES: readonly (readonly string[])[] = [
  ['0', 'done'],
  ['1', 'the task or the provider said no'],
  ['2', 'wrong usage'],
  ['3', 'configuration: something is missing, or fits not'],
  ['4', 'the document was refused'],
  ['5', 'no token can be had'],
  ['6', 'the store cannot be used'],
  ['70', 'a bug of ours; `EVERBEARER_DEBUG=1` shows where'],
  ['130, 143', 'ended by Ctrl-C, by SIGTERM'],
];

function commandLinePage(): string {
  return [
    '# Command line',
    NOTE,
    'In a checkout: `npm run -s everbearer -- <verb> …`. Every verb has `--help` with examples and `--json`, which prints one JSON document on standard output and nothing else: the answer, or `{"error": {code, message, hint?, …}}`, whose codes are [here](errors.md). Progress and messages go to standard error. Colour is for terminals, and not with `NO_COLOR`.',
    'Values (`--from`, `--input`) are JSON as it stands, `@file`, or `-` for standard input. Secrets come from a prompt, standard input or a file and never need to stand on the command line.',
    table(['exit code', 'means'], EXIT_CODES),
    '## Settings',
    'One name in three spellings. A flag wins over a variable, a variable over the default. Every verb takes every flag; its help shows those that change what it does.',
    table(
      ['flag', 'variable', 'what', 'default'],
      SETTINGS.map((setting) => [
        `\`${setting.flags}\``,
        `\`${setting.variable}\``,
        coded(setting.description),
        setting.default === undefined ? '' : `\`${defaultText(setting)}\``,
      ]),
    ),
    'The library takes the same as options of `createEverbearer`, in the spelling of [the schema](../schemas/options.schema.json): `keyFile` for `--key-file`. There the default of `actor` is `library`, and `renewal` (`EVERBEARER_RENEWAL`) says whether tokens are renewed behind their users: `background`, the default; or `inline`, only when it is urgent, as the command line does.',
    ...VERBS.map(verbSection),
  ].join('\n\n');
}

function verbSection(verb: Verb): string {
  const usage = verb.arguments.map(({ name, required }) => (required === false ? `[${name}]` : `<${name}>`));
  const rows = [
    ...verb.arguments.map(({ name, description }) => [`\`<${name}>\``, coded(description)]),
    ...verb.flags.map(({ flags, description }) => [`\`${flags}\``, coded(description)]),
  ];
  const settings = SETTINGS.filter(({ option }) => verb.settings.includes(option)).map(flagAlone);
  return [
    `## ${verb.name}`,
    `${verb.summary[0]?.toUpperCase() ?? ''}${verb.summary.slice(1)}.`,
    `\`everbearer ${[verb.name, ...usage].join(' ')}\``,
    ...(rows.length === 0 ? [] : [table(['', ''], rows)]),
    `With \`--json\`: ${verb.answer}.`,
    ...(settings.length === 0 ? [] : [`Settings: ${settings.join(' ')}`]),
    `\`\`\`text\n${verb.examples.map((example) => `everbearer ${example}`).join('\n')}\n\`\`\``,
  ].join('\n\n');
}

/** What stands in angle brackets would be taken for HTML. */
function coded(text: string): string {
  return text.replaceAll(/[^\s,;]*<[^\s,;]+/g, '`$&`');
}

function flagAlone({ flags }: Setting): string {
  return `\`${flags.split(' ')[0] ?? ''}\``;
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
