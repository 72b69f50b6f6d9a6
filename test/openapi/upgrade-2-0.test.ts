/** OpenAPI 2.0 documents become the same model as later ones. */
import { describe, expect, it } from 'vitest';
import type { Operation } from '../../src/openapi/operation.ts';
import { codesOf, imported, operationsOf } from './import-text.ts';

function document20(parts: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return {
    swagger: '2.0',
    info: { title: 'Orders', version: '1' },
    host: 'api.vendor.com',
    basePath: '/v1',
    schemes: ['https'],
    paths: {},
    ...parts,
  };
}

/** The one operation `POST /x` with these fields. */
function upgraded(
  operation: Readonly<Record<string, unknown>>,
  parts: Readonly<Record<string, unknown>> = {},
): Operation {
  const fields = { responses: { 200: { description: 'OK' } }, ...operation };
  const [read] = operationsOf(imported(document20({ paths: { '/x': { post: fields } }, ...parts })));
  if (read === undefined) throw new Error('no operation');
  return read;
}

const ARRAY = { name: 'ids', type: 'array', items: { type: 'integer' } };

describe('parameters', () => {
  it.each([
    { place: 'query', collectionFormat: undefined, style: 'form', explode: false },
    { place: 'query', collectionFormat: 'csv', style: 'form', explode: false },
    { place: 'query', collectionFormat: 'ssv', style: 'spaceDelimited', explode: false },
    { place: 'query', collectionFormat: 'tsv', style: 'tabDelimited', explode: false },
    { place: 'query', collectionFormat: 'pipes', style: 'pipeDelimited', explode: false },
    { place: 'query', collectionFormat: 'multi', style: 'form', explode: true },
    { place: 'path', collectionFormat: undefined, style: 'simple', explode: false },
    { place: 'header', collectionFormat: 'csv', style: 'simple', explode: false },
    { place: 'header', collectionFormat: 'pipes', style: 'pipeDelimited', explode: false },
  ])('an array in $place with collectionFormat $collectionFormat has style $style, explode $explode', (row) => {
    const { place, collectionFormat, style, explode } = row;
    const { parameters } = upgraded({ parameters: [{ ...ARRAY, in: place, collectionFormat }] });
    expect(parameters[0]).toMatchObject({ name: 'ids', in: place, style, explode });
    expect(parameters[0]?.schema).toEqual({ type: 'array', items: { type: 'integer' } });
  });

  it('keywords beside the name become the schema', () => {
    const { parameters } = upgraded({
      parameters: [
        { name: 'n', in: 'query', description: 'How many', type: 'integer', maximum: 9, enum: [1, 2], 'x-y': 1 },
      ],
    });
    expect(parameters[0]).toEqual({
      name: 'n',
      in: 'query',
      required: false,
      style: 'form',
      explode: true,
      allowReserved: false,
      description: 'How many',
      schema: { type: 'integer', maximum: 9, enum: [1, 2] },
    });
  });

  it('of the document and of the path are merged, and the operation wins', () => {
    const shared = { name: 'n', in: 'query', type: 'string' };
    const { operations } = imported(
      document20({
        parameters: { n: shared },
        paths: {
          '/x': {
            parameters: [{ $ref: '#/parameters/n' }, { name: 'm', in: 'query', type: 'string' }],
            get: { parameters: [{ name: 'm', in: 'query', type: 'integer' }], responses: {} },
          },
        },
      }),
    );
    const read = JSON.parse(operations[0]?.definition ?? '') as Operation;
    expect(read.parameters.map(({ name, schema }) => [name, schema])).toEqual([
      ['n', { type: 'string' }],
      ['m', { type: 'integer' }],
    ]);
  });

  it('Authorization and Accept are parameters as any other, which 3.x ignores', () => {
    const { parameters } = upgraded({ parameters: [{ name: 'Accept', in: 'header', type: 'string' }] });
    expect(parameters.map(({ name }) => name)).toEqual(['Accept']);
  });
});

const SCHEMA = { $ref: '#/definitions/Order' };
const BODY = { name: 'order', in: 'body', required: true, schema: SCHEMA };
const DEFINITIONS = { definitions: { Order: { type: 'object' } } };

