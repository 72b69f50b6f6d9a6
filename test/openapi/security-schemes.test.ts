import { describe, expect, it } from 'vitest';
import { codesOf, document30, imported } from './import-text.ts';

/** The report's rows and the scheme of one scheme `s`. */
function read(scheme: unknown, parts: Readonly<Record<string, unknown>> = {}) {
  const document = imported(
    document30({ security: [{ s: [] }], components: { securitySchemes: { s: scheme } }, ...parts }),
  );
  return {
    rows: document.facts.report.securitySchemes,
    scheme: document.facts.securitySchemes[0],
    codes: codesOf(document),
  };
}

const oauth = (flows: unknown): unknown => ({ type: 'oauth2', flows });
const TOKEN = { tokenUrl: 'https://id.vendor.com/token', scopes: {} };

describe('what a person has to give', () => {
  it.each([
    { rule: 'a key', scheme: { type: 'apiKey', in: 'header', name: 'X-Key' }, inputs: ['value'] },
    { rule: 'basic', scheme: { type: 'http', scheme: 'Basic' }, inputs: ['username', 'password'] },
    { rule: 'bearer', scheme: { type: 'http', scheme: 'BEARER' }, inputs: ['token'] },
    { rule: 'client credentials', scheme: oauth({ clientCredentials: TOKEN }), inputs: ['client_id', 'client_secret'] },
    {
      rule: 'password',
      scheme: oauth({ password: TOKEN }),
      inputs: ['client_id', 'client_secret', 'username', 'password'],
    },
    {
      rule: 'no token URL',
      scheme: oauth({ clientCredentials: {} }),
      inputs: ['client_id', 'client_secret', 'token_url'],
    },
    {
      rule: 'open URLs',
      scheme: oauth({
        clientCredentials: { tokenUrl: 'https://{t}.vendor.com/a', refreshUrl: 'https://{t}.vendor.com/r' },
      }),
      inputs: ['client_id', 'client_secret', 'token_url', 'refresh_url'],
    },
    { rule: 'implicit', scheme: oauth({ implicit: { authorizationUrl: 'https://id.vendor.com' } }), inputs: ['token'] },
    { rule: 'device', scheme: oauth({ deviceAuthorization: TOKEN }), inputs: ['client_id'] },
    { rule: 'no flow at all', scheme: oauth({}), inputs: ['client_id', 'client_secret', 'token_url'] },
    {
      rule: 'discovery',
      scheme: { type: 'openIdConnect', openIdConnectUrl: 'https://id.vendor.com' },
      inputs: ['client_id', 'client_secret'],
    },
    { rule: 'mutual TLS', scheme: { type: 'mutualTLS' }, inputs: ['certificate', 'key'] },
    {
      rule: 'AWS Signature 4',
      scheme: { type: 'apiKey', in: 'header', name: 'Authorization', 'x-amazon-apigateway-authtype': 'awsSigv4' },
      inputs: ['accessKeyId', 'secretAccessKey'],
    },
    {
      rule: 'a key that is retrieved',
      scheme: {
        type: 'apiKey',
        in: 'query',
        name: 'key',
        'x-itential-dynamic-retrieval': { method: 'GET', url: '/key' },
      },
      inputs: [],
    },
    {
      rule: 'parameters that are no variable of the integration',
      scheme: {
        ...(oauth({ clientCredentials: TOKEN }) as object),
        'x-itential-parameters': [
          { name: 'audience', in: 'body' },
          { name: 'tenant', in: 'query', 'x-itential-variable': 't' },
          null,
        ],
      },
      inputs: ['client_id', 'client_secret', 'parameters.audience'],
    },
  ])('for $rule: $inputs', ({ scheme, inputs }) => {
    expect(read(scheme).rows.map((row) => row.inputs)).toEqual([inputs]);
  });
});

describe('flows', () => {
  it('are one row each, in the document’s order', () => {
    const { rows } = read(
      oauth({
        password: { ...TOKEN, refreshUrl: '' },
        clientCredentials: { ...TOKEN, scopes: { a: 'A', 'x-b': 'B' } },
      }),
    );
    expect(rows.map(({ flow, scopes }) => [flow, scopes])).toEqual([
      ['password', []],
      ['clientCredentials', ['a']],
    ]);
    expect(rows[0]).not.toHaveProperty('refresh_url');
    expect(rows[0]?.refresh_url_source).toBe('missing');
  });

  it.each([[], null, 'read', undefined])('scopes of %j are none', (scopes) => {
    expect(read(oauth({ password: { ...TOKEN, scopes } })).rows[0]?.scopes).toEqual([]);
  });

  it.each([
    { method: 'client_secret_post', clientAuth: 'client_secret_post' },
    { method: 'client_secret_basic', clientAuth: 'client_secret_basic' },
    { method: 'none', clientAuth: 'none' },
    { method: 'private_key_jwt', clientAuth: undefined },
  ])('x-tokenEndpointAuthMethod $method gives client_auth $clientAuth', ({ method, clientAuth }) => {
    const { scheme } = read(oauth({ clientCredentials: { ...TOKEN, 'x-tokenEndpointAuthMethod': method } }));
    expect(scheme).toMatchObject({ flows: [{ flow: 'clientCredentials' }] });
    expect(scheme?.type === 'oauth2' ? scheme.flows[0]?.client_auth : 'no oauth2').toBe(clientAuth);
  });

  it('that nobody knows are a finding, extensions are not', () => {
    const { rows, codes } = read(oauth({ application: TOKEN, 'x-other': TOKEN, 'x-oai-deviceAuthorization': TOKEN }));
    expect(rows.map(({ flow }) => flow)).toEqual(['deviceAuthorization']);
    expect(codes).toContain('flow_unknown');
  });

  it('URLs of discovery are kept', () => {
    expect(read({ ...(oauth({}) as object), oauth2MetadataUrl: 'https://id.vendor.com/m' }).scheme).toMatchObject({
      metadata_url: 'https://id.vendor.com/m',
    });
  });
});

