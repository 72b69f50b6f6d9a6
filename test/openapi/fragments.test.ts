/** The targets of references, and the digests that a re-import compares. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { condense } from '../../src/openapi/condensation.ts';
import { contractText } from '../../src/openapi/contract-text.ts';
import { document30, imported, operationsOf } from './import-text.ts';

type Schemas = Readonly<Record<string, unknown>>;

const ref = (name: string): { $ref: string } => ({ $ref: `#/components/schemas/${name}` });

/** `POST /x` that takes schema A, with these schemas. */
function withSchemas(schemas: Schemas, operation: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const requestBody = { content: { 'application/json': { schema: ref('A') } } };
  return document30({
    paths: {
      '/x': { post: { operationId: 'x', requestBody, responses: { 200: { description: 'OK' } }, ...operation } },
    },
    components: { schemas },
  });
}

function digest(document: unknown): string {
  return imported(document).operations[0]?.digest ?? '';
}

describe('fragments', () => {
  it('are the schemas that operations lead to, as written, each once', () => {
    const schemas = {
      A: { properties: { b: ref('B') }, description: 'An A' },
      B: { allOf: [ref('C'), ref('A')] },
      C: {},
      Unused: ref('C'),
    };
    expect(imported(withSchemas(schemas)).fragments).toEqual([
      { pointer: '/components/schemas/A', value: JSON.stringify(schemas.A) },
      { pointer: '/components/schemas/B', value: JSON.stringify(schemas.B) },
      { pointer: '/components/schemas/C', value: '{}' },
    ]);
  });

  it.each([
    { rule: 'into another schema', $ref: '#/components/schemas/A/properties/id', value: '{"type":"string"}' },
    {
      rule: 'into a path, percent-encoded',
      $ref: '#/paths/~1y~1%7Bid%7D/get/responses/200/content/application~1json/schema',
      value: '{"type":"number"}',
    },
    { rule: 'into an extension', $ref: '#/x-shared/0', value: '{"type":"boolean"}' },
  ])('any pointer may be one: $rule', ({ $ref, value }) => {
    const content = { 'application/json': { schema: { type: 'number' } } };
    const document = imported(
      document30({
        'x-shared': [{ type: 'boolean' }],
        paths: {
          '/x': { get: { parameters: [{ name: 'p', in: 'query', schema: { $ref } }], responses: {} } },
          '/y/{id}': {
            get: {
              parameters: [{ name: 'id', in: 'path', required: true }],
              responses: { 200: { description: 'OK', content } },
            },
          },
        },
        components: { schemas: { A: { properties: { id: { type: 'string' } } } } },
      }),
    );
    expect(document.fragments).toEqual([{ pointer: $ref.slice(1), value }]);
    expect(document.facts.report.operations.kept).toBe(2);
  });

  it.each([
    { rule: 'a keyword', schema: { items: ref('B') }, found: true },
    { rule: 'a property of any name', schema: { properties: { example: ref('B'), enum: ref('B') } }, found: true },
    { rule: 'a definition', schema: { definitions: { B: ref('B') } }, found: true },
    { rule: 'an example', schema: { example: ref('B') }, found: false },
    { rule: 'a default', schema: { default: ref('B') }, found: false },
    { rule: 'an enum', schema: { enum: [ref('B')] }, found: false },
    { rule: 'an extension', schema: { 'x-b': ref('B') }, found: false },
  ])('a reference in $rule: $found', ({ schema, found }) => {
    const pointers = imported(withSchemas({ A: schema, B: {} })).fragments.map(({ pointer }) => pointer);
    expect(pointers.includes('/components/schemas/B')).toBe(found);
  });

  it.each([
    { openapi: '3.0.3', found: false },
    { openapi: '3.1.0', found: true },
  ])('what stands beside a $ref counts in $openapi: $found', ({ openapi, found }) => {
    const schemas = { A: { ...ref('B'), properties: { c: ref('C') } }, B: {}, C: {} };
    const { fragments } = imported({ ...withSchemas(schemas), openapi });
    expect(fragments.some(({ pointer }) => pointer === '/components/schemas/C')).toBe(found);
  });
});

