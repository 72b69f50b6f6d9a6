/** Whether the hosts of integrations can be connected to. Nothing is sent. */
import { connect } from 'node:net';
import { EverbearerError } from '../errors.ts';
import type { IntegrationView } from '../integration/integrations-face.ts';
import { isObject, own, type Json } from '../kernel/json.ts';

export interface RequestHost {
  /** As in a URL: an IPv6 address without its brackets. */
  readonly host: string;
  readonly port: number;
  /** Of the integrations whose requests go there. */
  readonly integrations: readonly string[];
}

const CONNECT_MS = 3_000;
const HINT = 'Check the name, the DNS, and whether a firewall lets this machine out; or correct the integration.';

/** The hosts of servers and token URLs, each once. */
export function hostsOf(integrations: readonly IntegrationView[]): readonly RequestHost[] {
  const hosts = new Map<string, { readonly host: string; readonly port: number; readonly users: Set<string> }>();
  for (const { name, server, authentication } of integrations) {
    for (const url of [serverUrl(server), ...Object.values(authentication).flatMap(tokenUrls)]) {
      const parsed = url === undefined || !URL.canParse(url) ? undefined : new URL(url);
      if (parsed === undefined || parsed.hostname === '') continue;
      const port = parsed.port === '' ? (parsed.protocol === 'http:' ? 80 : 443) : Number(parsed.port);
      const host = parsed.hostname.replace(/^\[(.*)\]$/, '$1');
      const known = hosts.get(`${host} ${port}`) ?? { host, port, users: new Set() };
      known.users.add(name);
      hosts.set(`${host} ${port}`, known);
    }
  }
  return [...hosts.values()].map(({ host, port, users }) => ({ host, port, integrations: [...users] }));
}

function serverUrl(server: Json): string | undefined {
  if (!isObject(server)) return undefined;
  const { url, protocol, host, port } = server;
  if (typeof url === 'string') return url;
  if (typeof host !== 'string') return undefined;
  const scheme = typeof protocol === 'string' ? protocol : 'https';
  return `${scheme}://${host}${typeof port === 'number' ? `:${port}` : ''}`;
}

function tokenUrls(values: Json): readonly (string | undefined)[] {
  return ['token_url', 'refresh_url'].map((name) => {
    const url = own(values, name);
    return typeof url === 'string' ? url : undefined;
  });
}

/** @throws EverbearerError `api_unreachable` */
export async function checkReachable({ host, port, integrations }: RequestHost): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const socket = connect({ host, port, timeout: CONNECT_MS });
  socket
    .on('connect', () => {
      resolve(undefined);
    })
    .on('timeout', () => {
      reject(new Error('no answer'));
    })
    .on('error', reject);
  const name = `${host}:${port} (${integrations.join(', ')})`;
  try {
    await promise;
    return `${name} can be reached`;
  } catch (error) {
    const reason = isObject(error) && typeof error['code'] === 'string' ? error['code'] : 'no answer';
    throw new EverbearerError('api_unreachable', `${name} cannot be reached: ${reason}.`, { hint: HINT });
  } finally {
    socket.destroy();
  }
}