describe('findings about URLs', () => {
  const flow = { tokenUrl: 'http://id.vendor.com/{t} (docs)', refreshUrl: '/r', authorizationUrl: 'ftp://a.com' };
  const codes = [
    ['token_url_unusable', 'authorizationUrl'],
    ['token_url_incomplete', 'tokenUrl'],
    ['token_url_cut', 'tokenUrl'],
    ['url_insecure', 'tokenUrl'],
    ['token_url_derived', 'refreshUrl'],
  ];

  it.each([
    {
      version: '3.0',
      document: document30({ components: { securitySchemes: { s: oauth({ authorizationCode: flow }) } } }),
      base: '/components/securitySchemes/s/flows/authorizationCode',
    },
    {
      version: '2.0',
      document: {
        swagger: '2.0',
        host: 'api.vendor.com',
        securityDefinitions: { s: { type: 'oauth2', flow: 'accessCode', ...flow } },
      },
      base: '/securityDefinitions/s',
    },
  ])('point to the field in $version', ({ document, base }) => {
    const found = imported(document).facts.report.findings.filter(
      ({ code }) => code.startsWith('token_url') || code.startsWith('url'),
    );
    expect(found.map(({ code, pointer }) => [code, pointer])).toEqual(
      codes.map(([code, field]) => [code, `${base}/${field ?? ''}`]),
    );
    expect(found[2]?.message).toContain('"http://id.vendor.com/{t} (docs)", read as "http://id.vendor.com/{t}"');
  });

  it('say that a token URL is missing, and nothing of a missing refresh URL', () => {
    expect(read(oauth({ password: { scopes: {} } })).codes.filter((code) => code.includes('url'))).toEqual([
      'token_url_missing',
    ]);
    expect(read(oauth({ implicit: { authorizationUrl: 'https://id.vendor.com', scopes: {} } })).codes).not.toContain(
      'token_url_missing',
    );
  });
});

describe('extensions', () => {
  it('of three names are carried as written, and no other value of one', () => {
    const carried = {
      'x-itential-parameters': [{ name: 'a' }],
      'x-itential-dynamic-retrieval': { url: '/k' },
      'x-amazon-apigateway-authtype': 'custom',
    };
    const { scheme } = read({
      type: 'apiKey',
      in: 'header',
      name: 'k',
      ...carried,
      'x-default': 'hunter2',
      'x-example-value': 'hunter2',
    });
    expect(scheme?.extensions).toEqual(carried);
    expect(JSON.stringify(scheme)).not.toContain('hunter2');
  });
});

describe('schemes that cannot be used', () => {
  it.each([
    { rule: 'no type', scheme: {} },
    { rule: 'an unknown type', scheme: { type: 'magic' } },
    { rule: 'a key without a name', scheme: { type: 'apiKey', in: 'header' } },
    { rule: 'a key in the body', scheme: { type: 'apiKey', in: 'body', name: 'k' } },
    { rule: 'http without a scheme', scheme: { type: 'http' } },
    { rule: 'no object', scheme: 'oauth2' },
    { rule: 'another file', scheme: { $ref: 'common.yaml#/s' } },
    { rule: 'nowhere', scheme: { $ref: '#/components/securitySchemes/none' } },
  ])('$rule: listed as unknown, with a finding', ({ scheme }) => {
    const { rows, codes } = read(scheme);
    expect(rows).toEqual([{ name: 's', type: 'unknown', inputs: [] }]);
    expect(codes).toContain('security_scheme_unusable');
  });

  it('a local reference is followed', () => {
    const schemes = { s: { $ref: '#/components/securitySchemes/t' }, t: { type: 'http', scheme: 'basic' } };
    expect(
      imported(document30({ components: { securitySchemes: schemes } })).facts.securitySchemes.map(({ type }) => type),
    ).toEqual(['http', 'http']);
  });
});
