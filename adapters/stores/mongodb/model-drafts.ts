/**
 * Drafts: which model ids have pieces that no published model claims. Each write of an import touches its draft; one that was not touched for an hour is of
 * a crashed import and is swept by a later one. A draft is discarded before its pieces go, so that no suspended import publishes what is half gone.
 */
import { EverbearerError } from '../../../src/errors.ts';
import { insertOnce } from './insert-once.ts';
import { removePieces } from './model-collections.ts';
import type { ModelCollections } from './model-collections.ts';
import type { StoreClock } from './store-clock.ts';

const ABANDONED_AFTER_MS = 3_600_000;

/** Begins a draft. */
export async function beginDraft({ drafts }: ModelCollections, clock: StoreClock, modelId: string): Promise<void> {
  await insertOnce(drafts, clock, { id: modelId, fields: {}, stamps: ['touched_at'] });
}

/** @throws EverbearerError `store_unavailable` where it was abandoned or swept meanwhile */
export async function touchDraft({ drafts }: ModelCollections, clock: StoreClock, modelId: string): Promise<void> {
  const living = { _id: modelId, discarded: { $exists: false } };
  const { matchedCount } = await drafts.updateOne(living, [{ $set: { touched_at: clock.now() } }]);
  if (matchedCount === 1) return;
  throw new EverbearerError(
    'store_unavailable',
    'The import was given up: nothing was written for an hour, or it was abandoned.',
    {
      hint: 'Import the document again.',
    },
  );
}

/** Ends the draft of a model that is published now. */
export async function endDraft({ drafts }: ModelCollections, modelId: string): Promise<void> {
  await drafts.deleteOne({ _id: modelId });
}

/** Notes that the pieces of a model are to go: whoever crashes from here on, a later sweep finds them. */
export async function discardDraft({ drafts }: ModelCollections, clock: StoreClock, modelId: string): Promise<void> {
  const discarded = [{ $set: { discarded: true, touched_at: clock.now() } }];
  await drafts.updateOne({ _id: { $eq: modelId } }, discarded, { upsert: true });
}

/** Removes the pieces of a discarded draft, then the draft. */
export async function removeDiscarded(collections: ModelCollections, modelId: string): Promise<void> {
  await removePieces(collections, modelId);
  await endDraft(collections, modelId);
}

/** Removes what crashed imports and removals left. */
export async function sweepDrafts(collections: ModelCollections, clock: StoreClock): Promise<void> {
  const stale = { $lt: ['$touched_at', { $subtract: [clock.now(), ABANDONED_AFTER_MS] }] };
  const left = { $or: [{ discarded: true as const }, { $expr: stale }] };
  for await (const { _id: modelId } of collections.drafts.find(left, { projection: { _id: 1 } })) {
    await sweepDraft(collections, { _id: { $eq: modelId }, ...left }, modelId);
  }
}

async function sweepDraft(collections: ModelCollections, stillLeft: object, modelId: string): Promise<void> {
  const published = await collections.models.findOne({ model_id: { $eq: modelId } }, { projection: { _id: 1 } });
  if (published !== null) {
    await endDraft(collections, modelId);
    return;
  }
  const { matchedCount } = await collections.drafts.updateOne(stillLeft, { $set: { discarded: true } });
  if (matchedCount === 1) await removeDiscarded(collections, modelId);
}
