/**
 * `@itentialopensource/adapter-utils` as generated adapters use it: a directory of entities with an action and a schema each, `identifyRequest` a call.
 * With a static token, which is its quickest authentication: a token that it fetches by itself costs it more.
 */
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Contender } from './contender.ts';
import { BASE_PATH, itemOf, ORDER, SHOP, TOKEN, TRACE } from './shop.ts';

const PACKAGE = '@itentialopensource/adapter-utils';
const ENTITY = 'Items';

const SCHEMA = {
  $id: 'schema.json',
  type: 'object',
  schema: 'http://json-schema.org/draft-07/schema#',
  translate: true,
  dynamicfields: true,
  properties: { ph_request_type: { type: 'string', enum: ['getItem', 'addItem'], external_name: 'ph_request_type' } },
  definitions: {},
};

const ACTIONS = [
  action('getItem', 'GET', '{base_path}/shops/{pathv1}/items/{pathv2}?{query}'),
  action('addItem', 'POST', '{base_path}/shops/{pathv1}/items?{query}'),
];

export const adapterUtils: Contender = {
  name: 'adapter-utils',
  isPeer: true,
  prepare: async (origin) => {
    silence();
    const { RequestHandler } = await import('@itentialopensource/adapter-utils');
    const directory = await adapterDirectory();
    const handler = new RequestHandler('bench', properties(Number(new URL(origin).port)), directory);
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

/** It logs to a global of its host, and an SDK of its dependencies warns on standard error. */
function silence(): void {
  const ignore = (): void => undefined;
  const log = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore, spam: ignore };
  Object.assign(globalThis, { log });
  process.env['AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE'] = '1';
}

async function adapterDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'everbearer-bench-'));
  const entity = join(directory, 'entities', ENTITY);
  await mkdir(entity, { recursive: true });
  await writeFile(join(entity, 'action.json'), JSON.stringify({ actions: ACTIONS }));
  await writeFile(join(entity, 'schema.json'), JSON.stringify(SCHEMA));
  const errors = createRequire(import.meta.url).resolve(`${PACKAGE}/error.json`);
  await copyFile(errors, join(directory, 'error.json'));
  return directory;
}

function action(name: string, method: string, entitypath: string): Readonly<Record<string, unknown>> {
  return {
    name,
    protocol: 'REST',
    method,
    entitypath,
    schema: 'schema.json',
    timeout: 0,
    sendEmpty: false,
    requestDatatype: 'JSON',
    responseDatatype: 'JSON',
    headers: {},
    responseObjects: [{ type: 'default', key: '', mockFile: '' }],
  };
}

function properties(port: number): Readonly<Record<string, unknown>> {
  return {
    host: '127.0.0.1',
    port,
    protocol: 'http',
    base_path: BASE_PATH,
    version: '',
    authentication: {
      auth_method: 'static_token',
      token: TOKEN,
      auth_field: 'header.headers.Authorization',
      auth_field_format: 'Bearer {token}',
    },
    healthcheck: { type: 'none' },
    request: { number_retries: 0, limit_retry_error: 0, attempt_timeout: 60_000, healthcheck_on_timeout: false },
    proxy: { enabled: false },
    ssl: { enabled: false },
    throttle: { throttle_enabled: false },
  };
}
