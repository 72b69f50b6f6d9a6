/** Operations of 3.x documents. */
import { describe, expect, it } from 'vitest';
import type { Operation } from '../../src/openapi/operation.ts';
import { codesOf, document30, imported, operationsOf } from './import-text.ts';

const RESPONSES = { 200: { description: 'OK' } };

function read(operation: Readonly<Record<string, unknown>>, parts: Readonly<Record<string, unknown>> = {}): Operation {
  const [first] = operationsOf(
    imported(document30({ paths: { '/x': { post: { responses: RESPONSES, ...operation } } }, ...parts })),
  );
  if (first === undefined) throw new Error('no operation');
  return first;
}

describe('parameters', () => {
  it.each([
    { parameter: { in: 'query' }, style: 'form', explode: true, required: false },
    { parameter: { in: 'path' }, style: 'simple', explode: false, required: true },
    { parameter: { in: 'header', required: true }, style: 'simple', explode: false, required: true },
    { parameter: { in: 'cookie' }, style: 'form', explode: true, required: false },
    { parameter: { in: 'cookie', style: 'cookie' }, style: 'cookie', explode: true, required: false },
    { parameter: { in: 'query', style: 'deepObject' }, style: 'deepObject', explode: false, required: false },
    { parameter: { in: 'query', explode: false }, style: 'form', explode: false, required: false },
    { parameter: { in: 'query', style: 'wild' }, style: 'form', explode: true, required: false },
  ])('$parameter has style $style, explode $explode, required $required', ({ parameter, style, explode, required }) => {
    const { parameters } = read({ parameters: [{ name: 'p', ...parameter }] });
    expect(parameters[0]).toMatchObject({ name: 'p', style, explode, required, allowReserved: false });
  });

  it.each([
    { rule: 'its example', parameter: { example: 0, examples: { a: { value: 1 } } }, example: 0 },
    {
      rule: 'else the first of its examples',
      parameter: { examples: { a: { value: 1 }, b: { value: 2 } } },
      example: 1,
    },
    { rule: 'through a reference', parameter: { examples: { a: { $ref: '#/components/examples/e' } } }, example: 'E' },
    {
      rule: 'not one that is elsewhere',
      parameter: { examples: { a: { externalValue: 'x.json' }, b: { value: 2 } } },
      example: 2,
    },
    { rule: 'that of its content', parameter: { content: { 'application/json': { example: [1] } } }, example: [1] },
  ])('the example is $rule', ({ parameter, example }) => {
    const { parameters } = read(
      { parameters: [{ name: 'p', in: 'query', ...parameter }] },
      { components: { examples: { e: { value: 'E' } } } },
    );
    expect(parameters[0]?.example).toEqual(example);
  });

  it('content instead of a schema names the media type', () => {
    const { parameters } = read({
      parameters: [{ name: 'p', in: 'query', content: { 'application/json': { schema: { type: 'object' } } } }],
    });
    expect(parameters[0]).toMatchObject({ contentType: 'application/json', schema: { type: 'object' } });
  });

  it.each(['Accept', 'content-type', 'AUTHORIZATION'])('the header %s is ignored, and the operation kept', (name) => {
    const document = imported(
      document30({ paths: { '/x': { get: { parameters: [{ name, in: 'header' }], responses: RESPONSES } } } }),
    );
    expect(operationsOf(document)[0]?.parameters).toEqual([]);
    expect(codesOf(document)).toContain('parameter_ignored');
    expect(document.facts.report.operations.kept).toBe(1);
  });

  it('a name in the path that no parameter describes is a required string', () => {
    const document = imported(
      document30({
        paths: { '/a/{b}/{c}': { get: { parameters: [{ name: 'b', in: 'path' }], responses: RESPONSES } } },
      }),
    );
    expect(
      operationsOf(document)[0]?.parameters.map(({ name, in: place, required }) => [name, place, required]),
    ).toEqual([
      ['b', 'path', true],
      ['c', 'path', true],
    ]);
    expect(codesOf(document)).toContain('path_parameter_undeclared');
    expect(document.facts.report.operations.degraded).toBe(1);
  });
});

describe('request bodies and responses', () => {
  it('are followed through references, their schemas kept as written', () => {
    const { requestBody, responses } = read(
      {
        requestBody: { $ref: '#/components/requestBodies/b' },
        responses: { 200: { $ref: '#/components/responses/r' } },
      },
      {
        components: {
          schemas: { S: { type: 'object' } },
          requestBodies: {
            b: {
              required: true,
              content: {
                'multipart/form-data': {
                  schema: { $ref: '#/components/schemas/S' },
                  encoding: { photo: { contentType: 'image/png', style: 'nonsense', headers: {} } },
                },
              },
            },
          },
          responses: { r: { description: 'OK', content: { 'text/plain': {} } } },
        },
      },
    );
    expect(requestBody).toEqual({
      required: true,
      content: {
        'multipart/form-data': {
          schema: { $ref: '#/components/schemas/S' },
          encoding: { photo: { contentType: 'image/png' } },
        },
      },
    });
    expect(responses).toEqual({ 200: { description: 'OK', content: { 'text/plain': {} } } });
  });

  it('a body without content degrades', () => {
    const document = imported(
      document30({ paths: { '/x': { post: { requestBody: { content: {} }, responses: RESPONSES } } } }),
    );
    expect(operationsOf(document)[0]).not.toHaveProperty('requestBody');
    expect(document.facts.report.operations).toEqual({ total: 1, kept: 0, degraded: 1, refused: 0 });
  });
});

