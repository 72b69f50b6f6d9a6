/** Tells of writes to tokens by a change stream: one a process, ids only. A standalone server has none. */
import { MongoServerError } from 'mongodb';
import type { ChangeStream, ChangeStreamDocument, Collection, Document } from 'mongodb';
import type { TokenWatch, TokenWatcher } from '../../../src/token/token-store.ts';
import type { StoredDocument } from './insert-once.ts';
import { translateError } from './translate-error.ts';

/** `$changeStream` is only supported on replica sets. */
const NOT_A_REPLICA_SET = 40_573;

/**
 * @returns `undefined` where the server is no replica set
 * @throws EverbearerError `store_unavailable`
 */
export async function watchTokens(
  tokens: Collection<StoredDocument>,
  watcher: TokenWatcher,
): Promise<TokenWatch | undefined> {
  const stream = tokens.watch(changesByOthers(watcher.ownAttempts), { readConcern: { level: 'majority' } });
  try {
    tell(watcher, await stream.tryNext());
  } catch (error) {
    close(stream);
    if (error instanceof MongoServerError && error.code === NOT_A_REPLICA_SET) return undefined;
    throw translateError(error);
  }
  let isStopped = false;
  follow(stream, watcher).catch(() => {
    if (isStopped) return;
    close(stream);
    watcher.onLost();
  });
  return {
    stop: async () => {
      isStopped = true;
      close(stream);
    },
  };
}

/** The driver opens the stream again by itself, where it left off, after a broken connection or a step-down; what is left is thrown. */
async function follow(stream: ChangeStream, watcher: TokenWatcher): Promise<never> {
  for (;;) tell(watcher, await stream.next());
}

function tell({ onChanged }: TokenWatcher, event: ChangeStreamDocument | null): void {
  if (event === null || !('documentKey' in event)) return;
  onChanged([String(event.documentKey._id)], event.wallTime === undefined ? {} : { at: event.wallTime.getTime() });
}

/** Waits for no answer: the server may have been asked for the next change a moment ago, and keeps the question for a second. */
function close(stream: ChangeStream): void {
  stream.close().catch(() => undefined);
}

/**
 * Of what attempts write, only the saves of others bring another access token. Writes that leave `lw` alone are edits, also those by hand. A write that
 * changes much of a record can be told as a replacement of the whole, which says nothing of what was changed.
 */
function changesByOthers(ownAttempts: string): Document[] {
  const own = ownAttempts.replace(/[^\w-]/g, String.raw`\$&`);
  const lastWrite = 'updateDescription.updatedFields.lw';
  return [
    {
      $match: {
        $or: [
          { operationType: { $in: ['replace', 'delete'] } },
          { operationType: 'update', [lastWrite]: { $exists: false } },
          { operationType: 'update', [lastWrite]: { $regex: `^(?!${own}).*:save$` } },
        ],
      },
    },
    { $project: { documentKey: 1, wallTime: 1 } },
  ];
}
