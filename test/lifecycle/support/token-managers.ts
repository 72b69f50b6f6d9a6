/** Several managers of one token over a real store and the simulated provider: for what a store says that a whole product cannot be made to hear. */
import { NO_METRICS } from '../../../src/kernel/metrics.ts';
import { NO_TRACER } from '../../../src/kernel/tracer.ts';
import { createSecretKey, randomBytes } from 'node:crypto';
import { DEFAULT_CLIENT, DEFAULT_USER, type ProviderBehaviour } from '../../../src/demo/provider-behaviour.ts';
import { startProvider, type Provider } from '../../../src/demo/provider.ts';
import { EverbearerError } from '../../../src/errors.ts';
import { readyExchange } from '../../../src/exchange/ready-exchanges.ts';
import { createCipher } from '../../../src/io/cipher.ts';
import { createHttpClient } from '../../../src/io/http-client.ts';
import { createSystemClock } from '../../../src/io/system-clock.ts';
import type { Cipher } from '../../../src/kernel/cipher.ts';
import type { NewEvent } from '../../../src/kernel/event.ts';
import type { ProtocolPoint } from '../../../src/token/protocol-points.ts';
import { NO_SPOOL } from '../../../src/token/spool.ts';
import { createStoreGate } from '../../../src/token/store-gate.ts';
import type { TokenConfiguration } from '../../../src/token/token-configuration.ts';
import { createTokenManager, type TokenManager } from '../../../src/token/token-manager.ts';
import type { TokenRecord } from '../../../src/token/token-record.ts';
import type { TokenStore } from '../../../src/token/token-store.ts';
import type { TokenTransition } from '../../../src/token/token-transition.ts';
import { LIMITS, LOOPBACK } from '../../exchange/support/exchange-runs.ts';
import { createElapsingClock } from '../../fleet/support/elapsing-clock.ts';
import { openMongoUnderTest } from '../../stores/support/mongodb-under-test.ts';
import { openTemporarySqlite } from '../../stores/support/sqlite-under-test.ts';
import { createHeldPoints, type HeldPoint } from './held-points.ts';

export interface ManagedWorker {
  /** The access token in force. @throws EverbearerError as `TokenManager.get` */
  get(): Promise<string>;
  hold(point: ProtocolPoint): HeldPoint;
}

export interface TokenManagers {
  readonly provider: Provider;
  readonly cipher: Cipher;
  /** The store without anything in between. */
  readonly tokens: TokenStore;
  /** What the managers told. */
  readonly events: readonly NewEvent[];
  worker(options?: WorkerOptions): ManagedWorker;
  record(): Promise<TokenRecord>;
  advance(ms: number): void;
  /** The token requests so far, as `<grant> <outcome>`. */
  requests(): readonly string[];
  /** Brings what is under way to its end; no worker gets a token after it. */
  idle(): Promise<void>;
  dispose(): Promise<void>;
}

export interface WorkerOptions {
  /** What this worker has in place of the store. */
  readonly store?: TokenStore;
  readonly cipher?: Cipher;
  readonly configuration?: Partial<TokenConfiguration>;
}

export async function startTokenManagers(
  kind: string,
  behaviour: Partial<ProviderBehaviour> = {},
): Promise<TokenManagers> {
  const provider = await startProvider({
    clock: createSystemClock(),
    behaviour: { lifetimeMs: 3_600_000, rotation: 'rotate-revoke-family', ...behaviour },
  });
  let elapsedMs = 0;
  const open = kind === 'sqlite' ? openTemporarySqlite : openMongoUnderTest;
  const opened = await open({ clockOffsetMs: () => elapsedMs });
  const { tokens, credentials } = opened.store;
  const keys = { active: 'k1', keys: new Map([['k1', createSecretKey(randomBytes(32))]]) };
  const cipher = createCipher(keys, createSecretKey(randomBytes(32)));
  const http = createHttpClient();
  const base = configurationFor(provider);
  const events: NewEvent[] = [];
  const managers: TokenManager[] = [];
  const releases: (() => void)[] = [];

  function worker(options: WorkerOptions = {}): ManagedWorker {
    const { onPoint, hold, releaseAll } = createHeldPoints();
    releases.push(releaseAll);
    const clock = createElapsingClock(() => elapsedMs);
    const store = options.store ?? tokens;
    const manager = createTokenManager(
      {
        store,
        credentials,
        spool: NO_SPOOL,
        gate: createStoreGate(clock, { probe: () => store.read([]) }),
        clock,
        cipher: options.cipher ?? cipher,
        http,
        events: { tell: async (event) => void events.push(event) },
        metrics: NO_METRICS,
        tracer: NO_TRACER,
        logger: SILENT,
        onPoint,
      },
      { tokenWaitMs: 1e9, renewal: 'background', onStoreUnavailable: 'serve-until-expiry', actor: 'test' },
    );
    managers.push(manager);
    const configuration = { ...base, ...options.configuration };
    const get = async (): Promise<string> => {
      const { accessToken } = await manager.get(configuration, { reload: () => Promise.resolve(configuration) });
      return accessToken;
    };
    return { get, hold };
  }

  const idle = async (): Promise<void> => {
    await Promise.all(managers.map((manager) => manager.close()));
  };

  return {
    provider,
    cipher,
    tokens,
    events,
    worker,
    async record() {
      const record = (await tokens.read([base.id])).records.get(base.id);
      if (record === undefined) throw new Error('There is no record.');
      return record;
    },
    advance(ms) {
      elapsedMs += ms;
      provider.advance(ms);
    },
    requests: () => provider.log().map(({ grant, outcome }) => `${grant ?? ''} ${outcome}`),
    idle,
    async dispose() {
      for (const release of releases) release();
      await idle();
      await http.close();
      await opened.dispose();
      await provider.close();
    },
  };
}

/** A store that does not take some writes. */
export function refusing(store: TokenStore, refuses: (write: TokenTransition) => boolean): TokenStore {
  return {
    ...store,
    async apply(id, write) {
      if (refuses(write))
        throw new EverbearerError('store_unavailable', 'Somebody holds the lock.', { retryable: true });
      return await store.apply(id, write);
    },
  };
}

/** A store whose replies to some writes are lost: they are made all the same. */
export function losingReplies(store: TokenStore, isLost: (write: TokenTransition) => boolean): TokenStore {
  return {
    ...store,
    async apply(id, write) {
      const result = await store.apply(id, write);
      if (isLost(write)) throw new EverbearerError('store_unavailable', 'The reply was lost.', { retryable: true });
      return result;
    },
  };
}

/** True for the first `times` writes of a kind. */
export function firstOf(kind: TokenTransition['kind'], times = 1): (write: TokenTransition) => boolean {
  let left = times;
  return (write) => write.kind === kind && left-- > 0;
}

const SILENT = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

function configurationFor(provider: Provider): TokenConfiguration {
  return {
    id: 'integration:shop:own',
    integrationId: 'integration',
    integration: 'shop',
    scheme: 'shop',
    rev: 1,
    accountRev: 0,
    secretRev: 0,
    cfgFp: 'configuration',
    exchange: readyExchange('password'),
    inputs: { ...DEFAULT_CLIENT, ...DEFAULT_USER, token_url: provider.tokenUrl },
    missing: [],
    hasPrimary: true,
    credentialId: 'cred:demo-user',
    origin: provider.origin,
    presentsRefreshToken: true,
    destination: LOOPBACK,
    limits: LIMITS,
  };
}
