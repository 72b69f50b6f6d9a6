/** Everbearer as a whole, on a temporary store, against an authorization server that others wrote; its userinfo endpoint is the API. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Everbearer } from '../../src/api.ts';
import { createEverbearer } from '../../src/everbearer.ts';
import type { Json } from '../../src/kernel/json.ts';

export interface RealProduct {
  /** Two workers on one store. */
  readonly workers: readonly [Everbearer, Everbearer];
  dispose(): Promise<void>;
}

/** @param userinfo absolute URL of what answers to a valid token with 200 */
export async function startRealProduct(
  userinfo: string,
  tokenUrl: string,
  authentication: Readonly<Record<string, Json>>,
): Promise<RealProduct> {
  const directory = await mkdtemp(join(tmpdir(), 'everbearer-real-'));
  const store = `sqlite:${join(directory, 'store.db')}`;
  const workers = [await createEverbearer({ store }), await createEverbearer({ store })] as const;
  const { origin, pathname } = new URL(userinfo);
  const document = {
    openapi: '3.1.0',
    info: { title: 'Userinfo', version: '1' },
    servers: [{ url: origin }],
    security: [{ realm: [] }],
    paths: { [pathname]: { get: { operationId: 'whoAmI', responses: { 200: { description: 'the user' } } } } },
    components: {
      securitySchemes: {
        realm: {
          type: 'oauth2',
          flows: {
            password: { tokenUrl, refreshUrl: tokenUrl, scopes: {} },
            clientCredentials: { tokenUrl, scopes: {} },
          },
        },
      },
    },
  };
  const bytes = new TextEncoder().encode(JSON.stringify(document));
  const { versionId } = await workers[0].models.import({ name: 'userinfo', bytes });
  await workers[0].integrations.create({ name: 'realm', model: versionId, authentication: { realm: authentication } });
  return {
    workers,
    async dispose() {
      await Promise.all(workers.map((worker) => worker.close()));
      await rm(directory, { recursive: true, force: true });
    },
  };
}
