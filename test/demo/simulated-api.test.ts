import { describe, expect, test } from 'vitest';
import { createSimulatedApi } from '../../src/demo/simulated-api.ts';
import type { ApiAnswer, SimulatedApiOptions } from '../../src/demo/simulated-api.ts';
import type { Operation } from '../../src/openapi/operation.ts';
import { callApi, openProvider, signIn, THINGS_API } from './provider-client.ts';

function operationOf(overrides: Partial<Operation>): Operation {
  return {
    operationId: `${overrides.method ?? 'GET'} ${overrides.path ?? '/'}`,
    method: 'GET',
    path: '/',
    tags: [],
    deprecated: false,
    parameters: [],
    responses: {},
    security: [],
    pointer: '',
    ...overrides,
  };
}

/** Answers with the name of the operation, so that it can be seen which one it was. */
function named(method: string, path: string, more: Partial<Operation> = {}): Operation {
  const responses = { '200': { content: { 'application/json': { example: `${method} ${path}` } } } };
  return operationOf({ method, path, responses, ...more });
}

function call(
  options: Partial<SimulatedApiOptions>,
  method: string,
  path: string,
  credentials: string[] = [],
): ApiAnswer {
  const api = createSimulatedApi({ operations: [], fragments: new Map(), dialect: 'openapi-3.0', ...options });
  return api.answer({ method, path, credentials }, (token) => token === 'good');
}

function bodyOf({ answer }: ApiAnswer): unknown {
  return JSON.parse(Buffer.from(answer.body).toString());
}

describe('the operation', () => {
  const operations = [
    named('GET', '/things/{id}'),
    named('GET', '/things/mine'),
    named('POST', '/things/{id}'),
    named('GET', '/things/{id}/parts/{part}'),
    named('GET', '/{kind}/mine/parts/all'),
    named('GET', '/reports/{name}.{format}'),
    named('GET', '/matrix{;id}/x'),
    named('GET', '/über/{id}'),
    named('GET', '/a.b+c(d)'),
    named('GET', '/search?type=all'),
    named('GET', '/'),
  ];

  test.each<[request: string, template: string | undefined]>([
    ['GET /things/7', 'GET /things/{id}'],
    ['GET /things/mine', 'GET /things/mine'],
    ['POST /things/mine', 'POST /things/{id}'],
    ['GET /things/a%2Fb', 'GET /things/{id}'],
    ['GET /things/7/', 'GET /things/{id}'],
    ['GET /things/', undefined],
    ['GET /things/7/parts/8', 'GET /things/{id}/parts/{part}'],
    ['GET /things/mine/parts/all', 'GET /{kind}/mine/parts/all'],
    ['GET /reports/may.pdf', 'GET /reports/{name}.{format}'],
    ['GET /reports/may', undefined],
    ['GET /matrix;id=5/x', 'GET /matrix{;id}/x'],
    ['GET /%C3%BCber/1', 'GET /über/{id}'],
    ['GET /a.b+c(d)', 'GET /a.b+c(d)'],
    ['GET /aXb+c(d)', undefined],
    ['GET /search', 'GET /search?type=all'],
    ['GET /', 'GET /'],
    ['DELETE /things/7', undefined],
    ['GET /nowhere', undefined],
    ['HEAD /things/7', 'GET /things/{id}'],
    ['GET /things/%E0%A4%A', 'GET /things/{id}'],
  ])('for %s is %s', (request, template) => {
    const [method = '', path = ''] = request.split(' ');
    const outcome = call({ operations }, method, path);
    expect(outcome.outcome === 'ok' ? bodyOf(outcome) : undefined).toBe(template);
    if (template === undefined) expect(outcome.answer.status).toBe(404);
  });

  test('is found below the base path, and below servers of its own', () => {
    const operation = named('GET', '/x', {
      servers: [{ url: 'https://{region}.example.com/own/' }, { url: '/relative' }],
    });
    const options = { operations: [operation], basePath: '/v1/' };
    for (const path of ['/v1/x', '/own/x', '/relative/x']) expect(call(options, 'GET', path).outcome).toBe('ok');
    expect(call(options, 'GET', '/x').outcome).toBe('notFound');
  });
});

