/** Ours: the whole of `tasks.run`, the token checked as the variant says. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEverbearer, type Everbearer, type TaskInput } from '../../src/index.ts';
import { createKeyFile } from '../../src/io/key-file.ts';
import type { Contender } from './contender.ts';
import { CLIENT, itemOf, ORDER, SHOP, shopDocument, TOKEN, TRACE } from './shop.ts';

const INTEGRATION = 'bench';

export interface Variant {
  /** Default `every-call`. */
  readonly check?: 'every-call' | 'bounded';
  /** `constant`: it stands in the integration, so that nothing is done for it. Default `oauth2`. */
  readonly token?: 'oauth2' | 'constant';
}

/** @param storeIn the store's option, given a temporary directory */
export function everbearerContender(
  name: string,
  storeIn: (directory: string) => string,
  { check = 'every-call', token = 'oauth2' }: Variant = {},
): Contender {
  return {
    name,
    isPeer: false,
    prepare: async (origin) => {
      const directory = await mkdtemp(join(tmpdir(), 'everbearer-bench-'));
      const keyFile = join(directory, 'keys.json');
      await createKeyFile(keyFile);
      const everbearer = await createEverbearer({ store: storeIn(directory), keyFile, check });
      await setUp(everbearer, origin, token);
      const run = async (operationId: string, input: TaskInput): Promise<unknown> => {
        const { ok, ...response } = await everbearer.tasks.run({ integration: INTEGRATION, operationId, input });
        if (!ok) throw new Error(`The task failed: ${JSON.stringify(response)}`);
        return 'body' in response ? response.body : undefined;
      };
      return {
        get: async (i) => {
          const { item, page, tag } = itemOf(i);
          return await run('getItem', {
            path: { shop: SHOP, item },
            query: { page, tag },
            header: { 'X-Trace': TRACE },
          });
        },
        post: async () => await run('addItem', { path: { shop: SHOP }, header: { 'X-Trace': TRACE }, body: ORDER }),
        close: async () => {
          await everbearer.close();
          await rm(directory, { recursive: true, force: true });
        },
      };
    },
  };
}

async function setUp(
  { models, integrations }: Everbearer,
  origin: string,
  token: NonNullable<Variant['token']>,
): Promise<void> {
  const isConstant = token === 'constant';
  const bytes = new TextEncoder().encode(JSON.stringify(shopDocument(origin, isConstant ? 'http' : 'oauth2')));
  const { versionId } = await models.import({ name: 'shop.json', bytes });
  const authentication = { shop: isConstant ? TOKEN : CLIENT };
  await integrations.create({ name: INTEGRATION, model: versionId, authentication });
}
