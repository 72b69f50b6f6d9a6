/** Participants that share a store and come to it in a given order: every order of their writes can be tried, one by one. */
import type { Store } from '../../../src/store.ts';

export interface TurnTaking {
  /** Does the work when it is this participant's turn; once the order is used up, at once. */
  take<T>(who: string, work: () => Promise<T>): Promise<T>;
  /** This participant has come to its end: its further turns are passed over. */
  leave(who: string): void;
}

export function createTurnTaking(order: readonly string[]): TurnTaking {
  let left = order;
  const waiting = new Map<string, () => void>();

  function next(): void {
    const [who] = left;
    if (who === undefined) for (const go of waiting.values()) go();
    else waiting.get(who)?.();
  }

  return {
    async take(who, work) {
      if (left.length > 0 && left[0] !== who) {
        const turn = Promise.withResolvers<undefined>();
        waiting.set(who, () => turn.resolve(undefined));
        await turn.promise;
        waiting.delete(who);
      }
      try {
        return await work();
      } finally {
        if (left[0] === who) left = left.slice(1);
        next();
      }
    },
    leave(who) {
      left = left.filter((each) => each !== who);
      next();
    },
  };
}

/** Every order of so many turns for each. */
export function ordersOf(turns: Readonly<Record<string, number>>): readonly (readonly string[])[] {
  const having = Object.entries(turns).filter(([, count]) => count > 0);
  if (having.length === 0) return [[]];
  return having.flatMap(([who, count]) => ordersOf({ ...turns, [who]: count - 1 }).map((rest) => [who, ...rest]));
}

/** An access to the store that an order can be made of. */
export type Access = 'load' | 'replace' | 'read' | 'list' | 'insert' | `apply ${string}`;

/** The store for one participant, who waits for its turn at each access that `isTurn` names. */
export function storeTakingTurns(
  store: Store,
  turns: TurnTaking,
  who: string,
  isTurn: (access: Access) => boolean,
): Store {
  const at = async <T>(access: Access, work: () => Promise<T>): Promise<T> =>
    isTurn(access) ? await turns.take(who, work) : await work();
  const { integrations, tokens } = store;
  return {
    ...store,
    integrations: {
      ...integrations,
      findByName: async (name) => await at('load', () => integrations.findByName(name)),
      replace: async (record, ifRev) => await at('replace', () => integrations.replace(record, ifRev)),
    },
    tokens: {
      ...tokens,
      read: async (ids) => await at('read', () => tokens.read(ids)),
      list: async (id) => await at('list', () => tokens.list(id)),
      insert: async (record) => await at('insert', () => tokens.insert(record)),
      apply: async (id, write) => await at(`apply ${write.kind}`, () => tokens.apply(id, write)),
    },
  };
}
