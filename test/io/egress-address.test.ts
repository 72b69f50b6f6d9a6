import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { classifyAddress } from '../../src/io/egress-address.ts';

describe('classifyAddress', () => {
  test.each([
    ['93.184.216.34', 'public'],
    ['2606:4700::1111', 'public'],
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['::1', 'loopback'],
    ['10.1.2.3', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.0.1', 'private'],
    ['100.64.0.1', 'private'],
    ['198.18.0.1', 'private'],
    ['fd12:3456::1', 'private'],
    ['fec0::1', 'private'],
    ['0.0.0.0', 'forbidden'],
    ['0.1.2.3', 'forbidden'],
    ['::', 'forbidden'],
    ['169.254.169.254', 'forbidden'],
    ['169.254.0.1', 'forbidden'],
    ['fe80::1', 'forbidden'],
    ['fe80::1%eth0', 'forbidden'],
    ['fd00:ec2::254', 'forbidden'],
    ['fd00:0ec2:0:0:0:0:0:254', 'forbidden'],
    ['100.100.100.200', 'forbidden'],
    ['168.63.129.16', 'forbidden'],
    ['224.0.0.1', 'forbidden'],
    ['ff02::1', 'forbidden'],
    ['255.255.255.255', 'forbidden'],
    ['2001:0:4136:e378::1', 'forbidden'],
    ['localhost', 'forbidden'],
    ['', 'forbidden'],
  ])('%s is %s', (address, kind) => {
    expect(classifyAddress(address)).toBe(kind);
  });

  test.each(['::ffff:', '::ffff:0:', '64:ff9b::', '::'])('what %s carries is judged as the IPv4 address', (prefix) => {
    expect(classifyAddress(`${prefix}169.254.169.254`)).toBe('forbidden');
    expect(classifyAddress(`${prefix}127.0.0.1`)).toBe('loopback');
    expect(classifyAddress(`${prefix}10.0.0.1`)).toBe('private');
    expect(classifyAddress(`${prefix}8.8.8.8`)).toBe('public');
  });

  test('6to4 is judged as the IPv4 address that it carries', () => {
    expect(classifyAddress('2002:a9fe:a9fe::1')).toBe('forbidden');
    expect(classifyAddress('2002:0808:0808::1')).toBe('public');
  });

  test('no notation makes a forbidden IPv4 address anything else', () => {
    const linkLocal = fc.tuple(fc.constant(169), fc.constant(254), fc.nat(255), fc.nat(255));
    fc.assert(
      fc.property(linkLocal, fc.constantFrom('', '::ffff:', '64:ff9b::', '::ffff:0:'), (bytes, prefix) => {
        expect(classifyAddress(prefix + bytes.join('.'))).toBe('forbidden');
      }),
    );
  });
});
