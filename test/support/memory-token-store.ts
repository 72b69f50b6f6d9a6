/** The token store's port over a map: the pure transitions and nothing else. Time is the test's. */
import type { TokenRecord } from '../../src/token/token-record.ts';
import type { TokenStore } from '../../src/token/token-store.ts';
import { applyTransition, newTokenRecord } from '../../src/token/transitions.ts';

export interface MemoryTokenStore extends TokenStore {
  readonly records: Map<string, TokenRecord>;
  /** Round trips made. */
  readonly counts: { read: number; apply: number };
  /** Runs before each write; may throw in its place. */
  beforeApply: (kind: string) => void | Promise<void>;
  /** Runs after each write, before its caller hears of it. */
  afterApply: (kind: string) => void | Promise<void>;
}

export function createMemoryTokenStore(now: () => number): MemoryTokenStore {
  const records = new Map<string, TokenRecord>();
  const counts = { read: 0, apply: 0 };
  const store: MemoryTokenStore = {
    records,
    counts,
    beforeApply: () => undefined,
    afterApply: () => undefined,
    async read(ids) {
      counts.read += 1;
      await Promise.resolve();
      const found = ids.flatMap((id) => {
        const record = records.get(id);
        return record === undefined ? [] : [[id, record] as const];
      });
      return { now: now(), records: new Map(found) };
    },
    async insert(made) {
      await Promise.resolve();
      if (!records.has(made.id)) records.set(made.id, newTokenRecord(made, now()));
    },
    async apply(id, transition) {
      await store.beforeApply(transition.kind);
      counts.apply += 1;
      const record = records.get(id);
      if (record === undefined) return { applied: false, now: now() };
      const after = applyTransition(record, transition, now());
      if (after !== undefined) records.set(id, after);
      await store.afterApply(transition.kind);
      return { applied: after !== undefined, now: now(), record: after ?? record };
    },
    async list(integrationId) {
      await Promise.resolve();
      return { now: now(), records: new Map([...records].filter(([, r]) => r.integration_id === integrationId)) };
    },
    async editedSince(since, limit) {
      await Promise.resolve();
      const edited = [...records.values()].flatMap(({ id, edited_at: at }) =>
        at === undefined || at < since ? [] : [{ id, at }],
      );
      return { now: now(), edited: edited.toSorted((a, b) => a.at - b.at).slice(0, limit) };
    },
    async removeAll(integrationId) {
      await Promise.resolve();
      for (const [id, record] of records) if (record.integration_id === integrationId) records.delete(id);
    },
  };
  return store;
}