describe('request bodies', () => {
  it.each([
    { rule: 'consumes of the operation', own: ['text/csv'], common: ['application/xml'], types: ['text/csv'] },
    { rule: 'else of the document', own: undefined, common: ['application/xml'], types: ['application/xml'] },
    { rule: 'else JSON', own: undefined, common: undefined, types: ['application/json'] },
    {
      rule: 'an empty list replaces the document’s',
      own: [],
      common: ['application/xml'],
      types: ['application/json'],
    },
    { rule: 'several', own: ['a/b', 'c/d', 'a/b'], common: undefined, types: ['a/b', 'c/d'] },
  ])('media types: $rule', ({ own, common, types }) => {
    const { requestBody } = upgraded({ parameters: [BODY], consumes: own }, { consumes: common, ...DEFINITIONS });
    expect(requestBody?.required).toBe(true);
    expect(Object.entries(requestBody?.content ?? {})).toEqual(types.map((type) => [type, { schema: SCHEMA }]));
  });

  it.each([
    {
      rule: 'urlencoded unless said otherwise',
      type: 'string',
      consumes: undefined,
      types: ['application/x-www-form-urlencoded'],
    },
    { rule: 'multipart for files', type: 'file', consumes: undefined, types: ['multipart/form-data'] },
    {
      rule: 'both where both are said',
      type: 'string',
      consumes: ['multipart/form-data', 'application/x-www-form-urlencoded', 'application/json'],
      types: ['multipart/form-data', 'application/x-www-form-urlencoded'],
    },
    {
      rule: 'a file is never urlencoded',
      type: 'file',
      consumes: ['application/x-www-form-urlencoded'],
      types: ['multipart/form-data'],
    },
  ])('form fields: $rule', ({ type, consumes, types }) => {
    const { requestBody } = upgraded({ parameters: [{ name: 'f', in: 'formData', type }], consumes });
    expect(Object.keys(requestBody?.content ?? {})).toEqual(types);
  });

  it('form fields become one object', () => {
    const { requestBody, parameters } = upgraded({
      parameters: [
        { name: 'photo', in: 'formData', type: 'file', required: true, description: 'A picture' },
        { ...ARRAY, in: 'formData', collectionFormat: 'pipes' },
      ],
    });
    expect(parameters).toEqual([]);
    expect(requestBody).toEqual({
      required: true,
      content: {
        'multipart/form-data': {
          schema: {
            type: 'object',
            properties: {
              photo: { type: 'string', format: 'binary', description: 'A picture' },
              ids: { type: 'array', items: { type: 'integer' } },
            },
            required: ['photo'],
          },
          encoding: { ids: { style: 'pipeDelimited', explode: false } },
        },
      },
    });
  });

  it('a body of the operation replaces that of its path, whatever its name', () => {
    const document = imported(
      document20({
        paths: {
          '/x': {
            parameters: [BODY],
            put: { parameters: [{ name: 'b', in: 'body', schema: { type: 'array' } }], responses: {} },
          },
        },
        ...DEFINITIONS,
      }),
    );
    expect(operationsOf(document)[0]?.requestBody?.content).toEqual({
      'application/json': { schema: { type: 'array' } },
    });
  });

  it('a body beside form fields wins, and that is a finding', () => {
    const document = imported(
      document20({
        paths: { '/x': { post: { parameters: [BODY, { name: 'f', in: 'formData', type: 'string' }], responses: {} } } },
        ...DEFINITIONS,
      }),
    );
    expect(operationsOf(document)[0]?.requestBody?.content).toEqual({ 'application/json': { schema: SCHEMA } });
    expect(codesOf(document)).toContain('request_body_unusable');
    expect(document.facts.report.operations.degraded).toBe(1);
  });
});

describe('responses', () => {
  it('have the media types of produces, and examples by media type', () => {
    const { responses } = upgraded(
      {
        produces: ['application/json', 'text/csv'],
        responses: {
          200: { description: 'OK', schema: SCHEMA, examples: { 'application/json': { id: 1 } } },
          204: { description: 'None' },
        },
      },
      DEFINITIONS,
    );
    expect(responses).toEqual({
      200: {
        description: 'OK',
        content: { 'application/json': { schema: SCHEMA, example: { id: 1 } }, 'text/csv': { schema: SCHEMA } },
      },
      204: { description: 'None', content: {} },
    });
  });

  it('of the document are followed', () => {
    const { responses } = upgraded(
      { responses: { 200: { $ref: '#/responses/Order' } } },
      { responses: { Order: { description: 'An order', schema: SCHEMA } }, ...DEFINITIONS },
    );
    expect(responses).toEqual({
      200: { description: 'An order', content: { 'application/json': { schema: SCHEMA } } },
    });
  });
});

