/** The one API that every contender talks to: its document, the calls that are made, and what they are answered with. */

export const TOKEN = `bench-${'x'.repeat(400)}`;
export const CLIENT = { client_id: 'bench', client_secret: 'bench-secret' };
export const BASE_PATH = '/api/v1';

export const SHOP = 'north 1';
export const TRACE = 'bench-trace-0123456789';
export const ORDER = { name: 'lamp', price: 12.5, tags: ['new', 'blue'], note: 'by hand' };
export const ITEM = {
  id: 17,
  name: 'lamp',
  price: 12.5,
  tags: ['new', 'blue'],
  stock: Array.from({ length: 6 }, (_, shelf) => ({ shelf, pieces: shelf * 3, checked: '2026-01-01T00:00:00Z' })),
};

/** What varies from call to call. */
export function itemOf(i: number): { readonly item: number; readonly page: number; readonly tag: string } {
  return { item: i % 1_000, page: i % 7, tag: 'new & blue' };
}

/** @param origin of the server that runs */
export function shopDocument(origin: string): Readonly<Record<string, unknown>> {
  const shop = { name: 'shop', in: 'path', required: true, schema: { type: 'string', maxLength: 40 } };
  const trace = { name: 'X-Trace', in: 'header', required: true, schema: { type: 'string', minLength: 8 } };
  const answer = {
    description: 'ok',
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Item' } } },
  };
  const text = { type: 'string' };
  return {
    openapi: '3.0.3',
    info: { title: 'Bench shop', version: '1' },
    servers: [{ url: origin + BASE_PATH }],
    security: [{ shop: [] }],
    paths: {
      '/shops/{shop}/items/{item}': {
        get: {
          operationId: 'getItem',
          parameters: [
            shop,
            { name: 'item', in: 'path', required: true, schema: { type: 'integer', minimum: 0 } },
            { name: 'page', in: 'query', schema: { type: 'integer', minimum: 0 } },
            { name: 'tag', in: 'query', schema: text },
            trace,
          ],
          responses: { 200: answer },
        },
      },
      '/shops/{shop}/items': {
        post: {
          operationId: 'addItem',
          parameters: [shop, trace],
          requestBody: {
            required: true,
            content: { 'application/json': { schema: { $ref: '#/components/schemas/NewItem' } } },
          },
          responses: { 201: answer },
        },
      },
    },
    components: {
      schemas: {
        Item: { type: 'object', properties: { id: { type: 'integer' }, name: text } },
        NewItem: {
          type: 'object',
          required: ['name', 'price'],
          properties: {
            name: text,
            price: { type: 'number', minimum: 0 },
            tags: { type: 'array', items: text },
            note: text,
          },
        },
      },
      securitySchemes: {
        shop: { type: 'oauth2', flows: { clientCredentials: { tokenUrl: `${origin}/token`, scopes: {} } } },
      },
    },
  };
}
