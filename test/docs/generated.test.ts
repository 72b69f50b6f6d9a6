import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { generatedPages } from '../../docs/generate.ts';
import bookshop from '../../src/demo/bookshop.json' with { type: 'json' };

const root = join(import.meta.dirname, '../..');

describe('pages made from the code', async () => {
  test.each([...(await generatedPages())])('docs/%s is up to date (npm run docs)', (name, text) => {
    expect(readFileSync(join(root, 'docs', name), 'utf8')).toBe(text);
  });
});

test("the example document is the demo's", () => {
  expect(load(readFileSync(join(root, 'examples/bookshop.yaml'), 'utf8'))).toEqual(bookshop);
});
