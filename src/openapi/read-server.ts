/** Servers of a document, a path or an operation (OpenAPI 3.2 §4.6). */
import { isObject } from '../kernel/json.ts';
import {
  foreignRecord,
  objectField,
  present,
  standardEntries,
  textField,
  type ForeignObject,
} from './document-fields.ts';
import type { ReportServer } from './import-report.ts';
import type { Server, ServerVariable } from './operation.ts';
import { resolveUriReference, splitUri } from './uri-reference.ts';

const TEMPLATE = /\{([^{}]*)\}/g;

/** @returns `undefined` for what is no server: not an object, or without a URL */
export function readServer(value: unknown): Server | undefined {
  const url = textField(value, 'url')?.trim();
  if (!isObject(value) || url === undefined) return undefined;
  const description = textField(value, 'description');
  const variables = standardEntries(objectField(value, 'variables')).map(
    ([name, variable]) => [name, readVariable(variable)] as const,
  );
  return {
    url,
    ...present('description', description),
    ...(variables.length === 0 ? {} : { variables: foreignRecord(variables) }),
  };
}

function readVariable(value: unknown): ServerVariable {
  const declared: ForeignObject = isObject(value) ? value : {};
  const values = declared['enum'];
  const initial = declared['default'];
  const description = textField(declared, 'description');
  return {
    ...(isScalar(initial) ? { default: String(initial) } : {}),
    ...(Array.isArray(values) ? { enum: values.filter(isScalar).map(String) } : {}),
    ...present('description', description),
  };
}

/** An empty default is a default: `https://api{suffix}.example.com`. */
function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** Defaults by variable, of the first server that declares one. */
export function variableDefaults(servers: readonly Server[]): ReadonlyMap<string, string> {
  const declared = servers.flatMap((server) => Object.entries(server.variables ?? {}));
  const defaults = declared.flatMap(([name, variable]) =>
    variable.default === undefined ? [] : [[name, variable.default] as const],
  );
  return new Map(defaults.toReversed());
}

/** Fills `{name}` where there is a default for it; the others stay. */
export function fillVariables(template: string, defaults: ReadonlyMap<string, string>): string {
  return template.replaceAll(TEMPLATE, (written, name: string) => defaults.get(name) ?? written);
}

/** The `{names}` in a URL, each once. */
export function templateNames(url: string): readonly string[] {
  return [...new Set(Array.from(url.matchAll(TEMPLATE), ([, name = '']) => name))];
}

/** Whether a server URL says where the host is, or leaves that to a variable. */
export function hasHost(url: string): boolean {
  return splitUri(url).authority !== '' || url.startsWith('{');
}

/** A relative server URL is relative to where the document came from (OpenAPI 3.1 §4.8.5). */
export function locateServer(server: Server, documentUrl: string | undefined): Server {
  if (documentUrl === undefined || hasHost(server.url)) return server;
  return { ...server, url: resolveUriReference(server.url, documentUrl) };
}

/** With every variable that occurs or is declared; an undeclared one has no default. */
export function reportServer(server: Server): ReportServer {
  const declared = server.variables ?? {};
  const undeclared = templateNames(server.url).filter((name) => !Object.hasOwn(declared, name));
  const resolved = fillVariables(server.url, variableDefaults([server]));
  return {
    url: server.url,
    variables: foreignRecord([...Object.entries(declared), ...undeclared.map((name) => [name, {}] as const)]),
    ...(templateNames(resolved).length === 0 ? { resolved } : {}),
  };
}