describe('a token', () => {
  test.each<[security: Operation['security'], credentials: string[], outcome: string]>([
    [[{ demo: [] }], ['good'], 'ok'],
    [[{ demo: [] }], ['x', 'good'], 'ok'],
    [[{ demo: [] }], ['bad'], 'unauthorized'],
    [[{ demo: [] }], [], 'unauthorized'],
    [[{ demo: [], other: [] }], [], 'unauthorized'],
    [[{ other: [] }], [], 'ok'],
    [[{ demo: [] }, {}], [], 'ok'],
    [[], [], 'ok'],
  ])('for %j with %j: %s', (security, credentials, outcome) => {
    const options = { operations: [named('GET', '/x', { security })], tokenSchemes: ['demo'] };
    expect(call(options, 'GET', '/x', credentials).outcome).toBe(outcome);
  });

  test('that is missing gets a bare challenge, one that is bad an error (RFC 6750 §3)', () => {
    const options = { operations: [named('GET', '/x', { security: [{ demo: [] }] })] };
    expect(call(options, 'GET', '/x').answer.headers['www-authenticate']).toBe('Bearer realm="demo"');
    expect(call(options, 'GET', '/x', ['bad']).answer.headers['www-authenticate']).toContain('error="invalid_token"');
  });

  test.each<[title: string, init: (token: string) => { path: string; headers: Record<string, string> }]>([
    ['in the Authorization header', (token) => ({ path: '/things', headers: { authorization: `Bearer ${token}` } })],
    ['in it by another scheme', (token) => ({ path: '/things', headers: { authorization: `Token ${token}` } })],
    ['in a header of its own', (token) => ({ path: '/things', headers: { 'x-auth-token': token } })],
    ['in a cookie', (token) => ({ path: '/things', headers: { cookie: `a=b; session=${token}` } })],
    ['in the query', (token) => ({ path: `/things?a=b&access_token=${token}`, headers: {} })],
  ])('is found %s', async (_title, init) => {
    const provider = await openProvider({ api: THINGS_API });
    const { access } = await signIn(provider);
    const { path, headers } = init(access);
    expect((await fetch(provider.apiUrl + path, { headers })).status).toBe(200);
    expect((await fetch(provider.apiUrl + init('none').path, { headers: init('none').headers })).status).toBe(401);
    expect(await callApi(provider, access)).toBe(200);
  });
});

describe('an answer', () => {
  const schema = { type: 'object', properties: { id: { type: 'integer', minimum: 3 }, name: { type: 'string' } } };
  const answer = (responses: Operation['responses']): { status: number; type: string | undefined; body: string } => {
    const { answer: given } = call({ operations: [operationOf({ path: '/x', responses })] }, 'GET', '/x');
    return { status: given.status, type: given.headers['content-type'], body: Buffer.from(given.body).toString() };
  };

  test.each<[title: string, responses: Operation['responses'], expected: ReturnType<typeof answer>]>([
    [
      'the example',
      { '200': { content: { 'application/json': { schema, example: { id: 9 } } } } },
      { status: 200, type: 'application/json', body: '{"id":9}' },
    ],
    [
      'a sample of the schema',
      { '200': { content: { 'application/json': { schema } } } },
      { status: 200, type: 'application/json', body: '{"id":3,"name":"string"}' },
    ],
    [
      'the first success',
      { '404': { content: {} }, '202': { content: {} }, '201': { content: {} } },
      { status: 201, type: undefined, body: '' },
    ],
    [
      '2XX as 200',
      { '2XX': { content: { 'application/json': { example: 1 } } } },
      { status: 200, type: 'application/json', body: '1' },
    ],
    [
      'default as 200',
      { default: { content: { 'application/json': { example: 1 } } }, '404': { content: {} } },
      { status: 200, type: 'application/json', body: '1' },
    ],
    ['nothing where nothing is said', {}, { status: 200, type: undefined, body: '' }],
    [
      'nothing with 204',
      { '204': { content: { 'application/json': { example: 1 } } } },
      { status: 204, type: undefined, body: '' },
    ],
    [
      'JSON before others',
      { '200': { content: { 'text/plain': { example: 'x' }, 'application/hal+json': { example: 1 } } } },
      { status: 200, type: 'application/hal+json', body: '1' },
    ],
    [
      'text',
      { '200': { content: { 'text/csv': { example: 'a,b' } } } },
      { status: 200, type: 'text/csv', body: 'a,b' },
    ],
    [
      'XML',
      { '200': { content: { 'application/xml': { schema: { ...schema, xml: { name: 'thing' } } } } } },
      { status: 200, type: 'application/xml', body: '<thing><id>3</id><name>string</name></thing>' },
    ],
    [
      'any type as JSON',
      { '200': { content: { '*/*': { schema } } } },
      { status: 200, type: 'application/json', body: '{"id":3,"name":"string"}' },
    ],
  ])('is %s', (_title, responses, expected) => {
    expect(answer(responses)).toEqual(expected);
  });
});
