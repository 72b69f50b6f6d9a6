/** The check value of the store's keys. */
import type { Db } from 'mongodb';
import type { KeyCheckStore } from '../../../src/store.ts';
import type { StoredDocument } from './insert-once.ts';
import { duplicateField, translated } from './translate-error.ts';

const ID = 'key-check';

/** @see KeyCheckStore */
export function createKeyCheckStore(db: Db): KeyCheckStore {
  const meta = db.collection<StoredDocument>('meta');
  const read = async (): Promise<string | undefined> => {
    const document = await meta.findOne({ _id: ID }, { readConcern: { level: 'majority' } });
    return typeof document?.['value'] === 'string' ? document['value'] : undefined;
  };
  return {
    readKeyCheck: async () => await translated(read),
    insertKeyCheck: async (value) =>
      await translated(async () => {
        try {
          await meta.updateOne({ _id: ID }, { $setOnInsert: { value } }, { upsert: true });
        } catch (error) {
          if (duplicateField(error) === undefined) throw error;
        }
        return (await read()) ?? value;
      }),
  };
}
