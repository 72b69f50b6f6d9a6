/** The product's own database, seen and edited past the product. */
import { MongoClient } from 'mongodb';
import type { StoredDocument } from '../../../adapters/stores/mongodb/insert-once.ts';
import { openMongoStore } from '../../../adapters/stores/mongodb/mongodb-store.ts';
import { openSqliteStore } from '../../../adapters/stores/sqlite/sqlite-store.ts';
import type { Store } from '../../../src/store.ts';
import type { TokenRecord } from '../../../src/token/token-record.ts';
import type { Product } from '../../product/product-under-test.ts';
import type { HandEdit } from '../../stores/contract/store-under-test.ts';
import { editToken as editDocument, putToken as putDocument } from '../../stores/support/mongodb-under-test.ts';
import { editToken as editRow, putToken as putRow } from '../../stores/support/sqlite-under-test.ts';

export interface Database {
  /** A connection of its own. */
  readonly store: Store;
  /** What a person does in the database's shell. */
  edit(recordId: string, edit: HandEdit): Promise<void>;
  /** What a restore does. */
  put(record: TokenRecord): Promise<void>;
  close(): Promise<void>;
}

export async function openDatabase(product: Product): Promise<Database> {
  return product.store.startsWith('sqlite:')
    ? await openSqlite(product, product.store.slice('sqlite:'.length))
    : await openMongodb(product);
}

async function openSqlite({ elapsedMs }: Product, path: string): Promise<Database> {
  const store = await openSqliteStore(path, { clockOffsetMs: elapsedMs });
  return {
    store,
    async edit(recordId, edit) {
      editRow(path, recordId, edit);
    },
    async put(record) {
      putRow(path, record);
    },
    close: () => store.close(),
  };
}

async function openMongodb({ store: url, elapsedMs }: Product): Promise<Database> {
  const [store, client] = [await openMongoStore(url, { clockOffsetMs: elapsedMs }), await MongoClient.connect(url)];
  const tokens = client.db().collection<StoredDocument>('tokens');
  return {
    store,
    edit: async (recordId, edit) => await editDocument(tokens, recordId, edit),
    put: async (record) => await putDocument(tokens, record),
    async close() {
      await store.close();
      await client.close();
    },
  };
}
