/** The whole of `tasks.run` but for one thing: the token is a constant, and nothing looks whether it still holds. What our check costs is measured against it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '../../adapters/stores/sqlite/sqlite-store.ts';
import { createEverbearer } from '../../src/everbearer.ts';
import { createDirectory } from '../../src/integration/directory.ts';
import { createHttpClient } from '../../src/io/http-client.ts';
import { createKeyFile } from '../../src/io/key-file.ts';
import { openKeyring } from '../../src/io/keyring.ts';
import { createLogger } from '../../src/io/logger.ts';
import { createSystemClock } from '../../src/io/system-clock.ts';
import { createTasks } from '../../src/task/tasks.ts';
import { DEFAULT_OPTIONS } from '../../src/options.ts';
import type { HeldToken } from '../../src/token/held-token.ts';
import type { StoreGate } from '../../src/token/store-gate.ts';
import type { Contender } from './contender.ts';
import { setUpShop, shopCalls } from './everbearer-contender.ts';
import { TOKEN } from './shop.ts';

const HELD: HeldToken = Object.freeze({
  recordId: 'constant',
  id: 'constant',
  version: 1,
  accessToken: TOKEN,
  tokenType: 'Bearer',
  scope: null,
  expiresAt: null,
  lifetimeMs: null,
  obtainedBy: null,
  contested: false,
  presented: { access_token: TOKEN },
});

const NO_GATE: StoreGate = { run: async (read) => await read(), isAway: false, close: () => undefined };

export const withoutTokenHandling: Contender = {
  name: 'without token handling',
  isPeer: false,
  prepare: async (origin) => {
    const directory = await mkdtemp(join(tmpdir(), 'everbearer-bench-'));
    const keyFile = join(directory, 'keys.json');
    const path = join(directory, 'store.db');
    await createKeyFile(keyFile);
    const everbearer = await createEverbearer({ store: `sqlite:${path}`, keyFile });
    await setUpShop(everbearer, origin);
    await everbearer.close();
    const store = await openSqliteStore(path);
    const http = createHttpClient();
    const ports = {
      clock: createSystemClock(),
      cipher: await openKeyring({ path: keyFile, mayCreate: false, keyCheck: store.keys }),
      integrations: store.integrations,
      models: store.models,
      logger: createLogger(),
      http,
      events: { tell: () => Promise.resolve() },
      gate: NO_GATE,
    };
    const limits = { connectMs: 5_000, totalMs: 60_000, maxResponseBytes: 1e6 };
    const integrations = createDirectory(ports, {
      egress: [],
      privateAddresses: 'open',
      tokenLimits: limits,
      actor: 'bench',
      onStoreUnavailable: 'fail',
    });
    const manager = {
      get: () => Promise.resolve(HELD),
      observe: () => undefined,
      storeIsBack: () => undefined,
      close: () => Promise.resolve(),
    };
    return {
      ...shopCalls(createTasks({ ...ports, directory: integrations, manager }, DEFAULT_OPTIONS)),
      close: async () => {
        await http.close();
        await store.close();
        await rm(directory, { recursive: true, force: true });
      },
    };
  },
};
