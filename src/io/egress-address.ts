/** What kind of place an IP address is, whatever notation hides it. Pure. */
import ipaddr from 'ipaddr.js';

/** `forbidden` is never reached; `private` (also carrier-grade NAT and reserved ranges) and `loopback` depend on the destination. */
export type AddressClass = 'public' | 'private' | 'loopback' | 'forbidden';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Instance metadata and host agents of clouds that lie outside the link-local ranges. */
const METADATA_ADDRESSES: ReadonlySet<string> = new Set([
  '100.100.100.200', // Alibaba
  '168.63.129.16', // Azure's host agent
  '192.0.0.192', // Oracle
  'fd00:ec2::254', // AWS
  'fd00:ec2::23', // AWS, container credentials
  'fd20:ce::254', // Google
]);

const RANGE_CLASSES: Readonly<Record<string, AddressClass>> = {
  unicast: 'public',
  as112: 'public',
  as112v6: 'public',
  amt: 'public',
  loopback: 'loopback',
  private: 'private',
  uniqueLocal: 'private',
  carrierGradeNat: 'private',
  reserved: 'private',
  benchmarking: 'private',
  deprecatedSiteLocal: 'private',
};

/** Names a range that the message can show, e.g. `link-local`. */
export function describeAddress(text: string): string {
  const address = parseAddress(text);
  if (address === undefined) return 'not an address';
  if (METADATA_ADDRESSES.has(address.toString())) return 'a cloud metadata address';
  return `in the ${address.range().replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} range`;
}

/** Anything that is not an address, and every range without a known meaning, is `forbidden`. */
export function classifyAddress(text: string): AddressClass {
  const address = parseAddress(text);
  if (address === undefined || METADATA_ADDRESSES.has(address.toString())) return 'forbidden';
  return RANGE_CLASSES[address.range()] ?? 'forbidden';
}

/** The address itself; of an IPv6 address that only carries an IPv4 one (mapped, NAT64, 6to4), the IPv4 address. */
export function parseAddress(text: string): Address | undefined {
  const bare = text.replace(/%.*$/, '');
  if (!ipaddr.isValid(bare)) return undefined;
  const address = ipaddr.parse(bare);
  return address instanceof ipaddr.IPv6 ? unwrap(address) : address;
}

/** Whether the address lies in the CIDR block; blocks of the other family never match. */
export function isInBlock(address: Address, block: readonly [Address, number]): boolean {
  const [base, bits] = block;
  if (address instanceof ipaddr.IPv4) return base instanceof ipaddr.IPv4 && address.match(base, bits);
  return base instanceof ipaddr.IPv6 && address.match(base, bits);
}

function unwrap(address: ipaddr.IPv6): Address {
  const range = address.range();
  if (range === '6to4') return embedded(address, 1);
  if (range === 'ipv4Mapped' || range === 'rfc6052' || range === 'rfc6145') return embedded(address, 6);
  return isCompatible(address) ? embedded(address, 6) : address;
}

/** `::a.b.c.d`, long deprecated (RFC 4291 §2.5.5.1) but still understood by some systems. `::` and `::1` are themselves. */
function isCompatible(address: ipaddr.IPv6): boolean {
  return address.range() === 'unicast' && address.parts.slice(0, 6).every((part) => part === 0);
}

function embedded(address: ipaddr.IPv6, firstPart: number): ipaddr.IPv4 {
  const bytes = address.toByteArray();
  return new ipaddr.IPv4(bytes.slice(firstPart * 2, firstPart * 2 + 4));
}
