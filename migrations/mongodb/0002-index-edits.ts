/** What was edited since an instant is asked for every few seconds by every worker. Most tokens were never edited: their index is partial. */
import type { Db } from 'mongodb';

export const indexEdits = {
  id: '0002-index-edits',
  async up(db: Db): Promise<void> {
    await db.collection('tokens').createIndexes([
      {
        key: { edited_at: 1, _id: 1 },
        name: 'by_edit',
        partialFilterExpression: { edited_at: { $exists: true } },
      },
    ]);
    await db.collection('integrations').createIndexes([{ key: { updated_at: 1, _id: 1 }, name: 'by_edit' }]);
  },
};
