/** How a person, a workflow or another system may write a task's input. */
import { describe, expect, test } from 'vitest';
import { EverbearerError } from '../../src/errors.ts';
import { closeNames } from '../../src/task/close-names.ts';
import { readInput, type OperationInput } from '../../src/task/operation-input.ts';
import { compilePlan } from '../../src/task/request-plan.ts';
import { build, operation, parameter } from './operations.ts';

const given = operation({
  method: 'POST',
  path: '/orders/{id}',
  parameters: [
    parameter('id', 'path'),
    parameter('id', 'query'),
    parameter('limit', 'query'),
    parameter('X-Trace-Id', 'header'),
    parameter('session', 'cookie'),
    parameter('body', 'query'),
    parameter('constructor', 'query'),
    parameter('__proto__', 'query'),
  ],
  requestBody: { required: false, content: { 'application/json': {}, 'text/csv': {} } },
});
const plan = compilePlan(given);
const read = (input: unknown): OperationInput => readInput(plan, input);
const groups = ({ path, query, header, cookie }: OperationInput) => ({ path, query, header, cookie });

function refusal(input: unknown, of = plan): unknown {
  try {
    readInput(of, input);
  } catch (error) {
    if (error instanceof EverbearerError && error.code === 'input_invalid') return error.details?.['errors'];
    throw error;
  }
  throw new Error('Nothing was refused.');
}

describe('groups and names', () => {
  test('a parameter of a unique name may stand at the top', () => {
    expect(groups(read({ path: { id: 1 }, limit: 5, 'x-trace-id': 'a', session: 's' }))).toEqual({
      path: { id: 1 },
      query: { limit: 5 },
      header: { 'X-Trace-Id': 'a' },
      cookie: { session: 's' },
    });
  });

  test('header names are told apart by letters, not by case', () => {
    expect(read({ header: { 'x-TRACE-id': 'a' } }).header).toEqual({ 'X-Trace-Id': 'a' });
  });

  test('body always means the body, even where a parameter is called so', () => {
    const input = read({ body: { a: 1 }, query: { body: 'x' } });
    expect(input.body).toEqual({ a: 1 });
    expect(input.query).toEqual({ body: 'x' });
  });

  test('null is "not given"', () => {
    expect(groups(read({ path: { id: 1 }, query: null, header: undefined, limit: null }))).toEqual({
      path: { id: 1 },
      query: {},
      header: {},
      cookie: {},
    });
  });

  test('names that every object has are parameters like others, and never inherited', () => {
    expect(build(given, { path: { id: 1 } }).url).not.toContain('constructor');
    const input = JSON.parse('{"path":{"id":1},"query":{"constructor":"c","__proto__":"p"}}') as unknown;
    expect(build(given, input).url).toContain('?constructor=c&__proto__=p');
  });

  test.each([
    [[], [{ pointer: '', message: 'must be an object' }]],
    ['text', [{ pointer: '', message: 'must be an object' }]],
    [{ query: 'limit=5' }, [{ pointer: '/query', message: 'must be an object of parameters by name' }]],
    [{ id: 1 }, [{ pointer: '/id', message: 'is a parameter in path and query: name the group' }]],
    [{ limit: 1, query: { limit: 2 } }, [{ pointer: '/query/limit', message: 'is given twice' }]],
    [{ limt: 1 }, [{ pointer: '/limt', message: 'is unknown; did you mean "limit"?' }]],
    [{ querry: {} }, [{ pointer: '/querry', message: 'is unknown; did you mean "query"?' }]],
    [{ lastName: 'Doe' }, [{ pointer: '/lastName', message: 'is unknown; properties of the body stand under "body"' }]],
    [{ path: { ID: 1 } }, [{ pointer: '/path/ID', message: 'is unknown; did you mean "id"?' }]],
    [{ contentType: 5 }, [{ pointer: '/contentType', message: 'must be text' }]],
    [{ server: {} }, [{ pointer: '/server', message: 'must be text' }]],
    [{ 'a/b~c': 1 }, [{ pointer: '/a~1b~0c', message: 'is unknown; properties of the body stand under "body"' }]],
  ])('%j is refused', (input, errors) => {
    expect(refusal(input)).toEqual(errors);
  });

  test('no value stands in what is refused', () => {
    expect(JSON.stringify(refusal({ limt: 'hunter2-secret', query: { a: 'hunter2-secret' } }))).not.toContain(
      'hunter2',
    );
  });

  test('a hundred thousand unknown names are refused quickly, twenty are told', () => {
    const input = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`unknown-${index}`, 1]));
    expect(refusal(input)).toHaveLength(20);
  });
});

