/**
 * Makes the reference pages that follow from the code: `npm run docs` writes them, a test compares. The command line from its table of verbs, errors from
 * `ERROR_CODES`, findings from `FINDING_CODES`, metrics, spans and events from `METRICS`, `SPAN_ATTRIBUTES` and `EVENT_DETAILS`.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { ERROR_CODES, type ErrorCodeRow } from '../src/errors.ts';
import { defaultText, SETTINGS, type Setting } from '../src/cli/settings.ts';
import { VERBS } from '../src/cli/verbs.ts';
import type { Verb } from '../src/cli/verb.ts';
import { EVENT_DETAILS } from '../src/kernel/event.ts';
import { METRICS, OTHER_VALUE, type MetricLabel, type MetricRow } from '../src/kernel/metrics.ts';
import { SPAN_ATTRIBUTES } from '../src/kernel/tracer.ts';
import { FINDING_CODES, type FindingCodeRow } from '../src/openapi/finding-codes.ts';

const NOTE = '<!-- Made by `npm run docs` from the code. Edit there. -->';

/** The pages by file name. */
export async function generatedPages(): Promise<ReadonlyMap<string, string>> {
  const pages = {
    'cli.md': commandLinePage(),
    'errors.md': errorsPage(),
    'findings.md': findingsPage(),
    'metrics.md': metricsPage(),
  };
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

function metricsPage(): string {
  return [
    '# Metrics, spans and events',
    NOTE,
    'Three ways to see what tokens and tasks do: metrics for how much and how fast, spans for one call, events for the history of a token. None of them ever says a secret, a token, a header, a query or a body.',
    '## Metrics',
    "`await everbearer.metrics.text()` gives them in Prometheus' text format, `everbearer.metrics.contentType` names it. They stand in a registry of their own and count what this process does: sum over the workers. Series with fixed labels begin at 0.",
    `No label names an integration: a million of them would be a million series; spans and events name it. A label says one of the values below, or is open: a process then tells so many different values apart, and whatever comes later is \`${OTHER_VALUE}\`. An empty label is an absent one.`,
    table(
      ['metric', 'kind', 'labels', 'meaning'],
      Object.entries<MetricRow>(METRICS).map(([name, { kind, labels, help }]) => [
        `\`${name}\``,
        kind,
        Object.keys(labels)
          .map((label) => `\`${label}\``)
          .join(', '),
        help,
      ]),
    ),
    '### Labels',
    table(
      ['metric', 'label', 'values'],
      Object.entries<MetricRow>(METRICS).flatMap(([name, { labels }]) =>
        Object.entries(labels).map(([label, values]) => [`\`${name}\``, `\`${label}\``, labelValues(values)]),
      ),
    ),
    '### Buckets',
    table(
      ['histogram', 'upper bounds, seconds'],
      Object.entries<MetricRow>(METRICS)
        .filter(([, { kind }]) => kind === 'histogram')
        .map(([name, { buckets = [] }]) => [`\`${name}\``, buckets.join(', ')]),
    ),
    '### Questions',
    table(['question', 'PromQL'], QUESTIONS),
    '## Spans',
    "Spans go to the OpenTelemetry SDK that the process has registered, whichever it is; without one they cost next to nothing. A task is the span `everbearer.task` (internal) under the caller's. Beneath it each HTTP request to the API is a client span named after its method: a request that was sent again is a second span with `http.request.resend_count`, so both statuses show. A token request is the client span `everbearer.token_request`, with the requests of its steps beneath it; it stands under the task that made it, and other tasks that wait for it have no span of it.",
    'URLs are left out, paths too: some APIs take keys there. Failures are a status and `error.type`, never a message.',
    table(
      ['attribute', 'says'],
      Object.entries(SPAN_ATTRIBUTES).map(([name, meaning]) => [`\`${name}\``, meaning]),
    ),
    '## Events',
    'Every attempt to get a token, and every edit, leaves one event in the store: `everbearer events` lists them. Beside type, actor, reason, outcome, code, version and latency it may have these `details`, and no others:',
    table(
      ['detail', 'says'],
      Object.entries(EVENT_DETAILS).map(([name, meaning]) => [`\`${name}\``, meaning]),
    ),
  ].join('\n\n');
}

function labelValues(label: MetricLabel): string {
  return 'atMost' in label ? `open, at most ${label.atMost}` : label.map((value) => `\`${value}\``).join(', ');
}

/** What an operator asks first. A test holds their names to the table. */
const QUESTIONS: readonly (readonly string[])[] = [
  ['Do calls get tokens at once?', '`sum by (state) (rate(everbearer_token_gets_total[5m]))`'],
  ['Is anything blocked or cooling?', '`sum by (state) (increase(everbearer_token_barred_total[15m]))`'],
  [
    'Do token endpoints answer?',
    '`sum by (grant, class) (rate(everbearer_token_request_duration_seconds_count{outcome="failed"}[5m]))`',
  ],
  [
    'How long do calls wait for tokens?',
    '`histogram_quantile(0.99, sum by (le) (rate(everbearer_token_wait_seconds_bucket[5m])))`',
  ],
  [
    'How fast is the API?',
    '`histogram_quantile(0.95, sum by (le, server_address) (rate(http_client_request_duration_seconds_bucket{everbearer_purpose="task"}[5m])))`',
  ],
  ['Which tasks fail?', '`sum by (outcome) (rate(everbearer_tasks_total{outcome!="ok"}[5m]))`'],
  ['Does the store answer?', '`sum(rate(everbearer_token_stale_served_total[5m]))`'],
];

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

if (import.meta.main) {
  for (const [name, text] of await generatedPages()) await writeFile(join(import.meta.dirname, name), text);
}
