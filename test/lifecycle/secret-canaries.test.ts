/** A life with everything that can go wrong, by a provider that repeats every secret it is given: none of them is ever seen. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { MongoClient } from 'mongodb';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Everbearer } from '../../src/api.ts';
import type { Fault } from '../../src/demo/fault.ts';
import { errorDocument, EverbearerError } from '../../src/errors.ts';
import { canary, INTEGRATION, STORES, type ProductOptions } from '../product/product-under-test.ts';
import { recordSpans } from '../support/spans.ts';
import { HOUR, LEASE, openShop, type Shop } from './support/shop.ts';
import { createSecretHunt, type SecretHunt } from './support/secret-hunt.ts';

const QUERY = { integration: INTEGRATION };

interface Hunted {
  readonly shop: Shop;
  readonly hunt: SecretHunt;
  /** Everything that the provider knows, in an answer that should have been about something else. */
  readonly echoed: string;
}

async function openHunted(kind: string): Promise<Hunted> {
  const hunt = createSecretHunt();
  const [clientSecret, password, key, parameter] = ['client-secret', 'password', 'tls-key', 'parameter'].map((name) =>
    hunt.secret(name, canary(name)),
  ) as [string, string, string, string];
  hunt.secret('basic credentials', `demo-client:${clientSecret}`);
  const options: ProductOptions = {
    authentication: { client_secret: clientSecret, password, parameters: { ticket: parameter } },
    integration: { tls: { key } },
    provider: {
      clients: [{ client_id: 'demo-client', client_secret: clientSecret }],
      users: [{ username: 'demo-user', password }],
    },
    tokenTimeoutMs: 1_000,
  };
  const { http, logger } = hunt;
  const shop = await openShop(kind, options, { http, logger });
  return { shop, hunt, echoed: `${clientSecret} ${password} ${parameter}` };
}

/** What a call came to, told as a program and a person would see it. */
async function tellOutcome<T>(hunt: SecretHunt, where: string, call: Promise<T>): Promise<void> {
  const outcome = await call.catch((error: unknown) => error);
  hunt.tell(where, outcome);
  if (outcome instanceof EverbearerError) hunt.tell(where, [errorDocument(outcome), outcome.stack, outcome.cause]);
}

async function tellState({ hunt, shop }: Hunted, when: string): Promise<void> {
  const { worker } = shop;
  hunt.tell(`token ${when}`, await worker.tokens.show(QUERY));
  hunt.tell(`integration ${when}`, await worker.integrations.get(INTEGRATION));
}

/** What the token endpoint says instead of a token. */
function badAnswers(echoed: string): readonly Fault[] {
  const json = {
    error: 'invalid_grant',
    error_description: `No: ${echoed}`,
    message: echoed,
    got: { [echoed]: echoed },
  };
  const body = JSON.stringify(json);
  const page = `<html><title>${echoed}</title><p>${encodeURIComponent(echoed)}</p></html>`;
  return [
    { name: 'answer', status: 400, body },
    { name: 'answer', status: 401, body: JSON.stringify({ ...json, error: echoed }) },
    { name: 'answer', status: 503, body: page, contentType: 'text/html' },
    { name: 'answer', status: 200, body: page, contentType: 'text/html' },
    { name: 'answer', status: 200, body: JSON.stringify({ token: echoed, expires_in: 3_600 }) },
    { name: 'answer', status: 200, body: `{"access_token":"${echoed}`, contentType: 'application/json' },
    { name: 'answer', status: 429, body: echoed, contentType: 'text/plain' },
    { name: 'redirect', location: `https://elsewhere.example/?password=${encodeURIComponent(echoed)}#${echoed}` },
    { name: 'no-access-token' },
    { name: 'truncated' },
    { name: 'answer-lost' },
    { name: 'never' },
  ];
}

async function run(worker: Everbearer): Promise<unknown> {
  return await worker.tasks.run({ integration: INTEGRATION, operationId: 'listBooks', input: {} });
}

/** Everything that the store keeps, as text. */
async function dump({ product: { store, directory } }: Shop): Promise<string> {
  if (store.startsWith('sqlite:')) {
    const files = (await readdir(directory)).filter((file) => file.startsWith('store.db'));
    return (await Promise.all(files.map(async (file) => await readFile(join(directory, file), 'latin1')))).join('\n');
  }
  await using client = await MongoClient.connect(store);
  const collections = await client.db().collections();
  return JSON.stringify(await Promise.all(collections.map(async (collection) => await collection.find().toArray())));
}