describe('servers', () => {
  it.each([
    { rule: 'scheme, host and path', parts: {}, urls: ['https://api.vendor.com/v1'] },
    {
      rule: 'https first',
      parts: { schemes: ['http', 'https'] },
      urls: ['https://api.vendor.com/v1', 'http://api.vendor.com/v1'],
    },
    { rule: 'https where none is said', parts: { schemes: undefined }, urls: ['https://api.vendor.com/v1'] },
    {
      rule: 'other schemes are no servers for tasks',
      parts: { schemes: ['https', 'wss'] },
      urls: ['https://api.vendor.com/v1'],
    },
    { rule: 'no base path', parts: { basePath: undefined }, urls: ['https://api.vendor.com'] },
    { rule: 'a base path of one slash', parts: { basePath: '/' }, urls: ['https://api.vendor.com'] },
    { rule: 'a base path without its slash', parts: { basePath: 'v1/' }, urls: ['https://api.vendor.com/v1'] },
    { rule: 'a whole URL for a host', parts: { host: 'https://api.vendor.com/' }, urls: ['https://api.vendor.com/v1'] },
    { rule: 'no host', parts: { host: undefined }, urls: ['/v1'] },
    { rule: 'nothing', parts: { host: undefined, basePath: undefined }, urls: [] },
  ])('$rule: $urls', ({ parts, urls }) => {
    expect(imported(document20(parts)).facts.servers.map(({ url }) => url)).toEqual(urls);
  });

  it('without a host it is where the document came from', () => {
    const { facts } = imported(document20({ host: undefined }), { documentUrl: 'https://docs.vendor.com/spec.json' });
    expect(facts.servers.map(({ url }) => url)).toEqual(['https://docs.vendor.com/v1']);
  });

  it.each([
    { rule: 'the same schemes override nothing', schemes: ['https'], servers: undefined },
    { rule: 'others do', schemes: ['http'], servers: [{ url: 'http://api.vendor.com/v1' }] },
  ])('schemes of an operation: $rule', ({ schemes, servers }) => {
    expect(upgraded({ schemes }).servers).toEqual(servers);
  });
});

describe('security definitions', () => {
  it('have the flows and types of 3.x', () => {
    const { facts } = imported(
      document20({
        securityDefinitions: {
          basic: { type: 'basic' },
          key: { type: 'apiKey', in: 'header', name: 'X-Key' },
          app: { type: 'oauth2', flow: 'application', tokenUrl: '/token', scopes: { read: 'Read' } },
          code: {
            type: 'oauth2',
            flow: 'accessCode',
            authorizationUrl: 'https://id.vendor.com/a',
            tokenUrl: 'https://id.vendor.com/t',
            scopes: {},
          },
          password: {
            type: 'oauth2',
            flow: 'password',
            tokenUrl: 'https://id.vendor.com/t',
            refreshUrl: 'https://id.vendor.com/r',
          },
        },
      }),
    );
    const derived = { refresh_url_source: 'missing' };
    expect(facts.securitySchemes).toEqual([
      { name: 'basic', type: 'http', scheme: 'basic' },
      { name: 'key', type: 'apiKey', in: 'header', parameter: 'X-Key' },
      {
        name: 'app',
        type: 'oauth2',
        flows: [
          {
            flow: 'clientCredentials',
            token_url: 'https://api.vendor.com/token',
            token_url_source: 'derived',
            ...derived,
            scopes: ['read'],
          },
        ],
      },
      {
        name: 'code',
        type: 'oauth2',
        flows: [
          {
            flow: 'authorizationCode',
            authorization_url: 'https://id.vendor.com/a',
            token_url: 'https://id.vendor.com/t',
            token_url_source: 'document',
            ...derived,
            scopes: [],
          },
        ],
      },
      {
        name: 'password',
        type: 'oauth2',
        flows: [
          {
            flow: 'password',
            token_url: 'https://id.vendor.com/t',
            token_url_source: 'document',
            refresh_url: 'https://id.vendor.com/r',
            refresh_url_source: 'document',
            scopes: [],
          },
        ],
      },
    ]);
  });
});

it('pointers and references stay those of the document', () => {
  const document = imported(
    document20({ paths: { '/x/{id}': { post: { parameters: [BODY], responses: {} } } }, ...DEFINITIONS }),
  );
  expect(operationsOf(document)[0]?.pointer).toBe('/paths/~1x~1{id}/post');
  expect(document.fragments).toEqual([{ pointer: '/definitions/Order', value: '{"type":"object"}' }]);
  expect(document.facts.dialect).toBe('openapi-2.0');
});

it('findings point to what is in the document, not to what became of it', () => {
  const parameters = [{ name: 'f', in: 'formData', type: 'any' }];
  const { findings } = imported(document20({ paths: { '/x': { post: { parameters, responses: {} } } } })).facts.report;
  expect(findings.find(({ code }) => code === 'schema_unchecked')?.pointer).toBe('/paths/~1x/post/parameters/0');
});
