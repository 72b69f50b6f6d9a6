/** What an operator does in the database's own shell: nothing of ours is told. */
import { MongoClient } from 'mongodb';
import { editDatabase } from '../stores/support/sqlite-under-test.ts';

export type RawEdit =
  | { readonly kind: 'manual'; readonly token: Readonly<Record<string, string>> }
  | { readonly kind: 'unset'; readonly part: 'at' | 'rt' };

/** Edits every token's record. @param store the store's option */
export async function editRaw(store: string, edit: RawEdit): Promise<void> {
  if (store.startsWith('sqlite:')) editSqlite(store.slice('sqlite:'.length), edit);
  else await editMongodb(store, edit);
}

function editSqlite(path: string, edit: RawEdit): void {
  const [change, value] =
    edit.kind === 'manual'
      ? [`json_set(record, '$.manual', json(?))`, JSON.stringify(edit.token)]
      : ['json_remove(record, ?)', `$.${edit.part}`];
  editDatabase(path, (database) => database.prepare(`UPDATE tokens SET record = ${change}`).run(value));
}

async function editMongodb(uri: string, edit: RawEdit): Promise<void> {
  await using client = await MongoClient.connect(uri);
  const update = edit.kind === 'manual' ? { $set: { manual: edit.token } } : { $unset: { [edit.part]: 1 } };
  await client.db().collection('tokens').updateMany({}, update);
}
