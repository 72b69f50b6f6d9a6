import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json } from '../../src/kernel/json.ts';
import { readSchema } from '../../src/model/local-references.ts';
import { loadClosure } from '../../src/model/schema-closure.ts';
import type { FragmentRow } from '../../src/openapi/imported-model.ts';

interface Fragments {
  readonly calls: (readonly string[])[];
  readFragments(modelId: string, pointers: readonly string[]): Promise<readonly FragmentRow[]>;
}

/** Answers in reverse order, as a store may. */
function fragments(schemas: Readonly<Record<string, Json>>): Fragments {
  const calls: (readonly string[])[] = [];
  return {
    calls,
    readFragments: async (_modelId, pointers) => {
      calls.push(pointers);
      return pointers
        .filter((pointer) => Object.hasOwn(schemas, pointer))
        .map((pointer) => ({ pointer, value: JSON.stringify(schemas[pointer]) }))
        .reverse();
    },
  };
}

function ref(pointer: string): Json {
  return { $ref: `#${pointer}` };
}

test('references are found in every schema keyword, and never in data', () => {
  const schema = {
    properties: { example: ref('/a'), enum: { items: ref('/b') } },
    allOf: [ref('/c'), { not: ref('/d') }],
    additionalProperties: ref('/e'),
    example: ref('/no1'),
    default: { $ref: '#/no2' },
    enum: [ref('/no3')],
    'x-any': ref('/no4'),
    $ref: '#/f',
  };
  expect([...readSchema(schema, 100).pointers].sort()).toEqual(['/a', '/b', '/c', '/d', '/e', '/f']);
});

test.each([
  ['a property named $ref', { properties: { $ref: { type: 'string' } } }],
  ['a reference to another file', { $ref: 'other.yaml#/a' }],
  ['a URL', { $ref: 'https://example.com/a.json' }],
  ['an anchor', { $ref: '#a' }],
  ['a reference that is no text', { $ref: 1 }],
])('%s is no local reference', (_title, schema) => {
  expect(readSchema(schema, 100).pointers).toEqual([]);
});

test('loads level by level, each fragment once, cycles included', async () => {
  const store = fragments({
    '/a': { properties: { b: ref('/b'), c: ref('/c') } },
    '/b': { items: ref('/a') },
    '/c': { anyOf: [ref('/b'), ref('/c'), ref('/missing')] },
  });
  const closure = await loadClosure(store, 'm', [ref('/a')]);
  expect([...closure.keys()]).toEqual(['/a', '/b', '/c']);
  expect(store.calls).toEqual([['/a'], ['/b', '/c'], ['/missing']]);
});

test('a chain longer than the depth is cut there', async () => {
  const chain = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`/${at}`, { items: ref(`/${at + 1}`) }]));
  const closure = await loadClosure(fragments(chain), 'm', [ref('/0')]);
  expect(closure.size).toBe(20);
  expect((await loadClosure(fragments(chain), 'm', [ref('/0')], { maxDepth: 0 })).size).toBe(0);
});

test('a fragment that is too large is left out, smaller ones after it are not', async () => {
  const large = { properties: Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`p${at}`, {}])) };
  const store = fragments({ '/large': large, '/small': { type: 'string' } });
  const closure = await loadClosure(store, 'm', [{ allOf: [ref('/large'), ref('/small')] }], { maxNodes: 20 });
  expect([...closure.keys()]).toEqual(['/small']);
});

test('never more nodes than the limit, whatever refers to whatever', async () => {
  const graph = fc.array(fc.array(fc.nat(30), { maxLength: 6 }), { minLength: 31, maxLength: 31 });
  await fc.assert(
    fc.asyncProperty(graph, fc.nat(60), async (edges, maxNodes) => {
      const store = fragments(
        Object.fromEntries(edges.map((targets, at) => [`/${at}`, { allOf: targets.map((to) => ref(`/${to}`)) }])),
      );
      const closure = await loadClosure(store, 'm', [ref('/0')], { maxNodes });
      const nodes = [...closure.values()].reduce<number>((sum, value) => sum + readSchema(value, 1e6).nodes, 0);
      expect(nodes).toBeLessThanOrEqual(maxNodes);
      expect(new Set(store.calls.flat()).size).toBe(store.calls.flat().length);
    }),
  );
});
