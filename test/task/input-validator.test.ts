/** Strict checking of a task's input. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/kernel/json.ts';
import type { Operation, SchemaDialect } from '../../src/openapi/operation.ts';
import type { InputFault } from '../../src/task/input-fault.ts';
import { compileValidator, type InputValidator } from '../../src/task/input-validator.ts';
import { readInput } from '../../src/task/operation-input.ts';
import { compilePlan } from '../../src/task/request-plan.ts';
import { operation, parameter } from './operations.ts';

const NO_FRAGMENTS: ReadonlyMap<string, Json> = new Map();

interface CheckOptions {
  readonly dialect?: SchemaDialect;
  readonly fragments?: ReadonlyMap<string, Json>;
}

function validatorOf(
  given: Operation,
  { dialect = 'openapi-3.0', fragments = NO_FRAGMENTS }: CheckOptions = {},
): InputValidator {
  return compileValidator(given, dialect, fragments);
}

function check(given: Operation, input: unknown, options: CheckOptions = {}): readonly InputFault[] {
  return validatorOf(given, options).validate(readInput(compilePlan(given), input));
}

const withQuery = (schema: Json): Operation => operation({ parameters: [parameter('p', 'query', { schema })] });
const withBody = (schema: Json, type = 'application/json'): Operation =>
  operation({ method: 'POST', requestBody: { required: true, content: { [type]: { schema } } } });
const messages = (faults: readonly InputFault[]): readonly string[] =>
  faults.map(({ pointer, message }) => `${pointer} ${message}`);

describe('parameters are checked as the text that they become', () => {
  test.each([
    [{ type: 'integer' }, '5', true],
    [{ type: 'integer' }, 5, true],
    [{ type: 'integer' }, '-0', true],
    [{ type: 'integer' }, '5.5', false],
    [{ type: 'integer' }, '0x10', false],
    [{ type: 'integer' }, '05', false],
    [{ type: 'integer' }, ' 5', false],
    [{ type: 'integer' }, '', false],
    [{ type: 'integer' }, true, false],
    [{ type: 'integer', maximum: 4 }, '5', false],
    [{ type: 'integer', format: 'int32' }, '2147483648', false],
    [{ type: 'integer', format: 'int64' }, '9007199254740993', true],
    [{ type: 'number' }, '1e3', true],
    [{ type: 'number' }, 'Infinity', false],
    [{ type: 'boolean' }, 'true', true],
    [{ type: 'boolean' }, 'yes', false],
    [{ type: 'boolean' }, 1, false],
    [{ type: 'string' }, 5, true],
    [{ type: 'string' }, false, true],
    [{ type: 'string', pattern: '^\\d{3}$' }, 12, false],
    [{ type: 'string' }, ['a'], false],
    [{ type: 'array', items: { type: 'integer' } }, ['1', 2], true],
    [{ type: 'array', items: { type: 'integer' } }, ['1', 'x'], false],
    [{ type: 'array', items: { type: 'integer' } }, '1', false],
    [{ type: 'object', properties: { n: { type: 'number' } } }, { n: '1.5', s: '2' }, true],
    [{ enum: [1, 2] }, '2', true],
    [{ enum: ['1', '2'] }, '2', true],
    [{ anyOf: [{ type: 'integer' }, { enum: ['auto'] }] }, '7', true],
    [{ anyOf: [{ type: 'integer' }, { enum: ['auto'] }] }, 'manual', false],
  ] as const)('%j takes %j: %s', (schema, value, isValid) => {
    expect(check(withQuery(schema as Json), { query: { p: value } }).length === 0).toBe(isValid);
  });

  test('what is sent is what was given', () => {
    const given = withQuery({ type: 'integer', format: 'int64' });
    const input = readInput(compilePlan(given), { query: { p: '9007199254740993' } });
    expect(validatorOf(given).validate(input)).toEqual([]);
    expect(input.query).toEqual({ p: '9007199254740993' });
  });

  test('a parameter whose content is JSON keeps its types', () => {
    const given = operation({
      parameters: [parameter('p', 'query', { contentType: 'application/json', schema: { type: 'integer' } })],
    });
    expect(messages(check(given, { p: '5' }))).toEqual(['/query/p must be integer']);
    expect(check(given, { p: 5 })).toEqual([]);
  });

  test('required ones are demanded in every group, those that OpenAPI or HTTP keep to themselves in none', () => {
    const required = { required: true, schema: { type: 'string' } };
    const given = operation({
      path: '/x/{a}/{undeclared}',
      parameters: [
        parameter('a', 'path', required),
        parameter('b', 'query', required),
        parameter('C', 'header', required),
        parameter('d', 'cookie', required),
        parameter('Accept', 'header', required),
        parameter('content-type', 'header', required),
        parameter('Authorization', 'header', required),
        parameter('Content-Length', 'header', required),
        parameter('unused', 'path', required),
      ],
    });
    expect(messages(check(given, {}))).toEqual([
      '/path/a is required',
      '/path/undeclared is required',
      '/query/b is required',
      '/header/C is required',
      '/cookie/d is required',
    ]);
    expect(
      check(given, { a: 'a', path: { undeclared: 1 }, b: 'b', c: 'c', d: 'd', header: { 'Content-Length': 5 } }),
    ).toEqual([]);
  });

  test('a 3.2 querystring parameter is checked as the whole query', () => {
    const schema = { type: 'object', properties: { limit: { type: 'integer' } }, required: ['limit'] };
    const given = operation({
      parameters: [
        parameter('q', 'querystring', { required: true, schema, contentType: 'application/x-www-form-urlencoded' }),
      ],
    });
    expect(check(given, { query: { limit: '5' } })).toEqual([]);
    expect(messages(check(given, { query: { limit: 'x' } }))).toEqual(['/query/limit must be integer']);
    expect(messages(check(given, {}))).toEqual(['/query is required']);
  });

  test('undeclared parameters are refused with the names they may have meant', () => {
    expect(messages(check(withQuery({}), { query: { pp: 1 } }))).toEqual(['/query/pp is unknown; did you mean "p"?']);
  });
});

describe('bodies are never coerced', () => {
  test('whatever a string looks like', () => {
    const property = withBody({ type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] });
    fc.assert(
      fc.property(fc.oneof(fc.integer().map(String), fc.constantFrom('true', 'false', 'null', '1e3', '0')), (text) => {
        const body = { n: text };
        expect(messages(check(property, { body }))).toEqual(['/body/n must be integer']);
        expect(body).toEqual({ n: text });
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    ['application/json'],
    ['application/x-www-form-urlencoded'],
    ['multipart/form-data'],
    ['application/merge-patch+json'],
  ])('%s', (type) => {
    const given = withBody(
      { type: 'object', properties: { n: { type: 'integer' } }, additionalProperties: false },
      type,
    );
    expect(check(given, { body: { n: 5 } })).toEqual([]);
    expect(messages(check(given, { body: { n: '5' } }))).toEqual(['/body/n must be integer']);
    expect(messages(check(given, { body: { n: 5, m: 1 } }))).toEqual(['/body/m is not a property of this object']);
  });

  test('a missing body is a fault where one is required', () => {
    expect(messages(check(withBody({}), {}))).toEqual(['/body is required']);
  });

  test('files stand for text', () => {
    const schema = {
      type: 'object',
      properties: { file: { type: 'string', format: 'binary' }, list: { type: 'array', items: { type: 'string' } } },
      required: ['file'],
    };
    const file = { base64: 'AA==', filename: 'a.bin' };
    expect(check(withBody(schema, 'multipart/form-data'), { body: { file, list: [file, 'x'] } })).toEqual([]);
    expect(messages(check(withBody(schema, 'application/json'), { body: { file } }))).toEqual([
      '/body/file must be string',
    ]);
  });

  test('XML, text and bytes are not looked into', () => {
    for (const type of ['application/xml', 'text/plain', 'application/octet-stream']) {
      expect(check(withBody({ type: 'object', required: ['a'] }, type), { body: '<a/>' })).toEqual([]);
    }
  });

  test('each media type has its own schema', () => {
    const content = {
      'application/json': { schema: { type: 'object', required: ['a'] } },
      'application/vnd.x+json': { schema: { type: 'object', required: ['b'] } },
      'application/*': { schema: { type: 'object', required: ['c'] } },
    };
    const given = operation({ method: 'POST', requestBody: { required: true, content } });
    expect(messages(check(given, { body: {} }))).toEqual(['/body/a is required']);
    expect(messages(check(given, { body: {}, contentType: 'application/vnd.x+json' }))).toEqual([
      '/body/b is required',
    ]);
    expect(messages(check(given, { body: {}, contentType: 'application/other+json' }))).toEqual([
      '/body/c is required',
    ]);
  });
});

describe('dialects', () => {
  test.each<[string, SchemaDialect, Json, Json, boolean]>([
    ['nullable', 'openapi-3.0', { type: 'string', nullable: true }, null, true],
    ['nullable with enum', 'openapi-3.0', { type: 'string', nullable: true, enum: ['a'] }, null, true],
    ['nullable composition', 'openapi-3.0', { nullable: true, allOf: [{ type: 'object' }] }, null, true],
    ['nullable: false', 'openapi-3.0', { type: 'string', nullable: false }, null, false],
    ['not nullable', 'openapi-3.0', { type: 'string' }, null, false],
    ['x-nullable', 'openapi-2.0', { type: 'string', 'x-nullable': true }, null, true],
    ['a list of types', 'json-schema-2020-12', { type: ['string', 'null'] }, null, true],
    ['exclusive bound as boolean', 'openapi-3.0', { type: 'number', minimum: 0, exclusiveMinimum: true }, 0, false],
    [
      'exclusive bound as boolean, inside',
      'openapi-3.0',
      { type: 'number', minimum: 0, exclusiveMinimum: true },
      0.1,
      true,
    ],
    ['exclusive bound false', 'openapi-3.0', { type: 'number', maximum: 5, exclusiveMaximum: false }, 5, true],
    ['exclusive bound as number', 'json-schema-2020-12', { exclusiveMaximum: 5 }, 5, false],
    ['siblings of $ref are ignored', 'openapi-3.0', { $ref: '#/s/Any', type: 'string' }, 5, true],
    ['siblings of $ref count', 'json-schema-2020-12', { $ref: '#/s/Any', type: 'string' }, 5, false],
    ['nullable beside $ref', 'openapi-3.0', { $ref: '#/s/Text', nullable: true }, null, true],
    ['type: file', 'openapi-2.0', { type: 'file' }, 'x', true],
    ['items as a list', 'openapi-2.0', { type: 'array', items: [{ type: 'string' }] }, [5], false],
    ['const', 'json-schema-2020-12', { const: { a: 1 } }, { a: 1 }, true],
    ['if, then', 'json-schema-2020-12', { if: { required: ['a'] }, then: { required: ['b'] } }, { a: 1 }, false],
    [
      'unevaluatedProperties',
      'json-schema-2020-12',
      { allOf: [{ properties: { a: true } }], unevaluatedProperties: false },
      { b: 1 },
      false,
    ],
    ['dependentRequired', 'json-schema-2020-12', { dependentRequired: { a: ['b'] } }, { a: 1 }, false],
    [
      'discriminator, xml, example mean nothing',
      'openapi-3.0',
      { type: 'object', discriminator: { propertyName: 'kind' }, xml: { name: 'x' }, example: 5 },
      {},
      true,
    ],
    ['an unknown format means nothing', 'openapi-3.0', { type: 'string', format: 'phone' }, 'x', true],
    ['date-time', 'openapi-3.0', { type: 'string', format: 'date-time' }, 'yesterday', false],
    ['cents are multiples of 0.01', 'openapi-3.0', { type: 'number', multipleOf: 0.01 }, 19.99, true],
    [
      'a pattern that compiles without Unicode only',
      'openapi-3.0',
      { type: 'string', pattern: '^[\\w-.]+$' },
      'a-b.c',
      true,
    ],
    ['a pattern with Unicode classes', 'openapi-3.0', { type: 'string', pattern: '^\\p{L}+$' }, 'é', true],
    ['two alternatives fit', 'openapi-3.0', { oneOf: [{ type: 'object' }, { required: ['a'] }] }, { a: 1 }, true],
    ['no alternative fits', 'openapi-3.0', { oneOf: [{ type: 'string' }, { type: 'object' }] }, 5, false],
    [
      'oneOf beside anyOf and allOf',
      'openapi-3.0',
      { oneOf: [{ minimum: 1 }], anyOf: [{ minimum: 2 }], allOf: [{ minimum: 3 }] },
      2,
      false,
    ],
  ])('%s (%s)', (_what, dialect, schema, body, isValid) => {
    const fragments = new Map<string, Json>([
      ['/s/Any', {}],
      ['/s/Text', { type: 'string' }],
    ]);
    expect(
      check(withBody({ properties: { v: schema } }), { body: { v: body } }, { dialect, fragments }).length === 0,
    ).toBe(isValid);
  });

  test('cycles end', () => {
    const fragments = new Map<string, Json>([
      [
        '/s/Node',
        { type: 'object', properties: { next: { $ref: '#/s/Node' }, value: { type: 'integer' } }, required: ['value'] },
      ],
    ]);
    const body = { value: 1, next: { value: 2, next: {} } };
    expect(messages(check(withBody({ $ref: '#/s/Node' }), { body }, { fragments }))).toEqual([
      '/body/next/next/value is required',
    ]);
  });

  describe('what only answers hold is not demanded', () => {
    const fragments = new Map<string, Json>([
      ['/s/Id', { type: 'string', readOnly: true }],
      ['/s/Base', { type: 'object', properties: { id: { type: 'string', readOnly: true } } }],
    ]);
    const readOnly = { type: 'string', readOnly: true };
    test.each<[string, Json]>([
      ['a property', { properties: { id: readOnly, name: {} }, required: ['id', 'name'] }],
      ['a property by reference', { properties: { id: { $ref: '#/s/Id' }, name: {} }, required: ['id', 'name'] }],
      ['a property of a part', { allOf: [{ $ref: '#/s/Base' }], required: ['id', 'name'] }],
      ['required in a part', { properties: { id: readOnly }, allOf: [{ required: ['id', 'name'] }] }],
    ])('%s', (_what, schema) => {
      expect(messages(check(withBody(schema), { body: {} }, { fragments }))).toEqual(['/body/name is required']);
      expect(check(withBody(schema), { body: { name: 'n', id: 'given all the same' } }, { fragments })).toEqual([]);
    });
  });
});

describe('a keyword that means nothing checks nothing, and the rest still does', () => {
  test.each<[string, Json]>([
    ['required: true', { required: true }],
    ['an unknown type', { type: 'any' }],
    ['an empty enum', { enum: [] }],
    ['a text for a number', { minimum: '0' }],
    ['a pattern that does not compile', { pattern: '(' }],
    ['properties: null', { properties: null }],
    ['allOf: []', { allOf: [] }],
    ['items: text', { items: 'string' }],
    ['a schema that is text', { properties: { a: 'string' } }],
    ['a dangling reference', { properties: { a: { $ref: '#/nowhere' } } }],
    ['an external reference', { properties: { a: { $ref: 'other.yaml#/A' } } }],
    ['a pattern property that does not compile', { patternProperties: { '(': {} } }],
    ['dependentRequired: text', { dependentRequired: 'a' }],
  ])('%s', (_what, broken) => {
    const given = withBody({ allOf: [broken, { type: 'object', required: ['checked'] }] });
    expect(messages(check(given, { body: {} }))).toEqual(['/body/checked is required']);
    expect(validatorOf(given).warnings).toHaveLength(1);
    expect(validatorOf(given).warnings[0]?.pointer).toMatch(/^\/requestBody\/allOf\/0/);
  });

  test('a schema too large to compile in passing checks nothing, and says so', () => {
    const properties = Object.fromEntries(
      Array.from({ length: 6_000 }, (_, index) => [`p${index}`, { type: 'string' }]),
    );
    const given = withBody({ properties });
    expect(check(given, { body: { p1: 5 } })).toEqual([]);
    expect(validatorOf(given).warnings).toEqual([
      { pointer: '/requestBody', message: 'has more than 5000 schemas and checks nothing' },
    ]);
  });

  test('names that every object has are names like others', () => {
    const schema = JSON.parse(
      '{"type":"object","properties":{"constructor":{"type":"string"},"__proto__":{"type":"string"}},"required":["constructor","toString"]}',
    ) as Json;
    expect(messages(check(withBody(schema), { body: {} }))).toEqual([
      '/body/constructor is required',
      '/body/toString is required',
    ]);
  });
});

describe('faults say where and what, and no value', () => {
  test.each<[Json, Json, readonly string[]]>([
    [{ enum: ['a', 'b'] }, 'secret', ['/body must be one of "a", "b"']],
    [
      { enum: Array.from({ length: 12 }, (_, index) => index) },
      'secret',
      ['/body must be one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, or one of 2 more'],
    ],
    [{ const: 'a' }, 'secret', ['/body must be "a"']],
    [
      { anyOf: [{ const: 1 }, { const: 2 }] },
      3,
      ['/body must be one of 1, 2', '/body must fit one of the alternatives'],
    ],
    [{ anyOf: [{ type: 'integer' }, { type: 'boolean' }] }, 'secret', ['/body must be integer or boolean']],
    [
      { anyOf: [{ type: 'integer' }, { type: 'object', required: ['a'] }] },
      {},
      ['/body/a is required', '/body must fit one of the alternatives'],
    ],
    [{ type: 'string', nullable: true }, 5, ['/body must be string']],
    [{ not: {} }, 'secret', ['/body must NOT be valid']],
    [{ properties: { 'a/b~c': { type: 'string' } } }, { 'a/b~c': 1 }, ['/body/a~1b~0c must be string']],
    [{ type: 'object', properties: { a: false } }, { a: 'secret' }, ['/body/a must not be given']],
    [{ type: 'string', maxLength: 3 }, 'secret', ['/body must NOT have more than 3 characters']],
  ])('%j', (schema, body, expected) => {
    const faults = check(withBody(schema), { body });
    expect(messages(faults)).toEqual(expected);
    expect(JSON.stringify(faults)).not.toContain('secret');
  });

  test('at most twenty', () => {
    const given = withBody({ type: 'array', items: { type: 'integer' } });
    expect(check(given, { body: Array.from({ length: 100 }, () => 'x') })).toHaveLength(20);
  });
});
