/** Where an integration's requests may go: the hosts of its server and token URLs and of `egress` (product.md "Where requests may go"). Pure. */
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
  const urls = [...(baseUrl === undefined ? [] : [baseUrl]), ...[...credentials].flatMap(tokenUrls)];
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

/** The URLs that an exchange names in its steps or gets as inputs. */
function tokenUrls(credentials: SchemeCredentials): readonly string[] {
  if (credentials.kind !== 'token') return [];
  const { exchange, inputs } = credentials;
  const given = ['token_url', 'refresh_url'].map((name) => inputs[name]).filter((url) => typeof url === 'string');
  const steps = [...exchange.acquire, ...(exchange.refresh ?? []), ...(exchange.end ?? [])].map(({ url }) => url);
  return [...given, ...steps];
}

/** `host:port` of an absolute URL; nothing for a template whose host is not literal. */
export function hostOf(url: string): readonly string[] {
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol) || /[{}]|%7b/i.test(parsed.hostname)) return [];
  const port = parsed.port === '' ? (parsed.protocol === 'https:' ? '443' : '80') : parsed.port;
  return [`${parsed.hostname}:${port}`];
}
