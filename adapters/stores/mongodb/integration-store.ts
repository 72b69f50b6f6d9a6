/** Integrations in MongoDB. */
import type { Collection, Db } from 'mongodb';
import type { IntegrationStore, NewIntegrationRecord } from '../../../src/integration/integration-store.ts';
import { insertOnce } from './insert-once.ts';
import { editableFields, integrationFields, integrationRecord } from './integration-document.ts';
import type { IntegrationDocument } from './integration-document.ts';
import { listPage, pageLimit } from './list-page.ts';
import { readInOneReply } from './one-reply.ts';
import { readEdited } from './read-edited.ts';
import type { StoreClock } from './store-clock.ts';
import { duplicateField, translated } from './translate-error.ts';

/** @see IntegrationStore */
export function createIntegrationStore(db: Db, clock: StoreClock): IntegrationStore {
  const integrations = db.collection<IntegrationDocument>('integrations');
  return {
    insert: async (record) => await translated(async () => await insert(integrations, clock, record)),
    findByName: async (name) =>
      await translated(async () => {
        const document = await integrations.findOne({ name: { $eq: name } });
        return document === null ? undefined : integrationRecord(document);
      }),
    list: async (options = {}) =>
      await translated(async () => {
        const filter = options.after === undefined ? {} : { name: { $gt: options.after } };
        const rows = async (limit: number): Promise<readonly IntegrationDocument[]> =>
          await integrations.find(filter).sort({ name: 1 }).limit(limit).toArray();
        return await listPage(options, rows, integrationRecord, ({ name }) => name);
      }),
    replace: async (record, ifRev) => await translated(async () => await replace(integrations, clock, record, ifRev)),
    remove: async (id) =>
      await translated(async () => (await integrations.deleteOne({ _id: { $eq: id } })).deletedCount === 1),
    revisions: async (ids) =>
      await translated(async () => {
        const rows = await readInOneReply<Pick<IntegrationDocument, '_id' | 'rev'>>(db, {
          ...{ collection: 'integrations', filter: { _id: { $in: [...new Set(ids)] } }, level: 'local' },
          projection: { rev: 1 },
        });
        return new Map(rows.map(({ _id, rev }) => [_id, rev]));
      }),
    namesByModel: async (versionId, limit) =>
      await translated(async () => {
        const query = integrations.find({ model: { $eq: versionId } }, { projection: { name: 1 } });
        const rows = await query.sort({ name: 1 }).limit(pageLimit({ limit })).toArray();
        return rows.map(({ name }) => name);
      }),
    editedSince: async (since, limit) =>
      await translated(async () => {
        const { now, rows } = await readEdited(integrations, clock, { field: 'updated_at', since, limit });
        return { now, edited: rows.map(({ _id, name = '', at }) => ({ id: _id, name, at: at.getTime() })) };
      }),
  };
}

async function insert(
  integrations: Collection<IntegrationDocument>,
  clock: StoreClock,
  record: NewIntegrationRecord,
): Promise<'inserted' | 'taken'> {
  const fields = integrationFields(record);
  try {
    await insertOnce(integrations, clock, { id: record.id, fields, stamps: ['created_at', 'updated_at'] });
    return 'inserted';
  } catch (error) {
    if (duplicateField(error) === 'name') return 'taken';
    throw error;
  }
}

async function replace(
  integrations: Collection<IntegrationDocument>,
  clock: StoreClock,
  record: NewIntegrationRecord,
  ifRev: number,
): Promise<'replaced' | 'changed'> {
  const edited = { $mergeObjects: ['$$ROOT', { $literal: editableFields(record) }, { updated_at: clock.now() }] };
  const { matchedCount } = await integrations.updateOne({ _id: { $eq: record.id }, rev: ifRev }, [
    { $replaceWith: edited },
  ]);
  return matchedCount === 1 ? 'replaced' : 'changed';
}
