/** The probes of hostile input that take seconds each; the others and their rules stand in test/import/hostile.test.ts. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HOSTILE_DOCUMENTS } from '../import/hostile-documents.ts';
import { expectHarmless, MAX_LAG_MS, observe, openImportSite } from '../import/import-site.ts';
import type { ImportSite } from '../import/import-site.ts';

let site: ImportSite;

beforeAll(async () => (site = await openImportSite()));
afterAll(async () => await site.dispose());

test.each(HOSTILE_DOCUMENTS.filter((document) => document.slow === true))(
  '$title',
  async (document) => await expectHarmless(site.models, document),
);

test('a heap bomb within raised limits fills the child and no more', async () => {
  const bytes = Buffer.from(`{"openapi":"3.0.3","x":[${'{},'.repeat(30_000_000)}{}]}`);
  const observed = await observe(async () => await site.models.import({ name: 'bomb', bytes }, { maxBytes: 1e9 }));
  expect(observed.outcome).toMatch(/^(?:import_memory|import_timeout)$/);
  expect(observed.lagMs).toBeLessThan(MAX_LAG_MS);
});

test('a document of 47 MB with 22,000 operations is imported whole, and the main loop stays free', async () => {
  const operation = (at: number): string =>
    `"/p${at}":{"get":{"operationId":"o${at}","description":"${'d'.repeat(1500)}","parameters":[{"$ref":"#/components/parameters/id"}],"responses":{"200":{"description":"ok","content":{"application/json":{"schema":{"$ref":"#/components/schemas/s${at % 4000}"}}}}}}}`;
  const schema = (at: number): string =>
    `"s${at}":{"type":"object","description":"${'d'.repeat(1000)}","properties":{"a":{"$ref":"#/components/schemas/s${(at * 7 + 1) % 4000}"},"b":{"type":"string"}}}`;
  const list = (count: number, item: (at: number) => string): string =>
    Array.from({ length: count }, (_, at) => item(at)).join(',');
  const bytes = Buffer.from(
    `{"openapi":"3.0.3","info":{"title":"Large","version":"1"},"paths":{${list(22_000, operation)}},"components":{"parameters":{"id":{"name":"id","in":"query","schema":{"type":"string"}}},"schemas":{${list(4000, schema)}}}}`,
  );
  expect(bytes.length).toBeGreaterThan(40_000_000);
  const observed = await observe(
    async () => await site.models.import({ name: 'large', bytes }, { maxBytes: 1e8, maxOperations: 50_000 }),
  );
  expect(observed.outcome).toBe('imported');
  expect((await site.models.list()).items.find((item) => item.title === 'Large')?.operations).toBe(22_000);
  expect(observed.lagMs).toBeLessThan(MAX_LAG_MS);
});
