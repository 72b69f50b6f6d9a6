import { describe, expect, test } from 'vitest';
import { destinationOf } from '../../src/integration/destination.ts';
import type { OpenIntegration } from '../../src/integration/open-integration.ts';
import { chooseServer } from '../../src/integration/server-choice.ts';
import { resolvedServerUrl, serverUrl } from '../../src/integration/server-url.ts';
import type { Operation, Server } from '../../src/openapi/operation.ts';

const DOCUMENT: readonly Server[] = [
  { url: 'https://api.example.com/v1' },
  { url: 'https://{region}.example.com/v1', variables: { region: { default: 'eu' } } },
];

function integration(baseUrl: string | undefined, egress: readonly string[] = []): OpenIntegration {
  const settings = { server: { url: baseUrl ?? '' }, tls: { enabled: true, rejectUnauthorized: true }, egress };
  const destination = destinationOf(settings, baseUrl, [], undefined, { egress: [], privateAddresses: 'open' });
  return {
    baseUrl,
    destination,
    model: { facts: { servers: DOCUMENT } },
    record: { name: 'i' },
  } as unknown as OpenIntegration;
}

function operation(...servers: readonly Server[]): Operation {
  return { servers } as unknown as Operation;
}

describe('which server a request goes to', () => {
  const base = 'https://api.example.com/v1';
  const upload: Server = { url: 'https://upload.example.com' };

  test("the integration's own", () => {
    expect(chooseServer(integration(base), operation())).toMatchObject({
      url: base,
      destination: { hosts: ['api.example.com:443'] },
    });
  });

  test("an operation's server replaces the document's, and its host is allowed then", () => {
    expect(chooseServer(integration(base), operation(upload))).toMatchObject({
      url: 'https://upload.example.com',
      destination: { hosts: ['api.example.com:443', 'upload.example.com:443'] },
    });
  });

  test('a relative one is resolved against the base', () => {
    expect(chooseServer(integration(base), operation({ url: '/v2' })).url).toBe('https://api.example.com/v2');
  });

  test("a person's own server wins over it", () => {
    expect(chooseServer(integration('http://127.0.0.1:9/x'), operation(upload)).url).toBe('http://127.0.0.1:9/x');
  });

  test('the same destination object each time, since connections are kept by it', () => {
    const known = integration(base);
    expect(chooseServer(known, operation(upload)).destination).toBe(chooseServer(known, operation(upload)).destination);
  });

  test.each<{ title: string; requested: string; egress?: readonly string[]; allowed: boolean }>([
    { title: 'one of the document', requested: 'https://eu.example.com/v1/', allowed: true },
    {
      title: 'one whose host is in egress',
      requested: 'https://other.example.com/x',
      egress: ['other.example.com'],
      allowed: true,
    },
    { title: 'any other', requested: 'https://evil.example.com', allowed: false },
    { title: "another path of the document's host", requested: 'https://api.example.com/admin', allowed: false },
  ])("the input's server: $title", ({ requested, egress, allowed }) => {
    const choose = (): unknown => chooseServer(integration(base, egress), operation(), requested);
    if (allowed) expect(choose()).toMatchObject({ url: requested.replace(/\/$/, '') });
    else expect(choose).toThrow(expect.objectContaining({ code: 'egress_refused' }));
  });

  test('none at all', () => {
    expect(() => chooseServer(integration(undefined), operation())).toThrow(
      expect.objectContaining({ code: 'configuration_missing' }),
    );
  });
});

describe('server URLs', () => {
  test.each<{ server: Server; base?: string; expected: string | undefined }>([
    { server: { url: 'https://a.example/{v}', variables: { v: { default: 'v1' } } }, expected: 'https://a.example/v1' },
    { server: { url: 'https://a.example/{v}' }, expected: undefined },
    { server: { url: '/v2' }, expected: undefined },
    { server: { url: '/v2' }, base: 'https://a.example/v1', expected: 'https://a.example/v2' },
    { server: { url: 'ftp://a.example' }, expected: undefined },
    { server: { url: 'https://a.example/{__proto__}', variables: {} }, expected: undefined },
  ])('$server.url from $base → $expected', ({ server, base, expected }) => {
    expect(resolvedServerUrl(server, base)).toBe(expected);
  });

  test.each([
    { server: { url: 'https://a.example/v1/' }, expected: 'https://a.example/v1' },
    {
      server: { protocol: 'http', host: 'a.example', port: 8080, base_path: 'v1' } as const,
      expected: 'http://a.example:8080/v1',
    },
  ])('$server → $expected', ({ server, expected }) => {
    expect(serverUrl(server)).toBe(expected);
  });

  test.each(['/v1', 'ftp://a.example', 'https://u:p@a.example', 'https://{tenant}.example', 'https://a.example/{v}'])(
    '%s is refused',
    (url) => {
      expect(() => serverUrl({ url })).toThrow(expect.objectContaining({ code: 'bad_request' }));
    },
  );
});
