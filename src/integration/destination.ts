/** Where an integration's requests may go: the hosts of its server and token URLs and of `egress` (product.md "Where requests may go"). Pure. */
import { stepOrigins } from '../exchange/step-origins.ts';
import type { Destination } from '../kernel/http-client.ts';
import type { IntegrationSettings } from './integration-store.ts';
import type { SchemeCredentials } from './scheme-credentials.ts';

export interface DestinationOptions {
  /** Hosts or CIDRs of the process (`EVERBEARER_EGRESS`). */
  readonly egress: readonly string[];
  /** `named` for a server that listens beyond loopback. */
  readonly privateAddresses: 'open' | 'named';
}

export function destinationOf(
  settings: IntegrationSettings,
  baseUrl: string | undefined,
  credentials: Iterable<SchemeCredentials>,
  tlsKey: string | undefined,
  options: DestinationOptions,
): Destination {
  const named = [...(settings.egress ?? []), ...options.egress].map((host) => host.toLowerCase());
  const urls = [...(baseUrl === undefined ? [] : [baseUrl]), ...[...credentials].flatMap(tokenOrigins)];
  const { ca, certificate, rejectUnauthorized } = settings.tls;
  return Object.freeze({
    hosts: [...new Set([...urls.flatMap(hostOf), ...named])],
    allowHttp: settings.allowHttp === true,
    privateAddresses: options.privateAddresses,
    privateHosts: named,
    tls: Object.freeze({
      rejectUnauthorized,
      ...(ca === undefined ? {} : { ca }),
      ...(certificate === undefined ? {} : { certificate }),
      ...(tlsKey === undefined ? {} : { key: tlsKey }),
    }),
  });
}

/** `host:port` of an absolute URL; nothing for a template whose host is not literal. */
export function hostOf(url: string): readonly string[] {
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol) || /[{}]|%7b/i.test(parsed.hostname)) return [];
  const port = parsed.port === '' ? (parsed.protocol === 'https:' ? '443' : '80') : parsed.port;
  return [`${parsed.hostname}:${port}`];
}

function tokenOrigins(credentials: SchemeCredentials): readonly string[] {
  return credentials.kind === 'token' ? stepOrigins(credentials.exchange, credentials.inputs) : [];
}
