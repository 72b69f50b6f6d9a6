/** A worker keeps integrations opened. What somebody else mended must be mended here too, also where a call fails before anything would be looked up. */
import { afterEach, describe, expect, test } from 'vitest';
import type { Everbearer } from '../../src/api.ts';
import bookshop from '../../src/demo/bookshop.json' with { type: 'json' };
import type { Json } from '../../src/kernel/json.ts';
import { INTEGRATION, startProduct, STORES, type Product, type ProductOptions } from './product-under-test.ts';

const BOOKS = '/books';

describe.each(STORES)('on $name, a worker that has the integration opened', ({ name, skip }) => {
  let product: Product;
  let editor: Everbearer;

  const start = async (options?: ProductOptions): Promise<void> => {
    product = await startProduct(name, options);
    editor = await product.another();
  };
  const outcome = async (input: Readonly<Record<string, Json>> = {}): Promise<string | number> => {
    const call = { integration: INTEGRATION, operationId: 'listBooks', input };
    const response = await product.everbearer.tasks.run(call).catch((error: unknown) => error as { code: string });
    return 'status' in response ? response.status : response.code;
  };
  const importAgain = async (document: unknown): Promise<void> => {
    const bytes = new TextEncoder().encode(JSON.stringify(document));
    await editor.models.import({ name: 'bookshop.json', bytes }, { replace: true });
  };
  const without = (path: string): unknown => ({
    ...bookshop,
    paths: Object.fromEntries(Object.entries(bookshop.paths).filter(([key]) => key !== path)),
  });

  afterEach(async () => {
    await product.dispose();
  });

  test.skipIf(skip)('runs an operation that was taken out of the document and came back', async () => {
    await start();
    expect(await outcome()).toBe(200);
    await importAgain(without(BOOKS));
    expect(await outcome()).toBe('not_found');
    await importAgain(bookshop);
    expect(await outcome()).toBe(200);
  });

  test.skipIf(skip)('reaches a server that was allowed after the first call was refused it', async () => {
    await start({ integration: { server: { url: 'http://127.0.0.1:1' } } });
    const server = product.provider.apiUrl;
    expect(await outcome({ server })).toBe('egress_refused');
    await editor.integrations.set(INTEGRATION, { egress: [new URL(server).host] });
    expect(await outcome({ server })).toBe(200);
  });

  test.skipIf(skip)('sends a key that was given after the first call failed for want of it', async () => {
    await start();
    const shop = { type: 'apiKey', in: 'header', name: 'X-Key' };
    await importAgain({ ...bookshop, components: { ...bookshop.components, securitySchemes: { shop } } });
    await editor.integrations.set(INTEGRATION, { authentication: null });
    expect(await outcome()).toBe('configuration_missing');
    await editor.integrations.set(INTEGRATION, { authentication: { shop: { value: 'a key' } } });
    // It was sent; the simulated provider wants a bearer token.
    expect(await outcome()).toBe(401);
  });

  test.skipIf(skip)('checks the input against the document as it is now', async () => {
    await start();
    const input = { query: { added: 'x' } };
    expect(await outcome(input)).toBe('input_invalid');
    const { get, ...path } = bookshop.paths[BOOKS];
    const added = { name: 'added', in: 'query', schema: { type: 'string' } };
    const parameters = [...get.parameters, added];
    await importAgain({ ...bookshop, paths: { ...bookshop.paths, [BOOKS]: { ...path, get: { ...get, parameters } } } });
    expect(await outcome(input)).toBe(200);
  });
});
