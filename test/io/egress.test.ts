import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createEgressGuard } from '../../src/io/egress.ts';
import type { Destination } from '../../src/kernel/http-client.ts';

const PLAIN: Destination = {
  hosts: ['api.example.com'],
  allowHttp: false,
  privateAddresses: 'named',
  privateHosts: [],
  tls: { rejectUnauthorized: true },
};

function guardOf(overrides: Partial<Destination>): ReturnType<typeof createEgressGuard> {
  return createEgressGuard({ ...PLAIN, ...overrides });
}

describe('a URL against the list', () => {
  test.each<[listed: string, url: string, allowed: boolean]>([
    ['api.example.com', 'https://api.example.com/a', true],
    ['api.example.com', 'https://API.Example.COM./a', true],
    ['API.example.com', 'https://api.example.com:8443/', true],
    ['api.example.com:8443', 'https://api.example.com:8443/', true],
    ['api.example.com:8443', 'https://api.example.com/', false],
    ['api.example.com:443', 'https://api.example.com/', true],
    ['api.example.com', 'https://api.example.com.evil.net/', false],
    ['api.example.com', 'https://evil.net/api.example.com', false],
    ['example.com', 'https://api.example.com/', false],
    ['münchen.example', 'https://xn--mnchen-3ya.example/', true],
    ['8.8.8.8', 'https://8.8.8.8/', true],
    ['8.8.8.8', 'https://134744072/', true],
    ['8.8.8.8', 'https://0x08080808/', true],
    ['8.8.8.0/24', 'https://8.8.8.8/', true],
    ['8.8.8.0/24', 'https://8.8.9.8/', false],
    ['8.8.8.0/24', 'https://[::ffff:8.8.8.8]/', true],
    ['2606:4700::/32', 'https://[2606:4700::1]/', true],
    ['2606:4700::1', 'https://[2606:4700:0:0::1]/', true],
    ['[2606:4700::1]:8443', 'https://[2606:4700::1]:8443/', true],
    ['[2606:4700::1]:8443', 'https://[2606:4700::1]/', false],
    ['not a host', 'https://api.example.com/', false],
    ['999.0.0.0/8', 'https://9.0.0.1/', false],
    ['', 'https://api.example.com/', false],
  ])('%j lets %s through: %s', (listed, url, allowed) => {
    expect(guardOf({ hosts: [listed] }).decideUrl(url).allowed).toBe(allowed);
  });

  test.each([
    '',
    'api.example.com/a',
    '/a',
    'ftp://api.example.com/',
    'file:///etc/passwd',
    'javascript:1',
    'https://',
  ])('%j is no URL to call', (url) => expect(guardOf({}).decideUrl(url).allowed).toBe(false));

  test('credentials in the URL are refused and not repeated', () => {
    const decision = guardOf({}).decideUrl('https://user:hunter2@api.example.com/');
    expect(decision).toMatchObject({ allowed: false, origin: 'https://api.example.com' });
    expect(JSON.stringify(decision)).not.toContain('hunter2');
  });

  test('the reason names neither path nor query', () => {
    const decision = guardOf({}).decideUrl('https://evil.net/secret-path?token=hunter2');
    expect(decision.allowed).toBe(false);
    expect(JSON.stringify(decision)).not.toMatch(/secret-path|hunter2/);
  });
});

