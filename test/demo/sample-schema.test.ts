import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sampleSchema } from '../../src/demo/sample-schema.ts';
import type { SampleOptions } from '../../src/demo/sample-schema.ts';
import type { Json, JsonObject } from '../../src/kernel/json.ts';

function sampled(schema: Json, options: Partial<SampleOptions> = {}): Json | undefined {
  return sampleSchema(schema, { fragments: new Map(), dialect: 'json-schema-2020-12', direction: 'input', ...options });
}

const ref = (name: string): JsonObject => ({ $ref: `#/components/schemas/${name}` });
const fragmentsOf = (schemas: Readonly<Record<string, Json>>): ReadonlyMap<string, Json> =>
  new Map(Object.entries(schemas).map(([name, schema]) => [`/components/schemas/${name}`, schema]));

describe('an input', () => {
  test.each<[schema: Json, expected: Json | undefined]>([
    [{ type: 'string' }, 'string'],
    [{ type: 'string', example: 'mine' }, 'mine'],
    [{ type: 'string', examples: ['mine'] }, 'mine'],
    [{ type: 'string', default: 'usual' }, 'usual'],
    [{ enum: ['b', 'a'] }, 'b'],
    [{ const: 5 }, 5],
    [{ type: 'integer', example: 'seven' }, 0],
    [{ type: 'boolean', example: null }, true],
    [{ type: 'string', enum: ['a', 'b'], example: 'c' }, 'a'],
    [{ type: 'string', minLength: 8 }, 'stringst'],
    [{ type: 'string', maxLength: 3 }, 'str'],
    [{ type: 'string', format: 'date' }, '2019-08-24'],
    [{ type: 'string', format: 'date', example: 'yesterday' }, '2019-08-24'],
    [{ type: 'string', format: 'uuid' }, expect.stringMatching(/^[0-9a-f-]{36}$/) as Json],
    [{ type: 'string', pattern: '^[A-Z]{3}$' }, 'AAA'],
    [{ type: 'string', pattern: '^ab\\d+z$', example: 'ab12z' }, 'ab12z'],
    [{ type: 'string', pattern: '^(?=x)y$' }, undefined],
    [{ type: 'integer', minimum: 3 }, 3],
    [{ type: 'integer', exclusiveMinimum: 3 }, 4],
    [{ type: 'integer', minimum: 3, exclusiveMinimum: true }, 4],
    [{ type: 'integer', minimum: 10, multipleOf: 7 }, 14],
    [{ type: 'integer', minimum: 2, maximum: 1 }, undefined],
    [{ type: ['null', 'integer'] }, 0],
    [{ type: 'null' }, null],
    [true, 'string'],
    [{}, 'string'],
    [false, undefined],
    [{ type: 'array', items: { type: 'integer' } }, [0]],
    [{ type: 'array', items: { type: 'integer' }, minItems: 3 }, [0, 0, 0]],
    [{ type: 'array', items: { type: 'integer' }, maxItems: 0 }, []],
    [{ type: 'array', items: { type: 'integer' }, minItems: 2, uniqueItems: true }, undefined],
    [{ type: 'array', items: { type: 'integer' }, minItems: 1_000_000 }, undefined],
    [{ prefixItems: [{ const: 1 }, { const: 2 }], items: false, type: 'array' }, [1, 2]],
    [{ type: 'array', items: { type: 'string', pattern: '^(?=x)y$' } }, []],
    [
      { type: 'object', additionalProperties: { type: 'integer' }, minProperties: 2 },
      { property1: 0, property2: 0 },
    ],
    [{ type: 'string', format: 'binary' }, { base64: 'c2FtcGxl' }],
    [{ type: 'file' }, { base64: 'c2FtcGxl' }],
    [{ allOf: [{ minimum: 3 }, { minimum: 5, type: 'integer' }] }, 5],
    [{ oneOf: [{ type: 'string', pattern: '^(?=x)y$' }, { const: 2 }] }, 2],
    [{ anyOf: [{ const: 1 }, { const: 2 }] }, 1],
    [{ $ref: '#/nowhere' }, 'string'],
    [{ $ref: 'https://elsewhere.test/schema' }, 'string'],
  ])('for %j is %j', (schema, expected) => {
    expect(sampled(schema)).toEqual(expected);
  });

  test('has what is required, of all that must hold together, and nothing else', () => {
    const fragments = fragmentsOf({
      base: { type: 'object', properties: { id: { type: 'integer' }, note: { type: 'string' } }, required: ['id'] },
    });
    const schema = {
      allOf: [ref('base'), { properties: { name: { type: 'string' } } }],
      required: ['name', 'undescribed'],
    };
    expect(sampled(schema, { fragments })).toEqual({ id: 0, name: 'string', undescribed: 'string' });
  });

  test('leaves out what is readOnly, even where it is required; an output what is writeOnly', () => {
    const schema = {
      type: 'object',
      properties: { id: { type: 'integer', readOnly: true }, secret: { type: 'integer', writeOnly: true } },
      required: ['id', 'secret'],
    };
    expect(sampled(schema)).toEqual({ secret: 0 });
    expect(sampled(schema, { direction: 'output' })).toEqual({ id: 0 });
  });

  test.each<[dialect: SampleOptions['dialect'], expected: Json]>([
    ['openapi-3.0', 0],
    ['json-schema-2020-12', 7],
  ])('reads what stands beside a $ref as %s does', (dialect, expected) => {
    const fragments = fragmentsOf({ count: { type: 'integer' } });
    expect(sampled({ ...ref('count'), minimum: 7 }, { fragments, dialect })).toBe(expected);
  });

  test('takes no example of a whole object whose parts it can make, and falls back on it where it cannot', () => {
    const made = { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'], example: { a: 'wrong' } };
    expect(sampled(made)).toEqual({ a: 0 });
    const hard = { ...made, properties: { a: { pattern: '^(?=x)y$' } }, example: { a: 'given' } };
    expect(sampled(hard)).toEqual({ a: 'given' });
  });
});

describe('an output', () => {
  test('shows optional properties, and the example of a whole object', () => {
    const schema = { type: 'object', properties: { a: { type: 'integer' }, b: { type: 'string' } } };
    expect(sampled(schema, { direction: 'output' })).toEqual({ a: 0, b: 'string' });
    expect(sampled({ ...schema, example: { a: 9 } }, { direction: 'output' })).toEqual({ a: 9 });
  });

  test('never fails for a pattern', () => {
    const schema = { type: 'object', properties: { a: { type: 'string', pattern: '^(?=x)y$' } }, required: ['a'] };
    expect(sampled(schema, { direction: 'output' })).toEqual({ a: 'string' });
  });
});

describe('recursion', () => {
  const node = { type: 'object', properties: { name: { type: 'string' }, child: ref('node') } };

  test('that is optional ends where it would begin', () => {
    const fragments = fragmentsOf({ node });
    expect(sampled(ref('node'), { fragments, direction: 'output' })).toEqual({ name: 'string' });
  });

  test('in a list ends with an empty one', () => {
    const fragments = fragmentsOf({
      node: { type: 'object', required: ['children'], properties: { children: { type: 'array', items: ref('node') } } },
    });
    expect(sampled(ref('node'), { fragments })).toEqual({ children: [] });
  });

  test('that has another way out takes it', () => {
    const fragments = fragmentsOf({ tree: { oneOf: [{ type: 'object', required: ['of'], properties: { of: ref('tree') } }, { const: 'leaf' }] } }); // prettier-ignore
    expect(sampled(ref('tree'), { fragments })).toBe('leaf');
  });

  test.each<[title: string, schemas: Readonly<Record<string, Json>>]>([
    ['requires itself', { node: { ...node, required: ['child'] } }],
    ['is nothing but itself', { node: ref('node') }],
    ['is a choice of nothing but itself', { node: { anyOf: [ref('node')] } }],
  ])('that %s has no input', (_title, schemas) => {
    expect(sampled(ref('node'), { fragments: fragmentsOf(schemas) })).toBeUndefined();
  });

  test('of many wide schemas through each other takes no time worth speaking of', () => {
    const names = Array.from({ length: 60 }, (_, index) => `s${index}`);
    const wide = {
      type: 'object',
      properties: Object.fromEntries(names.map((name) => [name, ref(name)])),
      required: names,
    };
    const choice = { oneOf: names.map(ref) };
    const started = performance.now();
    for (const schema of [wide, choice]) {
      const fragments = fragmentsOf(Object.fromEntries(names.map((name) => [name, schema])));
      sampled(ref('s0'), { fragments, direction: 'output' });
      sampled(ref('s0'), { fragments, direction: 'input' });
    }
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

describe('any schema of the usual kind', () => {
  const size = fc.nat(4);
  const { schema } = fc.letrec<{ schema: Json; leaf: Json }>((tie) => ({
    leaf: fc.oneof(
      fc.record({ type: fc.constant('string'), minLength: size }).map((each): Json => each),
      fc.record({ type: fc.constantFrom('integer', 'number'), minimum: fc.integer() }).map((each): Json => each),
      fc.record({ type: fc.constant('boolean') }).map((each): Json => each),
      fc.record({ enum: fc.array(fc.constantFrom<Json>('a', 1, true), { minLength: 1 }) }).map((each): Json => each),
    ),
    schema: fc.oneof(
      { maxDepth: 3 },
      tie('leaf'),
      fc.record({ type: fc.constant('array'), items: tie('schema'), minItems: size }).map((each): Json => each),
      fc
        .tuple(fc.dictionary(fc.constantFrom('a', 'b', 'constructor', '__proto__'), tie('schema')), fc.nat(3))
        .map(([properties, count]): Json => ({
          type: 'object',
          properties,
          required: Object.keys(properties).slice(count),
        })),
      fc.record({ anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }).map((each): Json => each),
    ),
  }));

  test('has an input that it accepts, the same every time', () => {
    const ajv = new Ajv2020({ strict: false, ownProperties: true });
    fc.assert(
      fc.property(schema, (each) => {
        const sample = sampled(each);
        expect(sample, 'a sample').toBeDefined();
        expect(ajv.validate(each as object, sample), ajv.errorsText()).toBe(true);
        expect(JSON.stringify(sampled(each))).toBe(JSON.stringify(sample));
      }),
      { numRuns: 200 },
    );
  });
});
