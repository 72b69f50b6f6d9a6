/** What was edited since: who keeps tokens opened asks that every few seconds. */
import type { Db } from 'mongodb';

export const createEditIndexes = {
  id: '0002-create-edit-indexes',
  async up(db: Db): Promise<void> {
    await db
      .collection('tokens')
      .createIndexes([
        { key: { edited_at: 1 }, name: 'by_edit', partialFilterExpression: { edited_at: { $exists: true } } },
      ]);
    await db.collection('integrations').createIndexes([{ key: { updated_at: 1 }, name: 'by_update' }]);
  },
};
