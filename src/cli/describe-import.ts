/** What an import did, for people. */
import { shellWord } from '../kernel/shell-word.ts';
import type { ImportResult, NameChanges } from '../model/import-result.ts';
import type { Finding, ImportReport, ReportSecurityScheme } from '../openapi/import-report.ts';
import { harmlessLine } from './harmless.ts';
import type { Paint } from './paint.ts';
import { facts, table } from './table.ts';

/** More findings than this are counted, not listed; `--json` has them all. */
const FINDINGS_SHOWN = 12;

/** @param isUsed whether an integration was made at once: nothing needs to be said of how to make one */
export function describeImport(paint: Paint, result: ImportResult, isUsed: boolean): string {
  const { versionId, outcome } = result;
  const next =
    outcome === 'checked' || isUsed
      ? []
      : ['', `Next: everbearer integrations create <name> --model ${shellWord(harmlessLine(versionId))}`];
  return [
    `${paint.good(outcome)} ${paint.strong(harmlessLine(versionId))}`,
    '',
    describeReport(paint, result.report),
    ...(result.diff === undefined
      ? []
      : [
          '',
          describeChanges('operations', result.diff.operations),
          describeChanges('security schemes', result.diff.securitySchemes),
        ]),
    ...next,
  ].join('\n');
}

export function describeReport(paint: Paint, report: ImportReport): string {
  const { total, kept, degraded, refused } = report.operations;
  const parts = [
    facts([
      ['document', `${report.title}, OpenAPI ${report.specVersion}`],
      [
        'operations',
        `${String(total)} (${String(kept)} kept, ${String(degraded)} degraded, ${String(refused)} refused)`,
      ],
      ...report.servers.map(({ url, resolved }, index): readonly [string, string] => [
        index === 0 ? 'servers' : '',
        resolved === undefined || resolved === url ? url : `${url} → ${resolved}`,
      ]),
    ]),
  ];
  if (report.securitySchemes.length > 0)
    parts.push('', paint.strong('Security schemes'), schemes(paint, report.securitySchemes));
  if (report.findings.length > 0) parts.push('', paint.strong('Findings'), findings(paint, report.findings));
  return parts.join('\n');
}

function schemes(paint: Paint, rows: readonly ReportSecurityScheme[]): string {
  return table(
    rows.map(({ name, type, flow, token_url: tokenUrl, token_url_source: source, inputs }) => [
      name,
      flow === undefined ? type : `${type} ${flow}`,
      [
        tokenUrl === undefined ? '' : `${tokenUrl} ${paint.dim(`(${source ?? ''})`)}`,
        inputs.length === 0 ? '' : paint.dim(`needs ${inputs.join(', ')}`),
      ]
        .filter((part) => part !== '')
        .join('  '),
    ]),
  );
}

function findings(paint: Paint, all: readonly Finding[]): string {
  const order = { error: 0, warning: 1, info: 2 } as const;
  const sorted = all.toSorted((a, b) => order[a.severity] - order[b.severity]);
  const shown = sorted.filter(isFirstOfItsPlace).slice(0, FINDINGS_SHOWN);
  const colour = { error: paint.bad, warning: paint.warn, info: paint.dim } as const;
  const lines = shown.map((finding) => {
    const place =
      finding.pointer ??
      (finding.line === undefined ? '' : `line ${String(finding.line)}, column ${String(finding.column ?? 1)}`);
    return `${colour[finding.severity](finding.severity.padEnd(7))}  ${finding.message}${place === '' ? '' : `\n         ${paint.dim(place)}`}`;
  });
  const rest = all.length - shown.length;
  return [...lines, ...(rest > 0 ? [paint.dim(`… and ${String(rest)} more; --json has them all`)] : [])].join('\n');
}

/** Of several findings at one place the worst is shown. */
function isFirstOfItsPlace({ pointer }: Finding, index: number, sorted: readonly Finding[]): boolean {
  return pointer === undefined || sorted.findIndex((other) => other.pointer === pointer) === index;
}

function describeChanges(what: string, { added, removed, changed }: NameChanges): string {
  return `${what}: ${String(added.length)} added, ${String(removed.length)} removed, ${String(changed.length)} changed`;
}
