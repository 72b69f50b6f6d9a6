import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/kernel/json.ts';
import { inputSchema, inputSchemas } from '../../src/model/input-schema.ts';
import { toInputSchema } from '../../src/model/json-schema.ts';
import type { Operation, Parameter, SchemaDialect } from '../../src/openapi/operation.ts';

const NO_FRAGMENTS = new Map<string, Json>();

function parameter(more: Partial<Parameter> & Pick<Parameter, 'name' | 'in'>): Parameter {
  return { required: false, style: 'form', explode: true, allowReserved: false, ...more };
}

function operation(more: Partial<Operation>): Operation {
  return {
    operationId: 'o',
    method: 'POST',
    path: '/o',
    tags: [],
    deprecated: false,
    parameters: [],
    responses: {},
    security: [],
    pointer: '/paths/~1o/post',
    ...more,
  };
}

function convert(schema: unknown, dialect: SchemaDialect = 'openapi-3.0'): Json {
  return toInputSchema(schema, { dialect, nameOf: (pointer) => (pointer === '/a/B~1c' ? 'B/c' : undefined) });
}

describe('dialects', () => {
  test.each<[string, unknown, Json]>([
    ['nullable becomes a type', { type: 'string', nullable: true }, { type: ['string', 'null'] }],
    ['nullable: false is nothing', { type: 'string', nullable: false }, { type: 'string' }],
    [
      'a nullable enum takes null',
      { type: 'string', nullable: true, enum: ['a'] },
      { type: ['string', 'null'], enum: ['a', null] },
    ],
    [
      'nullable without a type is a choice',
      { nullable: true, enum: [1] },
      { anyOf: [{ enum: [1] }, { type: 'null' }] },
    ],
    ["2.0's x-nullable counts", { type: 'integer', 'x-nullable': true }, { type: ['integer', 'null'] }],
    [
      'a boolean exclusiveMinimum excludes minimum',
      { minimum: 0, exclusiveMinimum: true },
      { minimum: 0, exclusiveMinimum: 0 },
    ],
    ['exclusiveMaximum: false is nothing', { maximum: 5, exclusiveMaximum: false }, { maximum: 5 }],
    ['an example becomes examples', { example: 0 }, { examples: [0] }],
    ['required that is no list is left out', { required: true }, {}],
    ['a type that does not exist is left out', { type: 'any' }, {}],
    ['an empty allOf is left out', { allOf: [] }, {}],
    ['vendor extensions are left out', { 'x-a': 1, xml: {}, type: 'string' }, { type: 'string' }],
    ['what stands beside a $ref is ignored in 3.0', { $ref: '#/a/B~1c', minLength: 1 }, { $ref: '#/$defs/B~1c' }],
    ['a reference that is not there allows anything', { $ref: '#/x' }, { $comment: '#/x is not included' }],
    ['no schema allows anything', null, {}],
    ['false allows nothing', false, false],
  ])('%s', (_title, schema, expected) => {
    expect(convert(schema)).toEqual(expected);
  });

  test('readOnly properties are no input, and not required', () => {
    const schema = { properties: { id: { type: 'string', readOnly: true }, name: {} }, required: ['id', 'name'] };
    expect(convert(schema)).toEqual({ properties: { name: {} }, required: ['name'] });
  });

  test.each([
    ['3.0 binary', 'openapi-3.0', { type: 'string', format: 'binary' }],
    ['2.0 file', 'openapi-2.0', { type: 'file' }],
    ['3.1 raw bytes', 'json-schema-2020-12', { contentMediaType: 'application/octet-stream' }],
  ] as const)('%s is given as base64', (_title, dialect, schema) => {
    expect(convert(schema, dialect)).toMatchObject({ required: ['base64'] });
  });

  test('2020-12 keeps what stands beside a $ref, and its own keywords', () => {
    expect(convert({ $ref: '#/a/B~1c', minLength: 1 }, 'json-schema-2020-12')).toEqual({
      $ref: '#/$defs/B~1c',
      minLength: 1,
    });
    expect(convert({ exclusiveMinimum: 3, nullable: true }, 'json-schema-2020-12')).toEqual({ exclusiveMinimum: 3 });
  });

  test('a property named __proto__ stays a property and changes no prototype', () => {
    const schema: unknown = JSON.parse('{"properties":{"__proto__":{"type":"string"}},"__proto__":{"polluted":1}}');
    const converted = convert(schema) as Record<string, unknown>;
    expect(Object.getPrototypeOf(converted)).toBe(Object.prototype);
    expect(Object.keys(converted['properties'] as object)).toEqual(['__proto__']);
    expect(converted['polluted']).toBeUndefined();
  });
});

