import { describe, expect, it } from 'vitest';
import { readOAuthUrl, urlContext } from '../../src/openapi/oauth-url.ts';
import type { Server } from '../../src/openapi/operation.ts';

interface Row {
  readonly rule: string;
  readonly written: unknown;
  readonly servers?: readonly Server[];
  readonly paths?: readonly string[];
  readonly url?: string;
  readonly source: string;
  readonly remarks?: readonly string[];
}

const VENDOR: Server = { url: 'https://api.vendor.com' };
const BASED: Server = { url: 'https://api.vendor.com/v1' };

const ROWS: readonly Row[] = [
  { rule: 'absolute', written: 'https://id.vendor.com/token', url: 'https://id.vendor.com/token', source: 'document' },
  { rule: 'absent', written: undefined, source: 'missing' },
  { rule: 'null', written: null, source: 'missing' },
  { rule: 'empty', written: '', source: 'missing' },
  { rule: 'blank', written: '  \n', source: 'missing' },
  { rule: 'no text', written: 42, source: 'missing' },
  {
    rule: 'blanks around',
    written: ' https://id.vendor.com/token\n',
    url: 'https://id.vendor.com/token',
    source: 'derived',
    remarks: ['token_url_derived'],
  },
  {
    rule: 'prose behind',
    written: 'https://id.vendor.com/token (opens in a new tab)',
    url: 'https://id.vendor.com/token',
    source: 'derived',
    remarks: ['token_url_cut'],
  },
  {
    rule: 'from the root, server without a path',
    written: '/oauth/token',
    url: 'https://api.vendor.com/oauth/token',
    source: 'derived',
    remarks: ['token_url_derived'],
  },
  {
    rule: 'from the root, server with a path: RFC 3986',
    written: '/oauth/token',
    servers: [BASED],
    url: 'https://api.vendor.com/oauth/token',
    source: 'derived',
    remarks: ['token_url_derived'],
  },
  {
    rule: 'from the root, and an operation of the document: server + path',
    written: '/oauth/bearer',
    servers: [BASED],
    paths: ['/oauth/bearer'],
    url: 'https://api.vendor.com/v1/oauth/bearer',
    source: 'derived',
    remarks: ['token_url_derived'],
  },
  {
    rule: 'the same without its slash, with a query',
    written: 'oauth/bearer?x=1',
    servers: [{ url: 'https://api.vendor.com/v1/' }],
    paths: ['/oauth/bearer'],
    url: 'https://api.vendor.com/v1/oauth/bearer?x=1',
    source: 'derived',
    remarks: ['token_url_derived'],
  },
  {
    rule: 'without a slash: RFC 3986 leaves the last segment out',
    written: 'token',
    servers: [BASED],
    url: 'https://api.vendor.com/token',
    source: 'derived',
    remarks: ['token_url_derived'],
  },
  {
    rule: 'without a scheme',
    written: '//id.vendor.com/token',
    servers: [{ url: 'http://api.vendor.com' }],
    url: 'http://id.vendor.com/token',
    source: 'derived',
    remarks: ['token_url_derived', 'url_insecure'],
  },
  {
    rule: 'the first server is the one',
    written: '/token',
    servers: [VENDOR, { url: 'https://sandbox.vendor.com' }],
    url: 'https://api.vendor.com/token',
    source: 'derived',
    remarks: ['token_url_derived'],
  },
  {
    rule: 'a declared variable has its default, also in the server',
    written: '/{realm}/token',
    servers: [
      { url: 'https://{region}.vendor.com', variables: { region: { default: 'eu' }, realm: { default: 'main' } } },
    ],
    url: 'https://eu.vendor.com/main/token',
    source: 'derived',
    remarks: ['token_url_derived'],
  },
  {
    rule: 'a variable that is the whole server',
    written: '/oauth2/token',
    servers: [{ url: '{apiRoot}/nf/v1', variables: { apiRoot: { default: 'https://nrf.vendor.com' } } }],
    url: 'https://nrf.vendor.com/oauth2/token',
    source: 'derived',
    remarks: ['token_url_derived'],
  },
  {
    rule: 'a variable without a default that is the whole server',
    written: '/oauth2/token',
    servers: [{ url: '{apiRoot}/nf/v1' }],
    url: '{apiRoot}/oauth2/token',
    source: 'incomplete',
    remarks: ['token_url_incomplete'],
  },
  {
    rule: 'an undeclared variable',
    written: 'https://id.vendor.com/{tenant}/token',
    url: 'https://id.vendor.com/{tenant}/token',
    source: 'incomplete',
    remarks: ['token_url_incomplete'],
  },
  {
    rule: 'an undeclared variable at the start is no path',
    written: '{idRoot}/oauth2/token',
    url: '{idRoot}/oauth2/token',
    source: 'incomplete',
    remarks: ['token_url_incomplete'],
  },
  {
    rule: 'relative without a server',
    written: '/oauth/token',
    servers: [],
    url: '{server}/oauth/token',
    source: 'incomplete',
    remarks: ['token_url_incomplete'],
  },
  {
    rule: 'relative to a relative server',
    written: 'oauth/token',
    servers: [{ url: '/api' }],
    url: '{server}/oauth/token',
    source: 'incomplete',
    remarks: ['token_url_incomplete'],
  },
  { rule: 'another scheme', written: 'urn:token', source: 'missing', remarks: ['token_url_unusable'] },
  { rule: 'javascript', written: 'javascript:alert(1)', source: 'missing', remarks: ['token_url_unusable'] },
  { rule: 'a scheme without a host', written: 'https:token', source: 'missing', remarks: ['token_url_unusable'] },
  {
    rule: 'plain http',
    written: 'http://id.vendor.com/token',
    url: 'http://id.vendor.com/token',
    source: 'document',
    remarks: ['url_insecure'],
  },
  ...[
    'https://example.com/token',
    'https://auth.example.org/token',
    'https://authserver.example/token',
    'https://a.test/token',
    'http://localhost:8000/token',
    'http://127.0.0.1/token',
    'http://[::1]:8000/token',
    'https://your-token-url.com/token',
    'https://vectara-prod-YOUR_CUSTOMER_ID.auth.vendor.com/token',
  ].map((written): Row => ({
    rule: 'a placeholder',
    written,
    url: written,
    source: 'document',
    remarks: ['url_placeholder'],
  })),
  ...['https://notexample.com/token', 'https://yourkarma.com/token', 'https://mylocalhost.io/token'].map(
    (written): Row => ({ rule: 'no placeholder', written, url: written, source: 'document' }),
  ),
];

describe('URLs of OAuth flows', () => {
  it.each(ROWS)(
    '$rule: $written → $url ($source)',
    ({ written, servers = [VENDOR], paths = [], url, source, remarks = [] }) => {
      const read = readOAuthUrl(
        written,
        urlContext(servers, (path) => paths.includes(path)),
      );
      expect(read).toEqual({ ...(url === undefined ? {} : { url }), source, remarks });
    },
  );
});
