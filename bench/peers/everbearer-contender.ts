/** Ours: an integration in a store that all processes open, `tasks.run` for each task. Nothing but the public library. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEverbearer, type Everbearer } from '../../src/index.ts';
import { createKeyFile } from '../../src/io/key-file.ts';
import type { Contender, Site } from './contender.ts';

const INTEGRATION = 'shop';
const DOCUMENT = new URL('../../src/demo/bookshop.json', import.meta.url);

export const everbearerOnSqlite: Contender = everbearer(({ directory }) => `sqlite:${join(directory, 'store.db')}`);

export const everbearerOnMongodb: Contender = everbearer(({ mongodb }) => {
  if (mongodb === undefined) throw new Error('There is no MongoDB.');
  return mongodb;
});

function everbearer(storeOf: (site: Site) => string): Contender {
  const open = async (site: Site, clockOffsetMs: () => number): Promise<Everbearer> =>
    await createEverbearer({ store: storeOf(site), keyFile: keyFileOf(site) }, { storeClockOffsetMs: clockOffsetMs });
  return {
    refreshes: true,
    clock: 'store',
    install: async (site) => {
      await createKeyFile(keyFileOf(site));
      const opened = await open(site, () => 0);
      await createIntegration(opened, site);
      await opened.close();
    },
    start: async (site, clockOffsetMs) => {
      const { tasks } = await open(site, clockOffsetMs);
      return async () => {
        const response = await tasks.run({ integration: INTEGRATION, operationId: 'listBooks', input: {} });
        if (!response.ok) throw new Error('status' in response ? `the API answered ${response.status}` : response.code);
      };
    },
  };
}

function keyFileOf({ directory }: Site): string {
  return join(directory, 'keys.json');
}

async function createIntegration({ models, integrations, tokens }: Everbearer, site: Site): Promise<void> {
  const { versionId } = await models.import({ name: 'bookshop.json', bytes: readFileSync(DOCUMENT) });
  const { apiUrl, client, tokenUrl, session } = site;
  await integrations.create({
    name: INTEGRATION,
    model: versionId,
    server: { url: apiUrl },
    authentication: { shop: { ...flowOf(site), ...client, token_url: tokenUrl } },
  });
  if (session !== undefined) await tokens.set({ integration: INTEGRATION }, { ...session });
}

function flowOf({ grant, account, tokenUrl }: Site): Readonly<Record<string, string>> {
  switch (grant) {
    case 'sign-in':
      return { flow: 'authorizationCode' };
    case 'password':
      return { flow: 'password', ...account, refresh_url: tokenUrl };
    case 'client_credentials':
      return { flow: 'clientCredentials' };
  }
}
