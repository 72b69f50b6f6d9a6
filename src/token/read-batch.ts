/**
 * Coalesced reads for the check at every call: the calls of one turn of the event loop share a read, and one read is in flight at a time. A call's read
 * always starts after the call arrived.
 */
import type { Clock } from '../kernel/clock.ts';

export interface ReadBatch<T> {
  read(id: string): Promise<T>;
}

/**
 * @param fetchAll one round trip for all ids
 * @param pick the answer for one id
 */
export function createReadBatch<All, T>(
  { endOfTurn }: Pick<Clock, 'endOfTurn'>,
  fetchAll: (ids: readonly string[]) => Promise<All>,
  pick: (all: All, id: string) => T,
): ReadBatch<T> {
  let waiting: { readonly ids: Set<string>; readonly all: Promise<All> } | undefined;
  let inFlight: Promise<unknown> = Promise.resolve();

  const open = (): NonNullable<typeof waiting> => {
    const ids = new Set<string>();
    const all = inFlight.then(endOfTurn).then(() => {
      waiting = undefined;
      return fetchAll([...ids]);
    });
    inFlight = all.catch(() => undefined);
    return { ids, all };
  };

  return {
    async read(id) {
      waiting ??= open();
      waiting.ids.add(id);
      return pick(await waiting.all, id);
    },
  };
}
