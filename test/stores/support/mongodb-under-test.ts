/** Gives a fresh MongoDB store to the contract suite, and a second connection to look behind it. */
import { MongoClient } from 'mongodb';
import type { Collection } from 'mongodb';
import { credentialDocument } from '../../../adapters/stores/mongodb/credential-document.ts';
import type { StoredDocument } from '../../../adapters/stores/mongodb/insert-once.ts';
import { openMongoStore } from '../../../adapters/stores/mongodb/mongodb-store.ts';
import { tokenDocument } from '../../../adapters/stores/mongodb/token-document.ts';
import type { OpenStoreOptions, Store } from '../../../src/store.ts';
import type { TokenRecord } from '../../../src/token/token-record.ts';
import { freshMongodbUri } from '../../support/mongodb.ts';
import type { HandEdit, StoreUnderTest } from '../contract/store-under-test.ts';

/** Opens a store in a database of its own on the server of this run. */
export async function openMongoUnderTest(options: OpenStoreOptions = {}): Promise<StoreUnderTest> {
  return await openMongoUnderTestAt(freshMongodbUri(), options);
}

/** Opens a store in a database that nobody else uses. */
export async function openMongoUnderTestAt(uri: string, options: OpenStoreOptions = {}): Promise<StoreUnderTest> {
  const stores: Store[] = [await openMongoStore(uri, options)];
  const client = await MongoClient.connect(uri);
  const tokens = client.db().collection<StoredDocument>('tokens');
  const credentials = client.db().collection<StoredDocument>('credentials');
  return {
    store: stores[0]!,
    another: async (otherOptions = options) => {
      const store = await openMongoStore(uri, otherOptions);
      stores.push(store);
      return store;
    },
    putToken: async (record) => await putToken(tokens, record),
    putCredential: async (record) => {
      const { _id, ...fields } = credentialDocument(record, 1);
      await credentials.replaceOne({ _id }, fields, { upsert: true });
    },
    editToken: async (id, edit) => await editToken(tokens, id, edit),
    dispose: async () => {
      await Promise.all(stores.map(async (store) => await store.close()));
      await client.db().dropDatabase();
      await client.close();
    },
  };
}

/** A record as a restore puts it. */
export async function putToken(tokens: Collection<StoredDocument>, record: TokenRecord): Promise<void> {
  const { _id, ...fields } = tokenDocument(record);
  await tokens.replaceOne({ _id }, fields, { upsert: true });
}

/** A person's edit of a token's record. */
export async function editToken(tokens: Collection<StoredDocument>, id: string, edit: HandEdit): Promise<void> {
  await tokens.updateOne({ _id: id }, updateOf(edit));
}

function updateOf(edit: HandEdit): object {
  switch (edit.kind) {
    case 'unset':
      return { $unset: { [edit.part]: 1 } };
    case 'set-expires-at':
      return { $set: { 'at.expires_at': new Date(edit.at) } };
    case 'write-manual':
      return { $set: { manual: edit.manual } };
  }
}