describe('schemas that cannot be compiled', () => {
  it.each([
    { type: 'any' },
    { type: [] },
    { properties: [] },
    { properties: { a: 'string' } },
    { items: 'string' },
    { allOf: {} },
    { anyOf: [] },
    { required: true },
    { required: [1] },
    { enum: [] },
    { enum: 'a' },
    { pattern: '[' },
    { pattern: '(?i)x' },
    { minLength: '1' },
    { maxItems: -1 },
    { minimum: '0' },
    { properties: { deep: { items: { type: 'strnig' } } } },
  ])('%j degrades the operation that takes it, and is listed once', (schema) => {
    const { report } = imported(withSchemas({ A: { properties: { b: ref('B') } }, B: schema })).facts;
    expect(report.operations.degraded).toBe(1);
    const found = report.findings.filter(({ code }) => code === 'schema_unchecked' || code === 'schema_invalid');
    expect(found.map(({ code, operationId }) => [code, operationId])).toEqual([
      ['schema_unchecked', 'x'],
      ['schema_invalid', undefined],
    ]);
    expect(found[0]?.pointer).toMatch(/^\/components\/schemas\/B/);
    expect(found[1]?.pointer).toBe(found[0]?.pointer);
  });

  it.each([
    true,
    {},
    { type: 'file' },
    { type: ['string', 'null'] },
    { pattern: '^[\\w\\-]+$' },
    { enum: [null] },
    { minimum: 0, exclusiveMinimum: true, maxLength: 0 },
    { required: [] },
    { properties: { type: { type: 'string' }, enum: { type: 'string' } } },
    { nullable: true, discriminator: { propertyName: 'a' }, xml: {} },
  ])('%j is fine', (schema) => {
    expect(imported(withSchemas({ A: schema })).facts.report.operations.kept).toBe(1);
  });

  it('of a response are listed, and the operation is kept', () => {
    const responses = { 200: { description: 'OK', content: { 'application/json': { schema: { type: 'any' } } } } };
    const { report } = imported(withSchemas({ A: {} }, { responses })).facts;
    expect(report.operations.kept).toBe(1);
    expect(report.findings.filter(({ code }) => code === 'schema_invalid')).toHaveLength(1);
  });

  it('behind a reference of a response are listed, and the operation is kept', () => {
    const responses = { 200: { description: 'OK', content: { 'application/json': { schema: ref('R') } } } };
    const { report } = imported(withSchemas({ A: {}, R: { type: 'any' } }, { responses })).facts;
    expect(report.operations.kept).toBe(1);
    expect(report.findings.find(({ code }) => code === 'schema_invalid')?.pointer).toBe('/components/schemas/R/type');
  });

  it('more than 20 are counted', () => {
    const properties = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`p${index}`, ref(`S${index}`)]));
    const schemas = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`S${index}`, { type: 'any' }]));
    const { findings } = imported(withSchemas({ A: { properties }, ...schemas })).facts.report;
    expect(findings.filter(({ code }) => code === 'schema_invalid')).toHaveLength(20);
    expect(findings.find(({ code }) => code === 'structure_more')?.message).toContain('There are 30 schemas');
  });

  it('a $ref to nowhere behind other references degrades every operation in front of it', () => {
    const { report } = imported(
      withSchemas({ A: { items: ref('B') }, B: { items: ref('A'), properties: { c: ref('None') } } }),
    ).facts;
    expect(report.operations.degraded).toBe(1);
    expect(report.findings.find(({ code }) => code === 'reference_dangling')).toMatchObject({
      operationId: 'x',
      pointer: '/components/schemas/B/properties/c',
    });
  });
});

