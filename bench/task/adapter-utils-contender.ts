/**
 * `@itentialopensource/adapter-utils` as generated adapters use it: a directory of entities with an action and a schema each, `identifyRequest` a call.
 * With a static token, which is its quickest authentication: a token that it fetches by itself costs it more.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adapterAction, adapterProperties, adapterSchema, silenceAdapter, writeAdapter } from '../adapter.ts';
import type { Contender } from './contender.ts';
import { BASE_PATH, itemOf, ORDER, SHOP, TOKEN, TRACE } from './shop.ts';

const ENTITY = 'Items';

const ACTIONS = [
  adapterAction('getItem', 'GET', '{base_path}/shops/{pathv1}/items/{pathv2}?{query}'),
  adapterAction('addItem', 'POST', '{base_path}/shops/{pathv1}/items?{query}'),
];

const AUTHENTICATION = {
  auth_method: 'static_token',
  token: TOKEN,
  auth_field: 'header.headers.Authorization',
  auth_field_format: 'Bearer {token}',
};

export const adapterUtils: Contender = {
  name: 'adapter-utils',
  isPeer: true,
  prepare: async (origin) => {
    silenceAdapter();
    const { RequestHandler } = await import('@itentialopensource/adapter-utils');
    const directory = await mkdtemp(join(tmpdir(), 'everbearer-bench-'));
    await writeAdapter(directory, {
      [ENTITY]: { action: { actions: ACTIONS }, schema: adapterSchema('schema', ['getItem', 'addItem']) },
    });
    const service = { origin, basePath: BASE_PATH, authentication: AUTHENTICATION, retries: 0 };
    const handler = new RequestHandler('bench', adapterProperties(service), directory);
    const call = async (name: string, request: Readonly<Record<string, unknown>>): Promise<unknown> =>
      await new Promise((resolve, reject) => {
        handler.identifyRequest(ENTITY, name, request, true, (result, error) => {
          if (result === null) reject(new Error(JSON.stringify(error)));
          else resolve(result.response);
        });
      });
    // Made anew for each call, as generated adapters do: it writes into what it is given.
    const addlHeaders = (): Record<string, string> => ({ 'x-trace': TRACE });
    return {
      get: async (i) => {
        const { item, page, tag } = itemOf(i);
        return await call('getItem', {
          uriPathVars: [SHOP, item],
          uriQuery: { page, tag },
          addlHeaders: addlHeaders(),
        });
      },
      post: async () =>
        await call('addItem', { uriPathVars: [SHOP], payload: { ...ORDER }, addlHeaders: addlHeaders() }),
      close: async () => await rm(directory, { recursive: true }),
    };
  },
};