describe('security', () => {
  const components = {
    securitySchemes: { a: { type: 'http', scheme: 'Bearer' }, b: { type: 'http', scheme: 'basic' } },
  };

  it.each([
    { rule: 'the document’s', own: undefined, effective: [{ a: [] }] },
    { rule: 'its own instead', own: [{ b: [] }, { a: ['x'], b: [] }], effective: [{ b: [] }, { a: ['x'], b: [] }] },
    { rule: 'none, where its own list is empty', own: [], effective: [] },
    { rule: 'anonymous as a choice', own: [{ a: [] }, {}], effective: [{ a: [] }, {}] },
  ])('in force is $rule', ({ own, effective }) => {
    expect(read({ security: own }, { security: [{ a: [] }], components }).security).toEqual(effective);
  });

  it.each([
    { rule: 'an undescribed scheme', security: [{ z: [] }], degraded: 1 },
    { rule: 'one of two needed together', security: [{ a: [], z: [] }], degraded: 1 },
    { rule: 'no harm where another choice is described', security: [{ z: [] }, { a: [] }], degraded: 0 },
    { rule: 'no harm where anonymous is a choice', security: [{ z: [] }, {}], degraded: 0 },
  ])('$rule: $degraded degraded', ({ security, degraded }) => {
    const document = imported(document30({ security, components, paths: { '/x': { get: { responses: RESPONSES } } } }));
    expect(document.facts.report.operations.degraded).toBe(degraded);
    expect(codesOf(document).includes('security_undefined')).toBe(degraded === 1);
  });

  it('a name that differs in upper and lower case is the scheme’s, unless two could be meant', () => {
    const two = {
      securitySchemes: { OAuth: { type: 'http', scheme: 'basic' }, OAUTH: { type: 'http', scheme: 'basic' } },
    };
    const one = imported(
      document30({ security: [{ A: [] }], components, paths: { '/x': { get: { responses: RESPONSES } } } }),
    );
    expect(operationsOf(one)[0]?.security).toEqual([{ a: [] }]);
    expect(codesOf(one)).toContain('security_name_matched');
    expect(one.facts.report.operations.kept).toBe(1);
    expect(read({ security: [{ oauth: [] }] }, { components: two }).security).toEqual([{ oauth: [] }]);
  });

  it('schemes that nothing requires are a finding', () => {
    const document = imported(document30({ components, paths: { '/x': { get: { responses: RESPONSES } } } }));
    expect(codesOf(document)).toEqual(['operation_ids_made', 'security_unused']);
  });
});

describe('servers', () => {
  it.each([
    { rule: 'none of its own', path: undefined, own: undefined, servers: undefined },
    { rule: 'the path’s', path: [{ url: 'https://p.com' }], own: undefined, servers: [{ url: 'https://p.com' }] },
    {
      rule: 'its own over the path’s',
      path: [{ url: 'https://p.com' }],
      own: [{ url: 'https://o.com' }],
      servers: [{ url: 'https://o.com' }],
    },
    { rule: 'an empty list is none', path: [], own: [], servers: undefined },
  ])('an operation has $rule', ({ path, own, servers }) => {
    const [first] = operationsOf(
      imported(document30({ paths: { '/x': { servers: path, get: { servers: own, responses: RESPONSES } } } })),
    );
    expect(first?.servers).toEqual(servers);
  });

  it.each([
    { servers: [{ url: 'https://a.com' }], resolved: ['https://a.com'], code: undefined },
    { servers: [{ url: ' https://a.com ' }], resolved: ['https://a.com'], code: undefined },
    {
      servers: [
        {
          url: 'https://{r}.a.com:{p}{s}',
          variables: { r: { default: 'eu' }, p: { default: 443 }, s: { default: '' } },
        },
      ],
      resolved: ['https://eu.a.com:443'],
      code: undefined,
    },
    { servers: [{ url: 'https://{r}.a.com' }], resolved: [undefined], code: 'server_variable_undeclared' },
    {
      servers: [{ url: 'https://{r}.a.com', variables: { r: { enum: ['eu'] } } }],
      resolved: [undefined],
      code: 'server_variable_undeclared',
    },
    { servers: [{ url: '/v1' }], resolved: ['/v1'], code: 'server_relative' },
    { servers: [], resolved: [], code: 'server_missing' },
    { servers: [{}, { url: 'https://a.com' }], resolved: ['https://a.com'], code: 'server_unusable' },
  ])('$servers are reported as $resolved, finding $code', ({ servers, resolved, code }) => {
    const document = imported(document30({ servers }));
    expect(document.facts.report.servers.map((server) => server.resolved)).toEqual(resolved);
    expect(codesOf(document).filter((found) => found.startsWith('server_'))).toEqual(code === undefined ? [] : [code]);
  });

  it('an undeclared variable is listed without a default', () => {
    const { report } = imported(document30({ servers: [{ url: 'https://{r}.a.com' }] })).facts;
    expect(report.servers).toEqual([{ url: 'https://{r}.a.com', variables: { r: {} } }]);
  });

  it('relative ones are resolved against where the document came from', () => {
    const documentUrl = 'https://docs.vendor.com/api/openapi.yaml';
    const { facts } = imported(document30({ servers: [{ url: 'v2/{x}' }] }), { documentUrl });
    expect(facts.servers[0]?.url).toBe('https://docs.vendor.com/api/v2/{x}');
    expect(imported(document30({ servers: [] }), { documentUrl }).facts.servers[0]?.url).toBe(
      'https://docs.vendor.com/',
    );
  });
});