describe('the input of a task', () => {
  test('has a group for each place that takes something, required where a member is', () => {
    const parameters = [
      parameter({ name: 'id', in: 'path', required: true, schema: { type: 'integer' }, description: 'Which.' }),
      parameter({ name: 'q', in: 'query', schema: { type: 'string' }, example: 'x', deprecated: true }),
      parameter({ name: 'X-A', in: 'header' }),
    ];
    expect(inputSchema(operation({ parameters }), 'openapi-3.0', NO_FRAGMENTS)).toEqual({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties: {
        path: {
          type: 'object',
          properties: { id: { type: 'integer', description: 'Which.' } },
          required: ['id'],
          additionalProperties: false,
        },
        query: {
          type: 'object',
          properties: { q: { type: 'string', examples: ['x'], deprecated: true } },
          additionalProperties: false,
        },
        header: { type: 'object', properties: { 'X-A': {} }, additionalProperties: false },
      },
      required: ['path'],
    });
  });

  test('several media types are a choice of schemas and a contentType; equal schemas are one', () => {
    const json = { schema: { type: 'object' } };
    const content = { 'application/json': json, 'application/x-www-form-urlencoded': json, 'image/png': {} };
    const schema = inputSchema(operation({ requestBody: { required: false, content } }), 'openapi-3.0', NO_FRAGMENTS);
    expect(schema).toMatchObject({
      properties: {
        body: { anyOf: [{ type: 'object' }, { required: ['base64'] }] },
        contentType: { enum: Object.keys(content) },
      },
    });
    expect(schema).not.toHaveProperty('required');
  });

  test('fragments of one name get different ones, and every $ref leads to its own', () => {
    const fragments = new Map<string, Json>([
      ['/components/schemas/A', { properties: { b: { $ref: '#/definitions/A' } } }],
      ['/definitions/A', { type: 'string' }],
      ['/components/schemas/%C3%BC~1', { $ref: '#/components/schemas/A' }],
    ]);
    const content = { 'application/json': { schema: { $ref: '#/components/schemas/%C3%BC~1' } } };
    const made = operation({ requestBody: { required: true, content } });
    expect(inputSchemas(made)).toEqual([{ $ref: '#/components/schemas/%C3%BC~1' }]);
    const schema = inputSchema(made, 'openapi-3.0', fragments) as Record<string, Json>;
    expect(Object.keys(schema['$defs'] as object)).toEqual(['A', 'A_2', 'ü/']);
    const validate = new Ajv2020({ strict: false }).compile(schema);
    expect(validate({ body: { b: 'text' } })).toBe(true);
    expect(validate({ body: { b: 1 } })).toBe(false);
  });

  test('a cycle stays a reference and compiles', () => {
    const fragments = new Map<string, Json>([
      [
        '/s/Node',
        { type: 'object', properties: { next: { $ref: '#/s/Node' }, value: { type: 'number', nullable: true } } },
      ],
    ]);
    const content = { 'application/json': { schema: { $ref: '#/s/Node' } } };
    const schema = inputSchema(operation({ requestBody: { required: true, content } }), 'openapi-3.0', fragments);
    const validate = new Ajv2020({ strict: false }).compile(schema as object);
    expect(validate({ body: { value: null, next: { next: { value: 1 } } } })).toBe(true);
    expect(validate({ body: { next: { next: { value: 'x' } } } })).toBe(false);
  });

  test('an OpenAPI 3.2 querystring is the whole query', () => {
    const parameters = [parameter({ name: 'all', in: 'querystring', required: true, schema: { type: 'object' } })];
    expect(inputSchema(operation({ parameters }), 'json-schema-2020-12', NO_FRAGMENTS)).toMatchObject({
      properties: { query: { type: 'object' } },
      required: ['query'],
    });
  });
});
