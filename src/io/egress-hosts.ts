/** A list of `host`, `host:port` and CIDR entries, made ready for matching. Pure. */
import ipaddr from 'ipaddr.js';
import { isInBlock, parseAddress } from './egress-address.ts';

export interface HostList {
  /** Whether the list names the host itself: a name or a literal address, lower case, without brackets. */
  namesHost(hostname: string, port: number): boolean;
  /** Whether a CIDR entry covers the address. */
  coversAddress(address: string): boolean;
  /** Whether there is any CIDR entry. */
  readonly hasBlocks: boolean;
}

type Block = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

/** Entries that cannot be read match nothing. */
export function parseHostList(entries: readonly string[]): HostList {
  const names = new Set(entries.filter((entry) => !entry.includes('/')).map(normalizeEntry));
  const blocks = entries.flatMap((entry) => parseBlock(entry) ?? []);
  return {
    hasBlocks: blocks.length > 0,
    namesHost: (hostname, port) => names.has(hostname) || names.has(`${hostname} ${port}`),
    coversAddress: (text) => {
      const address = blocks.length === 0 ? undefined : parseAddress(text);
      return address !== undefined && blocks.some(({ block }) => isInBlock(address, block));
    },
  };
}

/** The host of a URL as lists hold it: no brackets, no trailing dot (`example.com.` is `example.com`). */
export function bareHost(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname.replace(/\.$/, '');
}

/** `host` or `host port`: a blank can stand in neither, so that keys never run into each other. */
function normalizeEntry(entry: string): string {
  const bracketed = ipaddr.IPv6.isValid(entry) ? `[${entry}]` : entry;
  const parts = /^(?<host>\[[^\]]*\]|[^:/?#@\\]+)(?::(?<port>\d{1,5}))?$/.exec(bracketed.trim());
  const host = parts?.groups?.['host'];
  const url = host === undefined ? null : URL.parse(`http://${host}/`);
  if (url === null) return '';
  const port = parts?.groups?.['port'];
  return port === undefined ? bareHost(url.hostname) : `${bareHost(url.hostname)} ${Number(port)}`;
}

function parseBlock(entry: string): { readonly block: Block } | undefined {
  if (!entry.includes('/')) return undefined;
  try {
    return { block: ipaddr.parseCIDR(entry.trim()) };
  } catch {
    return undefined;
  }
}
