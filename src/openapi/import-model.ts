/** A parsed document of a known version → model and report (docs/import.md). */
import { own } from '../kernel/json.ts';
import { checkStructure } from './check-structure.ts';
import { present, textField } from './document-fields.ts';
import { documentFindings } from './document-findings.ts';
import { findingRow, type FindingCode } from './finding-codes.ts';
import { createFinding } from './finding.ts';
import { Fragments } from './fragments.ts';
import type { ImportParsedOptions } from './import-options.ts';
import type { Finding, ImportReport } from './import-report.ts';
import type { ImportOutcome, ModelFacts, RefusedDocument } from './imported-model.ts';
import { readIdentity, type ModelIdentity } from './model-identity.ts';
import { readModelOperations, type ModelOperations } from './model-operations.ts';
import {
  createSchemeNames,
  readModelSecurity,
  unusedSecurity,
  type ModelSecurity,
  type SchemeNames,
} from './model-security.ts';
import { readModelServers, readOwnServers, type ModelServers } from './model-servers.ts';
import { nameOperations, type OperationName } from './operation-ids.ts';
import { urlContext } from './oauth-url.ts';
import type { SecurityRequirement } from './operation.ts';
import { findOperations, type LocatedOperation } from './path-items.ts';
import { readSecurity } from './read-operation.ts';
import { reportServer } from './read-server.ts';
import { createReferences, type References } from './references.ts';
import { reportScheme } from './scheme-inputs.ts';
import type { SpecVersion } from './spec-version.ts';

export interface VersionedDocument {
  readonly document: unknown;
  readonly version: SpecVersion;
  /** The `$ref`s that lead out of it. */
  readonly externalReferences: readonly string[];
}

/** What is read of the document before its operations. */
interface Frame extends VersionedDocument {
  readonly references: References;
  readonly identity: ModelIdentity;
  readonly servers: ModelServers;
  readonly security: ModelSecurity;
  readonly schemeNames: SchemeNames;
  readonly requirements: readonly SecurityRequirement[];
}

export function importModel(source: VersionedDocument, options: ImportParsedOptions): ImportOutcome {
  const frame = readFrame(source, options);
  const located = findOperations(source.document, source.version.family, frame.references);
  const total = located.operations.length;
  if (total > options.limits.maxOperations) {
    const what = `The document has ${total} operations, the limit is ${options.limits.maxOperations}. `;
    return refuse('operations_exceeded', what, total, frame);
  }
  const names = nameOperations(
    located.operations.map(({ value, method, path }) => ({
      ...present('operationId', textField(value, 'operationId')),
      method,
      path,
    })),
    options.sha256,
  );
  const operations = readOperations(located.operations, names, frame, options);
  if (operations === undefined) return refuse('document_expands', '', total, frame);
  const findings = [
    ...(options.findings ?? []),
    ...frame.identity.findings,
    ...documentFindings({ ...source, operations: located.operations, names }),
    ...located.findings,
    ...frame.servers.findings,
    ...frame.security.findings,
    ...frame.schemeNames.findings(),
    ...unusedSecurity(frame.security.schemes, operations.secured || total === 0),
    ...operations.findings,
    ...checkStructure(source.document, source.version.family),
    ...(options.strictFindings ?? []),
  ];
  return {
    outcome: 'imported',
    facts: modelFacts(frame, createReport(frame, operations.counts, findings)),
    operations: operations.rows,
    fragments: operations.fragments,
  };
}

function readFrame(source: VersionedDocument, { documentUrl }: ImportParsedOptions): Frame {
  const { document, version } = source;
  const references = createReferences(document);
  const upgrade = version.family === '2.0';
  const servers = readModelServers({ document, upgrade, documentUrl });
  const hasPath = (path: string): boolean => own(own(document, 'paths'), path) !== undefined;
  const urls = urlContext(servers.servers, hasPath);
  const security = readModelSecurity({ document, upgrade, references, urls });
  const schemeNames = createSchemeNames(security.schemes);
  return {
    ...source,
    references,
    identity: readIdentity(document),
    servers,
    security,
    schemeNames,
    requirements: readSecurity(own(document, 'security'), schemeNames.nameOf) ?? [],
  };
}

function readOperations(
  located: readonly LocatedOperation[],
  names: readonly OperationName[],
  frame: Frame,
  { sha256, documentUrl }: ImportParsedOptions,
): ModelOperations | undefined {
  const { document, version, references, security, schemeNames, requirements } = frame;
  const upgrade = version.family === '2.0';
  return readModelOperations(located, names, {
    document,
    upgrade,
    references,
    sha256,
    security: requirements,
    schemeName: schemeNames.nameOf,
    ownServers: (operation) => readOwnServers(operation, { document, upgrade, documentUrl }),
    fragments: new Fragments(references, { dialect: version.dialect, sha256 }),
    schemes: new Set(security.schemes.filter(({ type }) => type !== 'unknown').map(({ name }) => name)),
  });
}

function refuse(code: FindingCode, what: string, total: number, frame: Frame): RefusedDocument {
  const finding = createFinding(code, `${what}${findingRow(code).meaning}`);
  const report = createReport(frame, { total, kept: 0, degraded: 0, refused: total }, [finding]);
  return { outcome: 'refused', code: 'document_refused', finding, report };
}

function createReport(
  { identity, version, servers, security }: Frame,
  operations: ImportReport['operations'],
  findings: readonly Finding[],
): ImportReport {
  return {
    versionId: identity.versionId,
    specVersion: version.text,
    title: identity.title,
    operations,
    servers: servers.servers.map(reportServer),
    securitySchemes: security.schemes.flatMap(reportScheme),
    findings,
  };
}

function modelFacts({ identity, version, servers, security, requirements }: Frame, report: ImportReport): ModelFacts {
  return {
    versionId: identity.versionId,
    kind: 'openapi',
    title: identity.title,
    version: identity.version,
    ...present('description', identity.description),
    specVersion: version.text,
    dialect: version.dialect,
    servers: servers.servers,
    securitySchemes: security.schemes,
    security: requirements,
    report,
  };
}