describe('a guard that has allowed an origin before', () => {
  const origin = 'https://api.example.com';
  const warmed = guardOf({});
  warmed.decideUrl(`${origin}/`);

  test.each([
    `${origin}/a?b=c%20d&e`,
    `${origin}/a/../../b`,
    `${origin}/a/%2E./b`,
    `${origin}/a b?c='d'#e`,
    `${origin}/a?`,
    `${origin}?a`,
    `${origin}1`,
    `${origin}@evil.net/`,
    `${origin}.evil.net/`,
    `${origin}:8443/`,
    `${origin}\\evil.net/`,
    'https://user@api.example.com/',
    'https:/api.example.com/',
  ])('decides on %s as a new one does', (url) => {
    expect(warmed.decideUrl(url)).toEqual(guardOf({}).decideUrl(url));
  });

  test('decides on anything as a new one does', () => {
    const piece = fc.constantFrom(
      '/',
      '.',
      '..',
      '%2e',
      '%2E',
      '?',
      '#',
      '\\',
      '@',
      ':',
      'a',
      "'",
      ' ',
      '%',
      '&',
      '=',
      '\t',
      'é',
      '[',
      '^',
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const url = origin + pieces.join('');
        expect(warmed.decideUrl(url)).toEqual(guardOf({}).decideUrl(url));
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('plain http', () => {
  const hosts = ['api.example.com', 'localhost', 'app.localhost', '127.0.0.1', '127.1.1.1', '::1', '10.0.0.1'];
  test.each<[url: string, withoutAllowance: boolean]>([
    ['http://api.example.com/', false],
    ['http://10.0.0.1/', false],
    ['http://localhost:3000/', true],
    ['http://app.localhost/', true],
    ['http://127.0.0.1/', true],
    ['http://127.1.1.1/', true],
    ['http://0177.0.0.1/', true],
    ['http://[::1]/', true],
  ])('%s without allowHttp: %s; with: true', (url, withoutAllowance) => {
    const open = { hosts, privateAddresses: 'open' } as const;
    expect(guardOf(open).decideUrl(url).allowed).toBe(withoutAllowance);
    expect(guardOf({ ...open, allowHttp: true }).decideUrl(url).allowed).toBe(true);
  });

  test('a local name that resolves to somewhere else gets nothing over plain http', () => {
    const target = { hostname: 'localhost', port: 80, secure: false };
    const guard = guardOf({ hosts, privateAddresses: 'open' });
    expect(guard.findAddressFault(target, '127.0.0.1')).toBeUndefined();
    expect(guard.findAddressFault(target, '93.184.216.34')).toMatch(/plain http/i);
  });
});

describe('an address while connecting', () => {
  const target = { hostname: 'api.example.com', port: 443, secure: true };

  test.each(['169.254.169.254', '::ffff:169.254.169.254', 'fe80::1', 'fd00:ec2::254', '100.100.100.200', '0.0.0.0'])(
    '%s is refused whatever is listed',
    (address) => {
      const everything = ['api.example.com', '0.0.0.0/0', '::/0', address];
      const guard = guardOf({ hosts: everything, privateAddresses: 'open', privateHosts: everything, allowHttp: true });
      expect(guard.findAddressFault(target, address)).toMatch(/never allowed/);
      const literal = address.includes(':') ? `[${address}]` : address;
      expect(guard.decideUrl(`https://${literal}/`).allowed).toBe(false);
    },
  );

  test.each<[address: string, privateHosts: readonly string[], allowed: boolean]>([
    ['93.184.216.34', [], true],
    ['10.0.0.5', [], false],
    ['127.0.0.1', [], false],
    ['fd12::1', [], false],
    ['10.0.0.5', ['10.0.0.0/8'], true],
    ['10.0.0.5', ['api.example.com'], true],
    ['10.0.0.5', ['api.example.com:443'], true],
    ['10.0.0.5', ['api.example.com:8443'], false],
    ['10.0.0.5', ['192.168.0.0/16', 'other.example.com'], false],
  ])('%s where %j is named for private addresses: %s', (address, privateHosts, allowed) => {
    expect(guardOf({ privateHosts }).findAddressFault(target, address) === undefined).toBe(allowed);
  });

  test('naming a host for private addresses does not list it', () => {
    const guard = guardOf({ hosts: [], privateHosts: ['api.example.com'] });
    expect(guard.decideUrl('https://api.example.com/').allowed).toBe(false);
  });

  test('a block on the list covers names by what they resolve to', () => {
    const guard = guardOf({ hosts: ['10.0.0.0/8'], privateAddresses: 'open' });
    expect(guard.decideUrl('https://db.internal/').allowed).toBe(true);
    const db = { hostname: 'db.internal', port: 443, secure: true };
    expect(guard.findAddressFault(db, '10.9.9.9')).toBeUndefined();
    expect(guard.findAddressFault(db, '192.168.0.1')).toMatch(/on the integration's list/);
  });
});

describe('a Host header', () => {
  test.each<[header: string, allowed: boolean]>([
    ['api.example.com', true],
    ['api.example.com:8443', true],
    ['evil.net', false],
    ['evil@api.example.com', false],
    ['api.example.com/x', false],
    ['api.example.com\r\nx: y', false],
    ['', false],
  ])('%j: %s', (header, allowed) => {
    expect(guardOf({}).namesHost(header, true)).toBe(allowed);
  });
});