describe('what the document does not have is a fault of strict validation, and sent otherwise', () => {
  test('parameters', () => {
    const input = read({ path: { id: 1 }, query: { limits: 5 }, header: { 'X-New': 'n' }, cookie: { other: 'o' } });
    expect(input.faults).toEqual([
      { pointer: '/query/limits', message: 'is unknown; did you mean "limit"?' },
      { pointer: '/header/X-New', message: 'is unknown' },
      { pointer: '/cookie/other', message: 'is unknown' },
    ]);
    const request = build(given, {
      path: { id: 1 },
      query: { limits: [5, 6] },
      header: { 'X-New': 'n' },
      cookie: { other: 'o' },
    });
    expect(request.url).toMatch(/\?limits=5&limits=6$/);
    expect(request.headers).toMatchObject({ 'x-new': 'n', cookie: 'other=o' });
  });

  test('a body where there is none, a media type that is not there', () => {
    expect(readInput(compilePlan(operation()), { body: { a: 1 } }).faults).toEqual([
      { pointer: '/body', message: 'must not be given: the operation takes no body' },
    ]);
    expect(read({ body: 'x', contentType: 'text/html' }).faults).toEqual([
      { pointer: '/contentType', message: "must be one of the operation's media types: application/json, text/csv" },
    ]);
    expect(build(given, { path: { id: 1 }, body: '<p>', contentType: 'text/html' })).toMatchObject({
      body: '<p>',
      headers: { 'content-type': 'text/html' },
    });
  });

  test('Content-Type among the headers means contentType', () => {
    expect(build(given, { path: { id: 1 }, body: 'a,b', header: { 'Content-Type': 'text/csv' } })).toMatchObject({
      body: 'a,b',
      headers: { 'content-type': 'text/csv' },
    });
  });
});

describe("Itential's task input", () => {
  /** The shape of a task in an exported NetBox project: every parameter by name, unset ones empty. */
  const canvas = {
    id: 7,
    bodyContentType: 'application/json',
    requestBodyPayload: { commit: true },
    'X-NetBox-Branch': '',
    adapter_id: 'NetBox',
  };
  const merge = operation({
    method: 'POST',
    path: '/branches/{id}/merge/',
    parameters: [parameter('id', 'path', { schema: { type: 'integer' } }), parameter('X-NetBox-Branch', 'header')],
    requestBody: { required: true, content: { 'application/json': {}, 'multipart/form-data': {} } },
  });

  test('runs unchanged', () => {
    expect(build(merge, canvas)).toEqual({
      method: 'POST',
      url: 'https://api.test/v1/branches/7/merge/',
      headers: { accept: 'application/json, */*;q=0.8', 'content-type': 'application/json' },
      body: '{"commit":true}',
      replayable: true,
    });
  });

  test('an operation without body ignores the body aliases when they are empty', () => {
    const { requestBody: _, ...bodiless } = merge;
    expect(readInput(compilePlan(bodiless), { ...canvas, requestBodyPayload: '' })).toMatchObject({
      faults: [],
      header: {},
    });
  });

  test('outside of it, empty text is a value', () => {
    expect(readInput(compilePlan(merge), { id: 7, 'X-NetBox-Branch': '' }).header).toEqual({ 'X-NetBox-Branch': '' });
  });

  test('a parameter of the operation wins over an alias', () => {
    const odd = operation({ parameters: [parameter('adapter_id', 'query'), parameter('requestBodyPayload', 'query')] });
    expect(build(odd, { adapter_id: 'a', requestBodyPayload: '' }).url).toMatch(/\?adapter_id=a&requestBodyPayload=$/);
  });
});

describe('paths that the document does not describe well', () => {
  test('a name of the template without a parameter is required all the same', () => {
    const undeclared = operation({ path: '/x/{id}' });
    expect(build(undeclared, { id: 5 }).url).toMatch(/\/x\/5$/);
    expect(() => build(undeclared, {})).toThrow(/\/path\/id is required/);
  });

  test('a declared parameter that the path does not have may be given, and is not demanded', () => {
    const unused = operation({ path: '/x', parameters: [parameter('version', 'path')] });
    expect(build(unused, { path: { version: 'v1' } }).url).toMatch(/\/x$/);
    expect(build(unused, {}).url).toMatch(/\/x$/);
  });
});

test.each([
  ['limt', ['limit']],
  ['page-size', ['page_size', 'pageSize']],
  ['PAGESIZE', ['page_size', 'pageSize']],
  ['id', ['id']],
  ['zzz', []],
  ['x'.repeat(100), []],
])('close to %s: %j', (name, close) => {
  expect(closeNames(name, ['limit', 'pageSize', 'page_size', 'id', 'offset'])).toEqual(close);
});
