/** The first shape of the store. Collections come into being with their indexes. Frozen once released. */
import type { Db } from 'mongodb';

const EVENTS_KEPT_SECONDS = 90 * 24 * 3600;

export const createIndexes = {
  id: '0001-create-indexes',
  async up(db: Db): Promise<void> {
    await db.collection('tokens').createIndexes([{ key: { integration_id: 1 }, name: 'by_integration' }]);
    await db.collection('integrations').createIndexes([
      { key: { name: 1 }, name: 'by_name', unique: true },
      { key: { model: 1, name: 1 }, name: 'by_model' },
    ]);
    await db.collection('models').createIndexes([{ key: { model_id: 1 }, name: 'by_model_id', unique: true }]);
    await db.collection('model_operations').createIndexes([
      { key: { model_id: 1, position: 1 }, name: 'by_position' },
      {
        key: { model_id: 1, duplicate_of: 1 },
        name: 'by_duplicate',
        partialFilterExpression: { duplicate_of: { $exists: true } },
      },
    ]);
    await db.collection('events').createIndexes([
      { key: { integration: 1, _id: 1 }, name: 'by_integration' },
      { key: { at: 1 }, name: 'expiry', expireAfterSeconds: EVENTS_KEPT_SECONDS },
    ]);
  },
};