describe('path items', () => {
  it('are followed through references, with their own fields first', () => {
    const document = imported(
      document30({
        openapi: '3.1.0',
        paths: {
          '/x': {
            $ref: '#/components/pathItems/shared',
            get: { operationId: 'own' },
            parameters: [{ name: 'p', in: 'query' }],
          },
        },
        components: {
          pathItems: {
            shared: {
              get: { operationId: 'hidden' },
              put: { operationId: 'shared' },
              parameters: [{ name: 'q', in: 'query' }],
            },
          },
        },
      }),
    );
    expect(
      operationsOf(document).map(({ operationId, parameters, pointer }) => [
        operationId,
        parameters.map(({ name }) => name),
        pointer,
      ]),
    ).toEqual([
      ['own', ['p'], '/paths/~1x/get'],
      ['shared', ['p'], '/components/pathItems/shared/put'],
    ]);
  });

  it.each([
    { rule: 'a reference to nowhere', item: { $ref: '#/paths/~1y' } },
    { rule: 'a reference to itself', item: { $ref: '#/paths/~1x' } },
    { rule: 'a reference to another file', item: { $ref: 'y.yaml#/x' } },
    { rule: 'a list', item: [] },
    { rule: 'a text', item: 'get' },
  ])('$rule is a finding, and nothing is counted', ({ item }) => {
    const document = imported(document30({ paths: { '/x': item } }));
    expect(codesOf(document)).toContain('path_item_unusable');
    expect(document.facts.report.operations.total).toBe(0);
  });

  it.each([
    { rule: 'no object', paths: { '/x': { get: 'list' } } },
    { rule: 'null', paths: { '/x': { get: null } } },
    { rule: 'a path without its slash', paths: { 'https://hook.com': { get: {} } } },
  ])('an operation is refused: $rule', ({ paths }) => {
    const document = imported(document30({ paths }));
    expect(document.facts.report.operations).toEqual({ total: 1, kept: 0, degraded: 0, refused: 1 });
    expect(document.facts.report.findings.find(({ code }) => code === 'operation_unusable')?.operationId).toBeDefined();
    expect(document.operations).toEqual([]);
  });
});

describe('OpenAPI 3.2', () => {
  const paths = {
    '/x': {
      query: {
        operationId: 'search',
        parameters: [{ name: 'q', in: 'querystring', content: { 'application/x-www-form-urlencoded': {} } }],
      },
      additionalOperations: { PURGE: { operationId: 'purge' }, test: {}, CONNECT: {} },
    },
  };

  it('has the method QUERY, additional upper-case methods and the whole query string as a parameter', () => {
    const document = imported(document30({ openapi: '3.2.0', paths }));
    expect(operationsOf(document).map(({ operationId, method, pointer }) => [operationId, method, pointer])).toEqual([
      ['search', 'QUERY', '/paths/~1x/query'],
      ['purge', 'PURGE', '/paths/~1x/additionalOperations/PURGE'],
    ]);
    expect(operationsOf(document)[0]?.parameters[0]).toMatchObject({
      in: 'querystring',
      contentType: 'application/x-www-form-urlencoded',
    });
    expect(document.facts.report.findings.filter(({ code }) => code === 'method_unusable')).toHaveLength(2);
  });

  it('earlier versions have neither', () => {
    const document = imported(document30({ openapi: '3.1.0', paths }));
    expect(document.facts.report.operations.total).toBe(0);
    expect(codesOf(document)).toContain('field_unknown');
  });
});

it('rows have what lists show', () => {
  const document = imported(
    document30({
      paths: {
        '/x': { get: { operationId: 'a', summary: 'First' }, put: { operationId: 'b' }, post: { operationId: 'b' } },
      },
    }),
  );
  expect(document.operations.map(({ definition: _definition, digest: _digest, ...row }) => row)).toEqual([
    { operationId: 'a', position: 0, method: 'GET', path: '/x', summary: 'First' },
    { operationId: 'b__put_x', position: 1, method: 'PUT', path: '/x', duplicateOf: 'b' },
    { operationId: 'b__post_x', position: 2, method: 'POST', path: '/x', duplicateOf: 'b' },
  ]);
  const duplicate = document.facts.report.findings.find(({ code }) => code === 'operation_id_duplicate');
  expect(duplicate?.message).toContain('"b__put_x", "b__post_x"');
});
