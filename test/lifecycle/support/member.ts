/** One member of a fleet, joined as the product joins itself, over a store that the test gives: what it does at the store can be put into an order. */
import { createDirectory } from '../../../src/integration/directory.ts';
import { createIntegrations } from '../../../src/integration/integrations.ts';
import type { Integrations } from '../../../src/integration/integrations-face.ts';
import { createHttpClient } from '../../../src/io/http-client.ts';
import type { Cipher } from '../../../src/kernel/cipher.ts';
import { NO_METRICS } from '../../../src/kernel/metrics.ts';
import { NO_TRACER } from '../../../src/kernel/tracer.ts';
import type { Store } from '../../../src/store.ts';
import { createEventTeller } from '../../../src/token/event-teller.ts';
import type { HeldToken } from '../../../src/token/held-token.ts';
import { NO_SPOOL } from '../../../src/token/spool.ts';
import { createStoreGate } from '../../../src/token/store-gate.ts';
import { createTokenManager } from '../../../src/token/token-manager.ts';
import { LIMITS } from '../../exchange/support/exchange-runs.ts';
import { createElapsingClock } from '../../fleet/support/elapsing-clock.ts';
import type { Product } from '../../product/product-under-test.ts';

export interface Member {
  readonly integrations: Integrations;
  /** With the integration as this member has it; `looks`: as it is now. */
  get(integration: string, looks?: 'looks'): Promise<HeldToken>;
  close(): Promise<void>;
}

const SILENT = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

export function createMember({ elapsedMs }: Product, store: Store, cipher: Cipher): Member {
  const clock = createElapsingClock(elapsedMs);
  const http = createHttpClient();
  const gate = createStoreGate(clock, { probe: () => store.tokens.read([]), deadlineMs: 1e9 });
  const events = createEventTeller(store.events, SILENT);
  const ports = { clock, http, cipher, logger: SILENT, gate, events, metrics: NO_METRICS, tracer: NO_TRACER };
  const directory = createDirectory(
    { ...ports, integrations: store.integrations, models: store.models },
    {
      actor: 'member',
      egress: [],
      privateAddresses: 'open',
      onStoreUnavailable: 'fail',
      tokenLimits: LIMITS,
    },
  );
  const manager = createTokenManager(
    { ...ports, store: store.tokens, credentials: store.credentials, spool: NO_SPOOL },
    { tokenWaitMs: 1e9, renewal: 'background', onStoreUnavailable: 'fail', actor: 'member' },
  );
  const integrations = createIntegrations(
    {
      ...store,
      cipher,
      clock,
      forgive: () => Promise.resolve(),
      setToken: () => Promise.resolve(),
    },
    'member',
  );
  return {
    integrations,
    async get(name, looks) {
      const integration = looks === undefined ? await directory.find(name) : await directory.current(name);
      return await manager.get(integration.tokenConfiguration('shop'), {
        reload: async (ahead) => (await directory.reload(name, ahead)).tokenConfiguration('shop'),
      });
    },
    async close() {
      await manager.close();
      await http.close();
    },
  };
}
