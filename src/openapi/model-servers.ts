/** The servers of a model, and those that operations have of their own. */
import { formatPointer } from '../kernel/json-pointer.ts';
import { listField, textList } from './document-fields.ts';
import { findingRow, type FindingCode } from './finding-codes.ts';
import { createFinding, named, quoted } from './finding.ts';
import type { Finding } from './import-report.ts';
import type { Server } from './operation.ts';
import type { LocatedOperation } from './path-items.ts';
import { fillVariables, hasHost, locateServer, readServer, templateNames, variableDefaults } from './read-server.ts';
import { operationSchemes, upgradeServers } from './upgrade-servers.ts';

export interface ServersContext {
  readonly document: unknown;
  /** Whether the document is OpenAPI 2.0. */
  readonly upgrade: boolean;
  readonly documentUrl: string | undefined;
}

export interface ModelServers {
  /** The first is the one chosen unless a person says otherwise. */
  readonly servers: readonly Server[];
  readonly findings: readonly Finding[];
}

export function readModelServers({ document, upgrade, documentUrl }: ServersContext): ModelServers {
  const written = upgrade
    ? upgradeServers(document, textList(listField(document, 'schemes')), documentUrl)
    : listField(document, 'servers');
  // Without `servers`, 3.x documents have the one server `/` (OpenAPI 3.2 §4.1.1).
  const effective = written.length === 0 && documentUrl !== undefined ? [{ url: '/' }] : written;
  const read = effective.map((server) => readServer(server));
  const servers = located(read, documentUrl);
  const findings = read.flatMap((server, index) => (server === undefined ? [unusable(index)] : []));
  return { servers, findings: [...findings, ...firstServerFindings(servers[0], upgrade)] };
}

/** Servers in force for an operation that overrides the model's; empty for one that does not. */
export function readOwnServers({ value, servers }: LocatedOperation, context: ServersContext): readonly Server[] {
  const own = context.upgrade ? upgradedOwn(value, context) : listField(value, 'servers');
  const written = own.length > 0 ? own : servers;
  return located(
    written.map((server) => readServer(server)),
    context.documentUrl,
  );
}

/** `schemes` of a 2.0 operation that are those of the document override nothing. */
function upgradedOwn(operation: unknown, { document, documentUrl }: ServersContext): readonly unknown[] {
  const schemes = operationSchemes(operation);
  const common = textList(listField(document, 'schemes'));
  if (schemes === undefined || schemes.every((scheme) => common.includes(scheme))) return [];
  return upgradeServers(document, schemes, documentUrl);
}

function located(servers: readonly (Server | undefined)[], documentUrl: string | undefined): readonly Server[] {
  return servers.flatMap((server) => (server === undefined ? [] : [locateServer(server, documentUrl)]));
}

function unusable(index: number): Finding {
  const pointer = formatPointer(['servers', index]);
  return createFinding('server_unusable', 'A server has no URL and was left out.', { pointer });
}

/** What a person has to know about the server that is used unless they name one. */
function firstServerFindings(server: Server | undefined, upgrade: boolean): readonly Finding[] {
  if (server === undefined) return [serverFinding('server_missing', '')];
  const place = upgrade ? {} : { pointer: '/servers/0' };
  const filled = fillVariables(server.url, variableDefaults([server]));
  const open = templateNames(filled);
  if (open.length > 0) {
    return [
      serverFinding('server_variable_undeclared', `In ${quoted(server.url)}, ${named(open)} has no default. `, place),
    ];
  }
  return hasHost(filled) ? [] : [serverFinding('server_relative', `The server is ${quoted(server.url)}. `, place)];
}

function serverFinding(code: FindingCode, what: string, place: { readonly pointer?: string } = {}): Finding {
  return createFinding(code, `${what}${findingRow(code).meaning}`, place);
}
