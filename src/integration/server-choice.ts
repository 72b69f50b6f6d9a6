/**
 * Which server one request goes to, and where it may go then (OpenAPI Server Object: an operation's servers replace the document's). A person who points
 * the integration at a server of their own, one that is not in the document, is followed for every operation. Pure.
 */
import { EverbearerError } from '../errors.ts';
import type { Destination } from '../kernel/http-client.ts';
import type { Operation, Server } from '../openapi/operation.ts';
import { hostOf } from './destination.ts';
import type { OpenIntegration } from './open-integration.ts';
import { resolvedServerUrl } from './server-url.ts';

export interface ChosenServer {
  readonly url: string;
  readonly destination: Destination;
}

/**
 * @param requested the task input's own `server`
 * @throws EverbearerError `configuration_missing` without any server, `egress_refused` for a requested one that nobody listed
 */
export function chooseServer(integration: OpenIntegration, operation: Operation, requested?: string): ChosenServer {
  const own = operation.servers ?? [];
  if (requested !== undefined)
    return requestedServer(integration, [...own, ...integration.model.facts.servers], requested);
  const { baseUrl } = integration;
  const operationUrl = own.length === 0 ? undefined : firstResolved(own, baseUrl);
  if (operationUrl !== undefined && (baseUrl === undefined || isOfDocument(integration, baseUrl))) {
    return { url: operationUrl, destination: extended(integration.destination, operationUrl) };
  }
  if (baseUrl !== undefined) return { url: baseUrl, destination: integration.destination };
  throw new EverbearerError('configuration_missing', `"${integration.record.name}" has no server.`, {
    hint: `Set one: everbearer integrations set ${integration.record.name} --from '{"server":{"url":"https://…"}}'`,
  });
}

function requestedServer(integration: OpenIntegration, servers: readonly Server[], requested: string): ChosenServer {
  const url = requested.replace(/\/+$/, '');
  const isListed = servers.some(
    (server) => resolvedServerUrl(server, integration.baseUrl)?.replace(/\/+$/, '') === url,
  );
  if (isListed) return { url, destination: extended(integration.destination, url) };
  if (hostOf(url).some((host) => isNamed(integration.destination.privateHosts, host))) {
    return { url, destination: integration.destination };
  }
  throw new EverbearerError('egress_refused', "The input's server is neither one of the document's nor in egress.", {
    hint: 'Use a server of the document, or add its host to egress of the integration.',
    details: { servers: servers.map(({ url: listed }) => listed) },
  });
}

function isNamed(named: readonly string[], hostAndPort: string): boolean {
  return named.includes(hostAndPort) || named.includes(hostAndPort.replace(/:\d+$/, ''));
}

function firstResolved(servers: readonly Server[], base: string | undefined): string | undefined {
  for (const server of servers) {
    const url = resolvedServerUrl(server, base);
    if (url !== undefined) return url;
  }
  return undefined;
}

function isOfDocument({ model }: OpenIntegration, baseUrl: string): boolean {
  return model.facts.servers.some((server) => resolvedServerUrl(server)?.replace(/\/+$/, '') === baseUrl);
}

/** Destinations are compared by identity, so each extension is made once. */
const extensions = new WeakMap<Destination, Map<string, Destination>>();

function extended(destination: Destination, url: string): Destination {
  const [host] = hostOf(url);
  if (host === undefined || destination.hosts.includes(host)) return destination;
  const made = extensions.get(destination) ?? new Map<string, Destination>();
  extensions.set(destination, made);
  const known = made.get(host) ?? Object.freeze({ ...destination, hosts: [...destination.hosts, host] });
  made.set(host, known);
  return known;
}
