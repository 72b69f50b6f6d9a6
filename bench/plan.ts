/**
 * What a request costs before it is sent: compiling an operation, building from input, checking the input; beside swagger-client's `buildRequest`, with a
 * document of one operation and with one of a thousand. Run: `node bench/plan.ts`. Only the ratios mean something.
 */
import SwaggerClient from 'swagger-client';
import type { Operation, Parameter, ParameterLocation } from '../src/openapi/operation.ts';
import { buildRequest } from '../src/task/build-request.ts';
import { compileValidator } from '../src/task/input-validator.ts';
import { readInput } from '../src/task/operation-input.ts';
import { compilePlan } from '../src/task/request-plan.ts';
import { parseServerBase } from '../src/task/server-base.ts';
import type { Gate } from './gate.ts';
import { median } from './rounds.ts';

const ROUNDS = 9;
const TURN_MS = 60;
const SERVER = 'https://api.example.com/v1';
const ITEM = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    amount: { type: 'number' },
    tags: { type: 'array', items: { type: 'string' } },
  },
  required: ['name'],
};

const GET: Operation = {
  operationId: 'getOrders',
  method: 'GET',
  path: '/users/{id}/orders',
  tags: [],
  deprecated: false,
  parameters: [
    parameter('id', 'path', { type: 'string' }),
    parameter('limit', 'query', { type: 'integer' }),
    parameter('search', 'query', { type: 'string' }),
    parameter('X-Trace', 'header', { type: 'string' }),
  ],
  responses: { '200': { content: { 'application/json': {} } } },
  security: [],
  pointer: '',
};
const POST: Operation = {
  ...GET,
  operationId: 'postOrder',
  method: 'POST',
  path: '/orders',
  parameters: [],
  requestBody: { required: true, content: { 'application/json': { schema: ITEM } } },
};

type Work = (i: number) => unknown;

interface Row {
  readonly get: number;
  readonly post: number;
}

/** Microseconds, by what is done. */
function measure(): Readonly<Record<string, Row>> {
  return {
    compile: both({ get: () => compilePlan(GET), post: () => compilePlan(POST) }),
    'compile the validator': both({
      get: () => compileValidator(GET, 'openapi-3.0', new Map()),
      post: () => compileValidator(POST, 'openapi-3.0', new Map()),
    }),
    'read and build': both(ours(false)),
    'read, check and build': both(ours(true)),
    'swagger-client, 1 operation': both(theirs(0)),
    'swagger-client, 1,000 operations': both(theirs(998)),
  };
}

/** Building, to swagger-client in a document of one operation. */
export function gates(): readonly Gate[] {
  const mine = both(ours(false));
  const other = both(theirs(0));
  return (['get', 'post'] as const).flatMap((call) => [
    { name: `building a ${call.toUpperCase()}, µs`, value: mine[call], better: 'lower', goal: 5, gate: 25 },
    {
      name: `building a ${call.toUpperCase()}, times as fast as swagger-client`,
      value: other[call] / mine[call],
      better: 'higher',
      goal: 10,
      gate: 5,
    },
  ]);
}

function ours(checks: boolean): { readonly get: Work; readonly post: Work } {
  const server = parseServerBase(SERVER);
  const worker = (operation: Operation, input: (i: number) => unknown): Work => {
    const plan = compilePlan(operation);
    const validator = compileValidator(operation, 'openapi-3.0', new Map());
    return (i) => {
      const read = readInput(plan, input(i));
      if (checks && validator.validate(read).length > 0) throw new Error('The input must be valid.');
      return buildRequest(plan, server, read);
    };
  };
  return {
    get: worker(GET, (i) => ({
      path: { id: `user-${i}` },
      query: { limit: 10, search: 'hello world' },
      header: { 'X-Trace': 'abc' },
    })),
    post: worker(POST, (i) => ({ body: { name: `order ${i}`, amount: 12.5, tags: ['a', 'b'] } })),
  };
}

/** @param others how many more operations the document has */
function theirs(others: number): { readonly get: Work; readonly post: Work } {
  const spec = document(others);
  return {
    get: (i) =>
      SwaggerClient.buildRequest({
        spec,
        operationId: 'getOrders',
        parameters: { id: `user-${i}`, limit: 10, search: 'hello world', 'X-Trace': 'abc' },
      }),
    post: (i) =>
      SwaggerClient.buildRequest({
        spec,
        operationId: 'postOrder',
        requestBody: { name: `order ${i}`, amount: 12.5, tags: ['a', 'b'] },
      }),
  };
}

function document(others: number): Readonly<Record<string, unknown>> {
  const more = Array.from(
    { length: others },
    (_, i) => [`/other/${i}`, { get: { operationId: `other${i}`, responses: {} } }] as const,
  );
  return {
    openapi: '3.0.3',
    info: { title: 'Orders', version: '1' },
    servers: [{ url: SERVER }],
    paths: { ...Object.fromEntries(more), [GET.path]: { get: GET }, [POST.path]: { post: POST } },
  };
}

function both({ get, post }: { readonly get: Work; readonly post: Work }): Row {
  return { get: microseconds(get), post: microseconds(post) };
}

/** The median over some rounds. */
function microseconds(work: Work): number {
  const rounds = Array.from({ length: ROUNDS + 1 }, () => turn(work));
  return median(rounds.slice(1));
}

function turn(work: Work): number {
  const began = performance.now();
  let done = 0;
  while (performance.now() - began < TURN_MS) for (let i = 0; i < 20; i++) work(done++);
  return ((performance.now() - began) * 1_000) / done;
}

function parameter(name: string, location: ParameterLocation, schema: Parameter['schema']): Parameter {
  const style = location === 'query' ? 'form' : 'simple';
  return {
    name,
    in: location,
    required: location === 'path',
    style,
    explode: style === 'form',
    allowReserved: false,
    schema: schema ?? {},
  };
}

if (import.meta.main) {
  const rows = measure();
  console.table(
    Object.fromEntries(
      Object.entries(rows).map(([what, { get, post }]) => [
        what,
        { 'GET, µs': get.toFixed(2), 'POST, µs': post.toFixed(2) },
      ]),
    ),
  );
  for (const { name, value, goal } of gates()) console.log(`${name}: ${value.toFixed(1)} (goal ${goal})`);
}
