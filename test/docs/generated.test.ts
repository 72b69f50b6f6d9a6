import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { generatedPages } from '../../docs/generate.ts';
import { METRICS } from '../../src/kernel/metrics.ts';
import bookshop from '../../src/demo/bookshop.json' with { type: 'json' };

const root = join(import.meta.dirname, '../..');

describe('pages made from the code', async () => {
  test.each([...(await generatedPages())])('docs/%s is up to date (npm run docs)', (name, text) => {
    expect(readFileSync(join(root, 'docs', name), 'utf8')).toBe(text);
  });
});

test('docs/metrics.md asks for metrics that there are', () => {
  const asked =
    readFileSync(join(root, 'docs/metrics.md'), 'utf8').match(/(?:everbearer|http_client)_\w+(?=[[{])/g) ?? [];
  expect(asked.length).toBeGreaterThan(5);
  const named = asked.map((name) => name.replace(/_(?:bucket|count|sum)$/, ''));
  expect(named.filter((name) => !Object.hasOwn(METRICS, name))).toEqual([]);
});

test("the example document is the demo's", () => {
  expect(load(readFileSync(join(root, 'examples/bookshop.yaml'), 'utf8'))).toEqual(bookshop);
});
