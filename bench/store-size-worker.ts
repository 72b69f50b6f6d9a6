/** A worker that uses a working set through the port and tells its resident memory, bytes. Started by `store-size.ts`, with `--expose-gc`. */
import { openMongoStore } from '../adapters/stores/mongodb/mongodb-store.ts';
import { openSqliteStore } from '../adapters/stores/sqlite/sqlite-store.ts';
import type { Store } from '../src/store.ts';
import type { WorkingSet } from './store-size/filled-store.ts';

const TIMES = 20;

export async function openStore(url: string): Promise<Store> {
  return url.startsWith('sqlite:') ? await openSqliteStore(url.slice('sqlite:'.length)) : await openMongoStore(url);
}

async function use(store: Store, { tokens, integrations, names }: WorkingSet): Promise<void> {
  for (let time = 0; time < TIMES; time += 1) {
    for (let first = 0; first < tokens.length; first += 64) {
      await store.tokens.read(tokens.slice(first, first + 64));
      await store.integrations.revisions(integrations.slice(first, first + 64));
    }
    for (const name of names.slice(time * 50, time * 50 + 50)) await store.integrations.findByName(name);
  }
}

if (import.meta.main) {
  process.once('message', (set: WorkingSet) => {
    void (async () => {
      const store = await openStore(process.argv[2] ?? '');
      await use(store, set);
      globalThis.gc?.();
      process.send?.(process.memoryUsage().rss);
      await store.close();
      process.disconnect();
    })();
  });
}
