/** The 20 real documents, against the facts that their manifest states. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ReportSecurityScheme, UrlSource } from '../../src/openapi/import-report.ts';
import type { ImportedDocument, ImportOutcome } from '../../src/openapi/imported-model.ts';
import { CASES, hasCorpus } from '../corpus/shared-corpus.ts';
import { importAny } from './import-text.ts';

interface ExpectedFlow {
  readonly scheme: string;
  readonly flow: string;
  readonly token_url: string | null;
  readonly token_url_source: UrlSource;
  readonly refresh_url: string | null;
  readonly refresh_url_source: UrlSource;
}

interface Case {
  readonly file: string;
  readonly version: string;
  readonly title: string;
  readonly operations: number;
  readonly missingOperationId: number;
  readonly duplicateOperationId: number;
  readonly servers: readonly { readonly url: string; readonly vars?: Readonly<Record<string, string>> }[];
  readonly host: { readonly host?: string; readonly basePath?: string; readonly schemes?: readonly string[] } | null;
  readonly schemes: readonly { readonly name: string; readonly type: string | null }[];
  readonly oauth2Flows: readonly {
    readonly scheme: string;
    readonly flow: string;
    readonly scopes: number | string | null;
  }[];
  readonly import: string;
  readonly expected: readonly ExpectedFlow[] | null;
}

const available = hasCorpus();
const cases = available ? (JSON.parse(readFileSync(join(CASES, 'MANIFEST.json'), 'utf8')) as readonly Case[]) : [];
const accepted = cases.filter((known) => known.import === 'ok');

const outcomes = new Map<string, ImportOutcome>();

function outcomeOf({ file }: Case): ImportOutcome {
  const outcome = outcomes.get(file) ?? importAny(readFileSync(join(CASES, file)));
  outcomes.set(file, outcome);
  return outcome;
}

function importedCase(known: Case): ImportedDocument {
  const outcome = outcomeOf(known);
  if (outcome.outcome === 'refused') throw new Error(`${known.file} is refused: ${outcome.finding.message}`);
  return outcome;
}

function serverUrls({ servers, host }: Case): readonly string[] {
  if (host === null) return servers.map(({ url }) => url);
  const origins =
    host.host === undefined ? [''] : (host.schemes ?? []).map((scheme) => `${scheme}://${host.host ?? ''}`);
  return origins.map((origin) => `${origin}${host.basePath ?? ''}`);
}

const MODERN_FLOWS: Readonly<Record<string, string>> = {
  application: 'clientCredentials',
  accessCode: 'authorizationCode',
};

function expectedRow(row: ReportSecurityScheme): ExpectedFlow {
  return {
    scheme: row.name,
    flow: row.flow ?? '',
    token_url: row.token_url ?? null,
    token_url_source: row.token_url_source ?? 'missing',
    refresh_url: row.refresh_url ?? null,
    refresh_url_source: row.refresh_url_source ?? 'missing',
  };
}

describe.skipIf(!available)('the 20 cases', () => {
  it('are 20, of which one is refused', () => {
    expect(cases).toHaveLength(20);
    expect(accepted).toHaveLength(19);
  });

  it.each(accepted)('$file: version, title and operations', (known) => {
    const { facts, operations } = importedCase(known);
    expect(facts.specVersion).toBe(known.version);
    expect(facts.title).toBe(known.title);
    expect(facts.versionId).toBe(`${known.title}:${facts.version}`);
    expect(facts.report.operations.total).toBe(known.operations);
    expect(operations).toHaveLength(known.operations);
    expect(operations.filter(({ duplicateOf }) => duplicateOf !== undefined)).toHaveLength(known.duplicateOperationId);
    const made = facts.report.findings.filter(({ code }) => code === 'operation_ids_made');
    expect(made).toHaveLength(known.missingOperationId > 0 ? 1 : 0);
    if (known.missingOperationId > 0) expect(made[0]?.message).toContain(`${known.missingOperationId} operations`);
  });

  it.each(accepted)('$file: servers with their variables', (known) => {
    const { servers } = importedCase(known).facts.report;
    expect(servers.map(({ url }) => url)).toEqual(serverUrls(known));
    const defaults = servers.map(({ variables }) =>
      Object.fromEntries(
        Object.entries(variables).flatMap(([name, value]) =>
          value.default === undefined ? [] : [[name, value.default]],
        ),
      ),
    );
    expect(defaults.slice(0, known.servers.length)).toEqual(known.servers.map(({ vars }) => vars ?? {}));
  });

  it.each(accepted)('$file: security schemes and flows', (known) => {
    const { securitySchemes } = importedCase(known).facts;
    expect(securitySchemes.map(({ name, type }) => ({ name, type }))).toEqual(
      known.schemes.map(({ name, type }) => ({ name, type: type ?? 'unknown' })),
    );
    const flows = securitySchemes.flatMap((scheme) =>
      scheme.type === 'oauth2'
        ? scheme.flows.map(({ flow, scopes }) => ({ scheme: scheme.name, flow, scopes: scopes.length }))
        : [],
    );
    expect(flows).toEqual(
      known.oauth2Flows.map(({ scheme, flow, scopes }) => ({
        scheme,
        flow: MODERN_FLOWS[flow] ?? flow,
        scopes: typeof scopes === 'number' ? scopes : 0,
      })),
    );
  });

  it.each(accepted)('$file: token and refresh URLs', (known) => {
    const { securitySchemes } = importedCase(known).facts.report;
    const rows = securitySchemes.filter(({ flow }) => flow === 'password' || flow === 'clientCredentials');
    expect(rows.map(expectedRow)).toEqual(known.expected);
  });

  it.each(accepted)('$file: a URL that a person must complete is among the inputs', (known) => {
    for (const row of importedCase(known).facts.report.securitySchemes) {
      const open = row.token_url_source === 'missing' || row.token_url_source === 'incomplete';
      if (row.flow === 'password' || row.flow === 'clientCredentials')
        expect(row.inputs.includes('token_url')).toBe(open);
    }
  });

  it.each(cases.filter((known) => known.import !== 'ok'))('$file is $import', (known) => {
    const outcome = outcomeOf(known);
    if (outcome.outcome !== 'refused') throw new Error('imported');
    expect(outcome.code).toBe('document_refused');
    expect(`refused at ${outcome.finding.line ?? 0}:${outcome.finding.column ?? 0}`).toBe(known.import);
  });
});
