/**
 * The egress guard: whether a request with an integration's secrets may go where it wants to. It decides twice: on the URL before anything is
 * resolved (which also covers literal addresses, for which no resolver is asked), and on each resolved address while connecting, so that a
 * name that changes its mind (DNS rebinding) changes nothing.
 */
import { isIP } from 'node:net';
import { BoundedCache } from '../kernel/bounded-cache.ts';
import type { Destination } from '../kernel/http-client.ts';
import { isPlainTarget } from '../kernel/plain-url.ts';
import { classifyAddress, describeAddress } from './egress-address.ts';
import { bareHost, parseHostList } from './egress-hosts.ts';

/** How many allowed origins a guard keeps; behind a CIDR block there may be any number. */
const KEPT_ORIGINS = 100;

/** Where an allowed URL leads. */
export interface EgressTarget {
  /** `scheme://host[:port]` */
  readonly origin: string;
  /** Path and query as they go on the request line. */
  readonly path: string;
  /** Without brackets and trailing dot. */
  readonly hostname: string;
  readonly port: number;
  readonly secure: boolean;
  /** Whose certificate TLS expects; `undefined` for literal addresses. */
  readonly servername: string | undefined;
}

export type UrlDecision =
  | { readonly allowed: true; readonly target: EgressTarget }
  | { readonly allowed: false; readonly origin: string; readonly reason: string };

export interface EgressGuard {
  decideUrl(url: string): UrlDecision;
  /** @returns why the address that the host resolved to must not be connected to; `undefined`: it may */
  findAddressFault(target: Pick<EgressTarget, 'hostname' | 'port' | 'secure'>, address: string): string | undefined;
  /** Whether a `Host` header may say this: behind one address, another name is another place. */
  namesHost(hostHeader: string, secure: boolean): boolean;
}

export function createEgressGuard(destination: Destination): EgressGuard {
  const hosts = parseHostList(destination.hosts);
  const privateHosts = parseHostList(destination.privateHosts);
  const allowedOrigins = new BoundedCache<string, EgressTarget>({ maxEntries: KEPT_ORIGINS });

  const findAddressFault: EgressGuard['findAddressFault'] = ({ hostname, port, secure }, address) => {
    const kind = classifyAddress(address);
    if (kind === 'forbidden') return `${address} is ${describeAddress(address)}, which is never allowed.`;
    if (!hosts.namesHost(hostname, port) && !hosts.coversAddress(address))
      return `Neither the host ${hostname}:${port} nor its address ${address} is on the integration's list; add it to egress.`;
    if (!secure && kind !== 'loopback' && !destination.allowHttp) return PLAIN_HTTP;
    if (kind === 'public' || destination.privateAddresses === 'open') return undefined;
    if (privateHosts.namesHost(hostname, port) || privateHosts.coversAddress(address)) return undefined;
    return `${address} is a ${kind} address, which this process reaches only where egress names it.`;
  };

  const findUrlFault = (url: URL, target: EgressTarget): string | undefined => {
    if (url.username !== '' || url.password !== '')
      return 'The URL holds a user name or password; put credentials into the authentication.';
    if (target.servername === undefined) return findAddressFault(target, target.hostname);
    if (!hosts.namesHost(target.hostname, target.port) && !hosts.hasBlocks)
      return `The host ${target.hostname}:${target.port} is not on the integration's list; add it to egress.`;
    if (!target.secure && !destination.allowHttp && !isLocalName(target.hostname)) return PLAIN_HTTP;
    return undefined;
  };

  const decideParsed = (text: string): UrlDecision => {
    const url = URL.parse(text);
    const target = url === null ? undefined : toTarget(url);
    if (url === null || target === undefined) return refused('', 'The URL is no absolute http or https URL.');
    const fault = findUrlFault(url, target);
    if (fault !== undefined) return refused(target.origin, fault);
    allowedOrigins.set(target.origin, target);
    return { allowed: true, target };
  };

  /** The decision depends on the origin alone: the same again, for a path that needs no parser. */
  const decideKnown = (text: string): UrlDecision | undefined => {
    const pathStart = text.indexOf('/', text.indexOf('://') + 3);
    const known = pathStart === -1 ? undefined : allowedOrigins.find(text.slice(0, pathStart));
    if (known === undefined) return undefined;
    const path = text.slice(pathStart);
    return isPlainTarget(path) ? { allowed: true, target: { ...known, path } } : undefined;
  };

  return {
    findAddressFault,
    decideUrl: (text) => decideKnown(text) ?? decideParsed(text),
    namesHost: (hostHeader, secure) => {
      if (!/^[^\s@/?#\\]+$/.test(hostHeader)) return false;
      const url = URL.parse(`${secure ? 'https' : 'http'}://${hostHeader}/`);
      return url !== null && hosts.namesHost(bareHost(url.hostname), portOf(url));
    },
  };
}

const PLAIN_HTTP = 'Plain http is used to loopback only; use https, or set allowHttp on the integration.';

function refused(origin: string, reason: string): UrlDecision {
  return { allowed: false, origin, reason };
}

function toTarget(url: URL): EgressTarget | undefined {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return undefined;
  const hostname = bareHost(url.hostname);
  return {
    origin: url.origin,
    path: url.pathname + url.search,
    hostname,
    port: portOf(url),
    secure: url.protocol === 'https:',
    servername: isIP(hostname) === 0 ? hostname : undefined,
  };
}

function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}

/** RFC 6761 §6.3. The addresses behind it are checked all the same. */
function isLocalName(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost');
}
