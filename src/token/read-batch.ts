/**
 * Coalesced reads for the check at every call: the calls of one turn of the event loop share a read, and one read is in flight at a time. A call's read
 * always starts after the call arrived. Where calls come in crowds a read waits a few turns more: those that the last one let go come back over several,
 * and every read costs the store and this process as much as a few calls.
 */
import type { Clock } from '../kernel/clock.ts';

export interface ReadBatch<T> {
  read(id: string): Promise<T>;
}

/** Calls of one read that are a crowd, and the turns that a crowd takes to come together. */
const CROWD = 8;
const TURNS_OF_A_CROWD = 3;

/**
 * @param fetchAll one round trip for all ids
 * @param pick the answer for one id
 */
export function createReadBatch<All, T>(
  { endOfTurn }: Pick<Clock, 'endOfTurn'>,
  fetchAll: (ids: readonly string[]) => Promise<All>,
  pick: (all: All, id: string) => T,
): ReadBatch<T> {
  let waiting: { readonly ids: Set<string>; readonly all: Promise<All>; calls: number } | undefined;
  let inFlight: Promise<unknown> = Promise.resolve();
  let lastCalls = 0;

  async function gather(): Promise<void> {
    const turns = lastCalls < CROWD ? 1 : TURNS_OF_A_CROWD;
    for (let turn = 0; turn < turns; turn += 1) await endOfTurn();
  }

  const open = (): NonNullable<typeof waiting> => {
    const ids = new Set<string>();
    const all = inFlight.then(gather).then(() => {
      lastCalls = waiting?.calls ?? 0;
      waiting = undefined;
      return fetchAll([...ids]);
    });
    inFlight = all.catch(() => undefined);
    return { ids, all, calls: 0 };
  };

  return {
    async read(id) {
      waiting ??= open();
      waiting.ids.add(id);
      waiting.calls += 1;
      return pick(await waiting.all, id);
    },
  };
}
