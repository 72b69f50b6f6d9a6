/** Ours: the whole of `tasks.run`, the token checked in the store at every call. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createEverbearer,
  type Everbearer,
  type EverbearerOptions,
  type TaskInput,
  type Tasks,
} from '../../src/index.ts';
import { createKeyFile } from '../../src/io/key-file.ts';
import type { Calls, Contender } from './contender.ts';
import { CLIENT, itemOf, ORDER, SHOP, shopDocument, TRACE } from './shop.ts';

export const INTEGRATION = 'bench';

/** @param storeIn the store's option, given a temporary directory */
export function everbearerContender(
  name: string,
  storeIn: (directory: string) => string,
  options: EverbearerOptions = {},
): Contender {
  return {
    name,
    isPeer: false,
    prepare: async (origin) => {
      const directory = await mkdtemp(join(tmpdir(), 'everbearer-bench-'));
      const keyFile = join(directory, 'keys.json');
      await createKeyFile(keyFile);
      const everbearer = await createEverbearer({ ...options, store: storeIn(directory), keyFile });
      await setUpShop(everbearer, origin);
      return {
        ...shopCalls(everbearer.tasks),
        close: async () => {
          await everbearer.close();
          await rm(directory, { recursive: true, force: true });
        },
      };
    },
  };
}

/** The two calls as tasks. */
export function shopCalls(tasks: Tasks): Pick<Calls, 'get' | 'post'> {
  const run = async (operationId: string, input: TaskInput): Promise<unknown> => {
    const { ok, ...response } = await tasks.run({ integration: INTEGRATION, operationId, input });
    if (!ok) throw new Error(`The task failed: ${JSON.stringify(response)}`);
    return 'body' in response ? response.body : undefined;
  };
  return {
    get: async (i) => {
      const { item, page, tag } = itemOf(i);
      return await run('getItem', { path: { shop: SHOP, item }, query: { page, tag }, header: { 'X-Trace': TRACE } });
    },
    post: async () => await run('addItem', { path: { shop: SHOP }, header: { 'X-Trace': TRACE }, body: ORDER }),
  };
}

export async function setUpShop({ models, integrations }: Everbearer, origin: string): Promise<void> {
  const bytes = new TextEncoder().encode(JSON.stringify(shopDocument(origin)));
  const { versionId } = await models.import({ name: 'shop.json', bytes });
  await integrations.create({ name: INTEGRATION, model: versionId, authentication: { shop: CLIENT } });
}
