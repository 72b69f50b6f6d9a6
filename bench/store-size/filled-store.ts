/**
 * A store with many integrations that have a token each. One of each is made by the product; the others are copies of what it has stored, under ids and
 * names of their own, put in below the port, which would take hours.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { MongoClient, type Db } from 'mongodb';
import { createEverbearer } from '../../src/index.ts';
import { createKeyFile } from '../../src/io/key-file.ts';
import { INTEGRATION, setUpShop } from '../task/everbearer-contender.ts';

/** What a worker uses of a store. */
export interface WorkingSet {
  readonly tokens: readonly string[];
  readonly integrations: readonly string[];
  readonly names: readonly string[];
}

interface Copy {
  readonly token: string;
  readonly integration: string;
  readonly name: string;
}

type StoredDocument = Readonly<Record<string, unknown>> & { readonly _id: string };

const BATCH = 10_000;
const WORKING_SET = 1_000;
/** Nobody answers there, and nobody is asked: the token was given by hand. */
const NOWHERE = 'http://127.0.0.1:9';

/**
 * @param store `sqlite:…` or `mongodb:…`, empty
 * @param count integrations, at least a thousand
 * @returns a thousand of them, from all over the store
 */
export async function fillStore(store: string, count: number): Promise<WorkingSet> {
  await makeOne(store);
  const kept: Copy[] = [];
  const every = Math.floor(count / WORKING_SET);
  const isSqlite = store.startsWith('sqlite:');
  const writer = isSqlite ? sqliteWriter(store.slice('sqlite:'.length)) : await mongodbWriter(store);
  for (let made = 0; made < count; made += BATCH) {
    const copies = Array.from({ length: Math.min(BATCH, count - made) }, newCopy);
    await writer.write(copies);
    kept.push(...copies.filter((_, i) => (made + i) % every === 0));
  }
  await writer.close();
  const used = kept.slice(0, WORKING_SET);
  return {
    tokens: used.map(({ token }) => token),
    integrations: used.map(({ integration }) => integration),
    names: used.map(({ name }) => name),
  };
}

/** By the product, as a person does it. */
async function makeOne(store: string): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'everbearer-bench-'));
  const keyFile = join(directory, 'keys.json');
  await createKeyFile(keyFile);
  const everbearer = await createEverbearer({ store, keyFile });
  await setUpShop(everbearer, NOWHERE);
  await everbearer.tokens.set({ integration: INTEGRATION }, { access_token: 'x'.repeat(1_000), expires_in: 86_400 });
  await everbearer.close();
  await rm(directory, { recursive: true });
}

/** Random, as real ones are: they come in no order that an index could profit from. */
function newCopy(): Copy {
  const integration = randomUUID();
  return { integration, token: `${integration}:shop:${randomUUID().slice(0, 22)}`, name: `bench-${integration}` };
}

interface Writer {
  write(copies: readonly Copy[]): Promise<void>;
  close(): Promise<void>;
}

function sqliteWriter(path: string): Writer {
  const database = new DatabaseSync(path);
  database.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000; PRAGMA temp_store = MEMORY');
  database.exec('CREATE TEMP TABLE token AS SELECT record, host FROM tokens');
  database.exec('CREATE TEMP TABLE integration AS SELECT * FROM integrations');
  const token = database.prepare(`
INSERT INTO tokens (id, integration_id, record, host)
SELECT ?1, ?2, json_set(record, '$.id', ?1, '$.integration_id', ?2), host FROM temp.token`);
  const integration = database.prepare(`
INSERT INTO integrations (id, name, model, rev, created_at, updated_at, marks, settings, sealed)
SELECT ?, ?, model, rev, created_at, updated_at, marks, settings, sealed FROM temp.integration`);
  return {
    write: async (copies) => {
      database.exec('BEGIN');
      for (const copy of copies) {
        token.run(copy.token, copy.integration);
        integration.run(copy.integration, copy.name);
      }
      database.exec('COMMIT');
    },
    close: async () => {
      database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      database.close();
    },
  };
}

async function mongodbWriter(uri: string): Promise<Writer> {
  const client = await MongoClient.connect(uri, { writeConcern: { w: 1, journal: false } });
  const db = client.db();
  const [token, integration] = [await onlyOne(db, 'tokens'), await onlyOne(db, 'integrations')];
  return {
    write: async (copies) => {
      const tokens = copies.map((copy) => ({ ...token, _id: copy.token, integration_id: copy.integration }));
      const integrations = copies.map((copy) => ({ ...integration, _id: copy.integration, name: copy.name }));
      await Promise.all([
        db.collection<StoredDocument>('tokens').insertMany(tokens, { ordered: false }),
        db.collection<StoredDocument>('integrations').insertMany(integrations, { ordered: false }),
      ]);
    },
    close: async () => await client.close(),
  };
}

async function onlyOne(db: Db, collection: string): Promise<StoredDocument> {
  const found = await db.collection<StoredDocument>(collection).findOne();
  if (found === null) throw new Error(`There is nothing in ${collection}.`);
  return found;
}