describe.each(STORES)('on $name', ({ name, skip }) => {
  test.skipIf(skip)(
    'test 47: F62 errors, events, logs, metrics, spans, views, task responses and the store hold none, whatever the provider answers',
    { timeout: 60_000 },
    async () => {
      const recording = recordSpans();
      onTestFinished(async () => await recording.dispose());
      const hunted = await openHunted(name);
      const { shop, hunt, echoed } = hunted;
      const { worker, provider, product } = shop;
      for (const fault of badAnswers(echoed)) {
        const what = `${fault.name} ${fault.status ?? ''}`;
        // Of a sign-in, of a refresh, and of a person's own command.
        await worker.tokens.clear(QUERY);
        provider.script(fault);
        await tellOutcome(hunt, `${what}: first token`, run(worker));
        await tellState(hunted, `after ${what}`);
        provider.clearScript();
        await tellOutcome(hunt, `${what}: token by command`, worker.tokens.refresh(QUERY));
        product.advance(HOUR + 1);
        provider.script(fault, fault);
        await tellOutcome(hunt, `${what}: refresh`, run(worker));
        await tellState(hunted, `after ${what} on a refresh`);
        provider.clearScript();
        product.advance(LEASE);
        await tellOutcome(hunt, `${what}: token by command`, worker.tokens.refresh(QUERY));
      }
      for (const fault of [{ name: 'reset' }, { name: 'status', status: 401 }, { name: 'redirect' }] as const) {
        provider.script({ ...fault, at: 'api' });
        await tellOutcome(hunt, `the API: ${fault.name}`, run(worker));
      }
      await provider.goOffline();
      await tellOutcome(hunt, 'nobody there', run(worker));
      await tellOutcome(hunt, 'nobody there', worker.tokens.refresh(QUERY));
      await provider.goOnline();

      const byHand = hunt.secret('token by hand', canary('by-hand'));
      await tellOutcome(
        hunt,
        'by hand',
        worker.tokens.set(QUERY, { access_token: byHand, refresh_token: `${byHand}rt` }),
      );
      await tellOutcome(hunt, 'by hand, wrong', worker.tokens.set(QUERY, { access_token: `${byHand} x` }));
      await tellOutcome(hunt, 'by hand, wrong', worker.tokens.set(QUERY, { expires_in: byHand }));
      await tellOutcome(hunt, 'a task with it', run(worker));
      await tellOutcome(
        hunt,
        'edit',
        worker.integrations.set(INTEGRATION, { authentication: { shop: { client_auth: echoed } } }),
      );
      await tellState(hunted, 'in the end');
      await shop.settled();

      for (let after: string | undefined, pages = 0; pages < 100; pages += 1) {
        const page = await worker.events.list({ order: 'oldest', ...(after === undefined ? {} : { cursor: after }) });
        hunt.tell('events', page);
        if (page.next === undefined) break;
        after = page.next;
      }
      hunt.tell('metrics', await worker.metrics.text());
      hunt.tell('spans', recording.text());
      expect(hunt.hits()).toEqual([]);
      // It was a hunt: there were tokens, and the store is what was looked at.
      expect(hunt.count()).toBeGreaterThan(20);
      const stored = await dump(shop);
      expect(stored).toContain(INTEGRATION);
      expect(hunt.hitsIn('the store', stored)).toEqual([]);
    },
  );
});

test('test 47: what is spooled when the store takes nothing is not readable either', { timeout: 60_000 }, async () => {
  const { shop, hunt } = await openHunted('sqlite');
  const dying = await shop.heldWorker({}, { http: hunt.http, logger: hunt.logger });
  const save = dying.points.hold('save:before');
  const call = run(dying.worker);
  await save.reached;
  const { directory, store } = shop.product;
  using database = new DatabaseSync(store.slice('sqlite:'.length));
  database.exec('BEGIN IMMEDIATE');
  save.release();
  hunt.tell('a task with a token that is not stored', await call);
  await dying.worker.close();
  database.exec('ROLLBACK');
  const spool = join(directory, 'keys.json.spool');
  const [file = '', ...others] = await readdir(spool);
  expect(others).toEqual([]);
  expect(hunt.count()).toBeGreaterThan(5);
  expect(hunt.hitsIn('the spool', `${file} ${await readFile(join(spool, file), 'latin1')}`)).toEqual([]);
  expect(hunt.hits()).toEqual([]);
});