describe('digests', () => {
  const schemas = { A: { properties: { b: ref('B') } }, B: { type: 'object', properties: { a: ref('A') } } };
  const before = digest(withSchemas(schemas));

  it.each([
    { rule: 'a new description', document: withSchemas(schemas, { description: 'New', summary: 'New' }) },
    {
      rule: 'a new description far behind',
      document: withSchemas({ ...schemas, B: { ...schemas.B, description: 'New', example: 1, title: 'B' } }),
    },
    { rule: 'an unused schema', document: withSchemas({ ...schemas, C: {} }) },
    {
      rule: 'another title of the document',
      document: { ...withSchemas(schemas), info: { title: 'New', version: '2' } },
    },
  ])('stay the same for $rule', ({ document }) => {
    expect(digest(document)).toBe(before);
  });

  it.each([
    { rule: 'another type far behind', document: withSchemas({ ...schemas, B: { ...schemas.B, type: 'array' } }) },
    {
      rule: 'another property named description',
      document: withSchemas({ ...schemas, A: { properties: { b: ref('B'), description: {} } } }),
    },
    {
      rule: 'another default',
      document: withSchemas({ ...schemas, A: { ...schemas.A, default: { description: 'a' } } }),
    },
    { rule: 'another response', document: withSchemas(schemas, { responses: { 201: { description: 'OK' } } }) },
    { rule: 'deprecation', document: withSchemas(schemas, { deprecated: true }) },
    { rule: 'the document’s security', document: { ...withSchemas(schemas), security: [{ s: [] }] } },
  ])('change for $rule', ({ document }) => {
    expect(digest(document)).not.toBe(before);
  });

  it('are the same whichever operation leads into a circle of schemas first', () => {
    const content = (name: string): unknown => ({
      requestBody: { content: { 'application/json': { schema: ref(name) } } },
    });
    const paths = { '/a': { post: content('A') }, '/b': { post: content('B') } };
    const one = imported(document30({ paths, components: { schemas } })).operations;
    const other = imported(
      document30({ paths: { '/b': paths['/b'], '/a': paths['/a'] }, components: { schemas } }),
    ).operations;
    expect(other.map((row) => row.digest).toReversed()).toEqual(one.map((row) => row.digest));
  });

  it('tell one order of media types from another: the first is the default', () => {
    const document = (first: string, second: string): unknown =>
      document30({ paths: { '/x': { post: { requestBody: { content: { [first]: {}, [second]: {} } } } } } });
    expect(digest(document('a/b', 'c/d'))).not.toBe(digest(document('c/d', 'a/b')));
  });

  it('tell data from texts for people', () => {
    const one = contractText({
      description: 'x',
      default: { description: 'a' },
      properties: { description: { title: 'T', type: 'string' } },
    });
    expect(one).toBe('{"default":{"description":"a"},"properties":{"description":{"type":"string"}}}');
    expect(contractText({ properties: { properties: { description: 'a' } } })).toBe('{"properties":{"properties":{}}}');
  });
});

describe('components of a graph', () => {
  it('are the sets that reach each other, each behind all that it reaches', () => {
    const graph = fc
      .integer({ min: 1, max: 8 })
      .chain((size) =>
        fc.array(fc.array(fc.nat({ max: size - 1 }), { maxLength: 4 }), { minLength: size, maxLength: size }),
      );
    fc.assert(
      fc.property(graph, (edges) => {
        const reach = edges.map((_, node) => reachable(edges, node));
        const components = condense(edges);
        expect(components.flat().toSorted()).toEqual(edges.map((_, node) => node));
        const place = new Map(
          components.flatMap((component, index) => component.map((node) => [node, index] as const)),
        );
        for (const [a, from] of reach.entries()) {
          for (const [b, back] of reach.entries()) {
            const together = a === b || (from.has(b) && back.has(a));
            expect(place.get(a) === place.get(b)).toBe(together);
            if (from.has(b)) expect(place.get(a)).toBeGreaterThanOrEqual(place.get(b) ?? Infinity);
          }
        }
      }),
    );
  });

  it('of a chain of 100,000 nodes are found without recursion', () => {
    const chain = Array.from({ length: 100_000 }, (_, node) => (node === 99_999 ? [] : [node + 1]));
    expect(condense(chain)[0]).toEqual([99_999]);
  });
});

function reachable(edges: readonly (readonly number[])[], start: number): ReadonlySet<number> {
  const found = new Set<number>();
  const waiting = [...(edges[start] ?? [])];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    waiting.push(...(edges[next] ?? []));
  }
  return found;
}

it('definitions hold no schema twice as large as it was: references stay references', () => {
  const document = imported(withSchemas({ A: { properties: { a: ref('A') } } }));
  expect(operationsOf(document)[0]?.requestBody?.content['application/json']?.schema).toEqual(ref('A'));
});
