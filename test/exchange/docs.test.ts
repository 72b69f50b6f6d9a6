import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseExchange } from '../../src/exchange/parse-exchange.ts';
import { READY_EXCHANGES } from '../../src/exchange/ready-exchanges.ts';
import { SIGNING_FILTER_NAMES } from '../../src/exchange/signing-filters.ts';
import { TEMPLATE_FILTERS } from '../../src/kernel/template-filters.ts';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/exchanges.md'), 'utf8');

describe('docs/exchanges.md', () => {
  test('its document is valid', () => {
    const documents = [...page.matchAll(/```json\n(.*?)```/gs)].map(([, json]) => JSON.parse(json ?? '') as object);
    const exchanges = documents.filter((document) => 'acquire' in document);
    expect(exchanges).toHaveLength(1);
    expect(() => exchanges.map(parseExchange)).not.toThrow();
  });

  test.each([...Object.keys(TEMPLATE_FILTERS), ...SIGNING_FILTER_NAMES, 'default'])(
    'explains the filter %s',
    (name) => {
      expect(page).toMatch(new RegExp(`^\\|.*\`${name}[\`(].*\\|`, 'm'));
    },
  );

  test.each([...READY_EXCHANGES.keys()])('lists the shipped exchange %s', (id) => {
    expect(page).toMatch(new RegExp(`^\\|.*\`${id}\`.*\\|`, 'm'));
  });

  test('names every member of the schema', () => {
    const schema = JSON.parse(readFileSync(join(root, 'schemas/exchange.schema.json'), 'utf8')) as {
      readonly properties: object;
      readonly $defs: Readonly<Record<string, { readonly properties?: object }>>;
    };
    const members = [schema, ...['step', 'condition', 'way', 'expiry', 'input'].map((name) => schema.$defs[name])];
    const names = members.flatMap((part) => Object.keys(part?.properties ?? {}));
    const unnamed = names.filter(
      (name) => !['schemaVersion', '$schema'].includes(name) && !new RegExp(`\\b${name}\\b`).test(page),
    );
    expect(unnamed).toEqual([]);
  });

  test('there are examples', () => {
    expect(readdirSync(join(root, 'examples/exchanges')).length).toBeGreaterThan(10);
  });
});
