/** No secret stands in clear in a store, an event, a view or an error: looked for by canaries. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { afterEach, describe, expect, test } from 'vitest';
import { errorDocument, EverbearerError } from '../../src/errors.ts';
import { canary, INTEGRATION, startProduct, STORES, type Product } from './product-under-test.ts';

const SECRETS = {
  client_secret: canary('client-secret'),
  password: canary('password'),
  parameter: canary('parameter'),
  tlsKey: canary('tls-key'),
  access_token: canary('access-token'),
  refresh_token: canary('refresh-token'),
};

/** Everything that the store keeps, as text. */
async function dump({ store, directory }: Product): Promise<string> {
  if (store.startsWith('sqlite:')) {
    const files = (await readdir(directory)).filter((file) => file.startsWith('store.db') && !file.endsWith('.json'));
    const contents = await Promise.all(files.map(async (file) => await readFile(join(directory, file), 'latin1')));
    return contents.join('\n');
  }
  const client = await MongoClient.connect(store);
  try {
    const collections = await client.db().collections();
    const documents = await Promise.all(collections.map(async (collection) => await collection.find().toArray()));
    return JSON.stringify(documents);
  } finally {
    await client.close();
  }
}

function found(text: string): readonly string[] {
  return Object.entries(SECRETS)
    .filter(([, secret]) => text.includes(secret) || text.includes(Buffer.from(secret).toString('base64').slice(0, -4)))
    .map(([name]) => name);
}

describe.each(STORES)('on $name', ({ name, skip }) => {
  let product: Product;
  afterEach(async () => {
    await product.dispose();
  });

  test.skipIf(skip)('a dump of the store, events, views and errors show none', async () => {
    product = await startProduct(name, {
      authentication: {
        client_secret: SECRETS.client_secret,
        password: SECRETS.password,
        parameters: { 'x-subscription': SECRETS.parameter },
      },
      integration: { tls: { key: SECRETS.tlsKey } },
    });
    const { everbearer } = product;
    const query = { integration: INTEGRATION };
    const refused = await everbearer.tokens.refresh(query).catch((error: unknown) => error);
    await everbearer.tokens.set(query, { access_token: SECRETS.access_token, refresh_token: SECRETS.refresh_token });
    const ran = await everbearer.tasks.run({ integration: INTEGRATION, operationId: 'listBooks' });
    const shown = [
      await everbearer.integrations.get(INTEGRATION),
      await everbearer.tokens.show(query),
      await everbearer.events.list(),
      ran,
      refused instanceof EverbearerError ? [errorDocument(refused), refused.stack, String(refused.cause)] : refused,
    ];
    expect(found(JSON.stringify(shown))).toEqual([]);
    const stored = await dump(product);
    expect(stored).toContain(INTEGRATION);
    expect(found(stored)).toEqual([]);
  });

  test.skipIf(skip)('a masked value sent back changes nothing', async () => {
    product = await startProduct(name);
    const { everbearer } = product;
    await everbearer.tokens.get({ integration: INTEGRATION });
    const before = await everbearer.integrations.get(INTEGRATION);
    const after = await everbearer.integrations.set(INTEGRATION, { authentication: before.authentication });
    expect(after.authentication).toEqual(before.authentication);
    expect(await everbearer.tokens.show({ integration: INTEGRATION })).toMatchObject({ state: 'valid', version: 1 });
  });
});
