import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sampleAnswer } from '../../src/demo/sample-answer.ts';
import { sampleInput } from '../../src/demo/sample-input.ts';
import type { Json } from '../../src/kernel/json.ts';
import type { ImportedDocument } from '../../src/openapi/imported-model.ts';
import type { MediaType, Operation, Parameter } from '../../src/openapi/operation.ts';
import { compileValidator } from '../../src/task/input-validator.ts';
import { readInput } from '../../src/task/operation-input.ts';
import { compilePlan } from '../../src/task/request-plan.ts';
import { CASES, hasCorpus } from '../corpus/shared-corpus.ts';
import { importAny, operationsOf } from '../openapi/import-text.ts';

function operationOf(overrides: Partial<Operation>): Operation {
  return {
    operationId: 'x',
    method: 'POST',
    path: '/x',
    tags: [],
    deprecated: false,
    parameters: [],
    responses: {},
    security: [],
    pointer: '',
    ...overrides,
  };
}

function parameterOf(overrides: Partial<Parameter>): Parameter {
  return { name: 'p', in: 'query', required: true, style: 'form', explode: true, allowReserved: false, ...overrides };
}

function inputOf(overrides: Partial<Operation>): unknown {
  return sampleInput(operationOf(overrides), new Map(), 'openapi-3.0');
}

describe('parameters', () => {
  test('that are required stand in their groups, others are left out', () => {
    const parameters = [
      parameterOf({ name: 'id', in: 'path', schema: { type: 'integer' } }),
      parameterOf({ name: 'q', schema: { type: 'string' } }),
      parameterOf({ name: 'optional', required: false }),
      parameterOf({ name: 'X-Trace', in: 'header' }),
      parameterOf({ name: 'Authorization', in: 'header' }),
      parameterOf({ name: 'Accept', in: 'header' }),
      parameterOf({ name: 'session', in: 'cookie' }),
    ];
    expect(inputOf({ path: '/{id}', parameters })).toEqual({
      path: { id: 0 },
      query: { q: 'string' },
      header: { 'X-Trace': 'string' },
      cookie: { session: 'string' },
    });
  });

  test('that only the path names are made up', () => {
    expect(inputOf({ path: '/{id}' })).toEqual({ path: { id: 'string' } });
  });

  test.each<[parameter: Partial<Parameter>, expected: unknown]>([
    [{ schema: { type: 'string' }, example: 'mine' }, 'mine'],
    [{ schema: { type: 'string', pattern: '^\\d+$' }, example: 202212 }, '202212'],
    [{ schema: { type: 'integer' }, example: 'seven' }, 0],
    [{ schema: { type: 'string', enum: ['', 'active'] } }, ''],
  ])('%j have the value %j', (parameter, expected) => {
    expect(inputOf({ parameters: [parameterOf(parameter)] })).toEqual({ query: { p: expected } });
  });

  test.each<[schema: Json]>([[{ type: 'string', example: '' }], [{ type: 'string', enum: ['', 'active'] }]])(
    'of the path are never empty: %j',
    (schema) => {
      const input = inputOf({ path: '/{p}', parameters: [parameterOf({ in: 'path', schema })] });
      expect(input).toEqual({ path: { p: expect.stringMatching(/^.+$/) } });
    },
  );

  test('that cannot be made leave no input at all', () => {
    expect(inputOf({ parameters: [parameterOf({ schema: { pattern: '^(?=x)y$' } })] })).toBeUndefined();
  });
});

describe('a body', () => {
  const body = (required: boolean, content: Record<string, MediaType>): unknown =>
    inputOf({ requestBody: { required, content } });
  const schema = { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] };

  test.each<[content: Record<string, MediaType>, expected: unknown]>([
    [{ 'application/json': { schema } }, { body: { a: 0 } }],
    [
      { 'text/plain': {}, 'application/json': { schema } },
      { body: { a: 0 }, contentType: 'application/json' },
    ],
    [{ 'text/plain': {} }, { body: 'string' }],
    [
      { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
      { body: { base64: 'c2FtcGxl' } },
    ],
    [{ 'application/json': { schema: { pattern: '^(?=x)y$' }, example: 'given' } }, { body: 'given' }],
  ])('of %j is %j', (content, expected) => {
    expect(body(true, content)).toEqual(expected);
  });

  test('is left out where it may be', () => {
    expect(body(false, { 'application/json': { schema } })).toEqual({});
  });
});

/** Operations that have no sample, and must not have one: what they require cannot be made up. */
const WITHOUT_SAMPLE = new Set(['bulk_delete_messages']);

const files = hasCorpus() ? readdirSync(CASES).filter((file) => file !== 'MANIFEST.json') : [];

describe.skipIf(files.length === 0)('of real documents', () => {
  test.each(files)('%s: every operation has an input that validation takes, and an answer', (file) => {
    const outcome = importAny(readFileSync(join(CASES, file)));
    if (outcome.outcome !== 'imported') return;
    const fragments = fragmentsOf(outcome);
    const { dialect } = outcome.facts;
    // Of large documents every twentieth: the validators take their time.
    const operations = operationsOf(outcome).filter((_, index, all) => all.length < 100 || index % 20 === 0);
    for (const operation of operations) {
      expect(sampleAnswer(operation, fragments, dialect).status).toBeLessThan(300);
      const input = sampleInput(operation, fragments, dialect);
      expect(input !== undefined || WITHOUT_SAMPLE.has(operation.operationId), operation.operationId).toBe(true);
      if (input === undefined) continue;
      const read = readInput(compilePlan(operation, { fragments }), input);
      const faults = compileValidator(operation, dialect, fragments).validate(read);
      expect(faults, operation.operationId).toEqual([]);
    }
  });
});

function fragmentsOf({ fragments }: ImportedDocument): ReadonlyMap<string, Json> {
  return new Map(fragments.map(({ pointer, value }) => [pointer, JSON.parse(value) as Json]));
}
