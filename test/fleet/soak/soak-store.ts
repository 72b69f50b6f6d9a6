/** The store of a soak, and what can be done to it. */
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { startReplicaSet, startStandalone } from '../../support/mongodb-server.ts';
import { withDatabase } from '../../support/mongodb-uri.ts';
import { stepDown } from '../support/mongodb-faults.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import type { SoakStoreKind } from './soak-options.ts';

export interface SoakStore {
  /** For workers. */
  readonly url: string;
  /** For whoever looks on undisturbed. */
  readonly undisturbedUrl: string;
  /** Takes it away from the workers. Resolves when it is back. */
  cut(ms: number): Promise<void>;
  stop(): Promise<void>;
}

/** @param path of a SQLite file that may be made */
export async function startSoakStore(kind: SoakStoreKind, path: string): Promise<SoakStore> {
  switch (kind) {
    case 'sqlite':
      return sqliteStore(path);
    case 'mongodb':
      return await standaloneStore();
    case 'replica-set':
      return await replicaSetStore();
  }
}

function sqliteStore(path: string): SoakStore {
  const url = `sqlite:${path}`;
  return {
    url,
    undisturbedUrl: url,
    /** Another program has the file locked. */
    async cut(ms) {
      const database = new DatabaseSync(path, { timeout: 5_000 });
      try {
        database.exec('BEGIN IMMEDIATE');
        await sleep(ms);
      } finally {
        database.close();
      }
    },
    stop: async () => undefined,
  };
}

async function standaloneStore(): Promise<SoakStore> {
  const server = await startStandalone();
  const proxy = await startTcpProxy(new URL(server.uri).host);
  return {
    url: withDatabase(`mongodb://${proxy.host}/?serverSelectionTimeoutMS=2000`, 'soak'),
    undisturbedUrl: withDatabase(server.uri, 'soak'),
    async cut(ms) {
      proxy.refuse();
      await sleep(ms);
      proxy.pass();
    },
    async stop() {
      await proxy.close();
      await server.stop();
    },
  };
}

async function replicaSetStore(): Promise<SoakStore> {
  const set = await startReplicaSet();
  const url = withDatabase(set.uri, 'soak');
  return {
    url,
    undisturbedUrl: url,
    /** Its primary steps down; the election takes the time that it takes. */
    cut: async () => await stepDown(set.uri),
    stop: async () => await set.stop(),
  };
}
