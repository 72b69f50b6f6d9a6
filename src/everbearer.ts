/** The composition root: the one place that joins ports to adapters. */
import type { Everbearer, Migrations } from './api.ts';
import { EverbearerError } from './errors.ts';
import type { Signer } from './exchange/signer.ts';
import { createDirectory } from './integration/directory.ts';
import { createForgiveness } from './integration/forgiveness.ts';
import { createIntegrations } from './integration/integrations.ts';
import { createTokens } from './integration/tokens.ts';
import { observeHttpClient } from './io/http-client-observed.ts';
import { createHttpClient } from './io/http-client.ts';
import { createImportProcess } from './io/import-process.ts';
import { readKeyFile } from './io/key-file.ts';
import { openKeyring } from './io/keyring.ts';
import { createLogger } from './io/logger.ts';
import { createMetrics } from './io/metrics.ts';
import { createSigner } from './io/signer.ts';
import { createSpoolDirectory } from './io/spool-directory.ts';
import { sourceTools } from './io/source-tools.ts';
import { storeLocation, type StoreLocation } from './io/store-location.ts';
import { createSystemClock } from './io/system-clock.ts';
import { createTracer } from './io/tracer.ts';
import type { Cipher } from './kernel/cipher.ts';
import type { Clock } from './kernel/clock.ts';
import type { NewEvent } from './kernel/event.ts';
import type { HttpClient } from './kernel/http-client.ts';
import type { Logger } from './kernel/logger.ts';
import type { MetricsRegistry } from './kernel/metrics.ts';
import type { Tracer } from './kernel/tracer.ts';
import type { DocumentReader } from './model/document-reader.ts';
import { createModels, type Models } from './model/models.ts';
import type { EverbearerOptions, EverbearerOverrides, ResolvedOptions } from './options.ts';
import { resolveOptions } from './resolve-options.ts';
import type { Store } from './store.ts';
import { observeTasks } from './task/observed-tasks.ts';
import { createTasks } from './task/tasks.ts';
import { createEventTeller } from './token/event-teller.ts';
import type { OnPoint } from './token/protocol-points.ts';
import { NO_SPOOL, type Spool } from './token/spool.ts';
import { createStoreGate } from './token/store-gate.ts';
import { createTokenManager } from './token/token-manager.ts';
import { VERSION } from './version.ts';

/** Bytes of a token endpoint's answer. */
const MAX_TOKEN_RESPONSE_BYTES = 1024 * 1024;

interface Effects {
  readonly clock: Clock;
  readonly http: HttpClient;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  readonly signer: Signer;
  readonly spool: Spool;
  readonly onPoint?: OnPoint;
  readonly tracer: Tracer;
}

/**
 * Opens the store and its keys.
 * @throws EverbearerError `bad_request` for an option that is wrong, `configuration_missing` for keys or a schema that don't fit, `store_unavailable`
 */
export async function createEverbearer(
  options: EverbearerOptions = {},
  overrides: EverbearerOverrides = {},
): Promise<Everbearer> {
  const settings = resolveOptions(options, process.env);
  const location = storeLocation(settings.store);
  const keyFile = keyFileOf(settings, location);
  // Before an empty database is touched.
  if (location.kind === 'mongodb') await readKeyFile(keyFile);
  const store = await openStore(location, overrides, 'now');
  try {
    const cipher = await openKeyring({ path: keyFile, mayCreate: location.kind === 'sqlite', keyCheck: store.keys });
    const effects: Effects = {
      clock: overrides.clock ?? createSystemClock(),
      http: overrides.http ?? createHttpClient(),
      logger: overrides.logger ?? createLogger(),
      metrics: overrides.metrics ?? createMetrics(),
      signer: createSigner(),
      spool: settings.spool === 'off' ? NO_SPOOL : createSpoolDirectory(settings.spool ?? `${keyFile}.spool`, cipher),
      ...(overrides.onPoint === undefined ? {} : { onPoint: overrides.onPoint }),
      tracer: overrides.tracer ?? createTracer(VERSION),
    };
    return compose(settings, store, cipher, effects, overrides.reader ?? createImportProcess());
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** What can be done with a store without its keys. */
export interface KeylessStore extends Migrations {
  /** The store's clock, epoch milliseconds. Only where nothing is pending. */
  now(): Promise<number>;
  close(): Promise<void>;
}

/**
 * Opens a store for its migrations alone: they need no keys, and a store with pending ones cannot be used for anything else.
 * @throws EverbearerError `bad_request`, `configuration_missing`, `store_unavailable`
 */
export async function openMigrations(
  options: EverbearerOptions = {},
  overrides: EverbearerOverrides = {},
): Promise<KeylessStore> {
  const { store: url } = resolveOptions(options, process.env);
  const store = await openStore(storeLocation(url), overrides, 'later');
  return {
    status: () => store.migrationStatus(),
    run: () => store.migrate(),
    now: async () => (await store.tokens.read([])).now,
    close: () => store.close(),
  };
}

/** The driver is loaded with the store that needs it. */
async function openStore(
  location: StoreLocation,
  overrides: EverbearerOverrides,
  migrate: 'now' | 'later',
): Promise<Store> {
  const options = overrides.storeClockOffsetMs === undefined ? {} : { clockOffsetMs: overrides.storeClockOffsetMs };
  if (location.kind === 'sqlite') {
    const { openSqliteStore } = await import('../adapters/stores/sqlite/sqlite-store.ts');
    return await openSqliteStore(location.path, { ...options, migrateOnOpen: migrate === 'now' });
  }
  const { openMongoStore } = await import('../adapters/stores/mongodb/mongodb-store.ts');
  return await openMongoStore(location.url, { ...options, pendingMigrations: migrate === 'now' ? 'refuse' : 'allow' });
}

function keyFileOf(settings: ResolvedOptions, location: StoreLocation): string {
  if (settings.keyFile !== undefined) return settings.keyFile;
  if (location.kind === 'sqlite') return location.defaultKeyFile;
  throw new EverbearerError('configuration_missing', 'MongoDB needs a key file, and none was named.', {
    hint: 'Give every process the same file: --key-file <path> or EVERBEARER_KEY_FILE. It is JSON {active, keys: {<id>: <base64 of 32 random bytes>}}, mode 0600.',
  });
}

function compose(
  settings: ResolvedOptions,
  store: Store,
  cipher: Cipher,
  effects: Effects,
  reader: DocumentReader,
): Everbearer {
  const { actor } = settings;
  const { metrics } = effects;
  const http = observeHttpClient(effects.http, effects, 'token');
  const ports = {
    ...effects,
    http,
    cipher,
    events: store.events,
    integrations: store.integrations,
    models: store.models,
  };
  const teller = createEventTeller(store.events, effects.logger);
  const gate = createStoreGate(effects.clock, {
    deadlineMs: settings.storeReadTimeoutMs,
    probe: () => store.tokens.read([]),
    onAway: ({ message }) => effects.logger.warn({ message }, 'the store is away'),
    onBack: (awayMs) => {
      manager.storeIsBack();
      void teller.tell(outageEvent(awayMs, actor));
    },
  });
  const manager = createTokenManager(
    { ...ports, events: teller, store: store.tokens, credentials: store.credentials, gate },
    settings,
  );
  const directory = createDirectory(
    { ...ports, events: teller, gate },
    {
      actor,
      onStoreUnavailable: settings.onStoreUnavailable,
      egress: settings.egress,
      privateAddresses: 'open',
      tokenLimits: {
        connectMs: settings.connectTimeoutMs,
        totalMs: settings.tokenTimeoutMs,
        maxResponseBytes: MAX_TOKEN_RESPONSE_BYTES,
      },
    },
  );
  const tokens = createTokens({ ...ports, directory, manager, store: store.tokens }, actor);
  const { touchAll, ...integrations } = createIntegrations(
    {
      ...ports,
      tokens: store.tokens,
      forgive: createForgiveness({ directory, credentials: store.credentials, tokens: store.tokens }),
      setToken: async (integration, scheme, token) => {
        await tokens.set({ integration, scheme }, token);
      },
    },
    actor,
  );
  const models = createModels({
    ...ports,
    store: store.models,
    reader,
    users: store.integrations,
    source: sourceTools,
    actor,
  });
  return {
    models: touching(models, touchAll),
    integrations,
    tokens,
    tasks: observeTasks(
      createTasks({ ...ports, http: observeHttpClient(effects.http, effects, 'task'), directory, manager }, settings),
      effects,
    ),
    events: { list: (query) => store.events.list(query) },
    migrations: { status: () => store.migrationStatus(), run: () => store.migrate() },
    metrics: { text: () => metrics.text(), contentType: metrics.contentType },
    async close() {
      await manager.close();
      await reader.close();
      await effects.http.close();
      await store.close();
    },
  };
}

/** Tasks went on with what was known; what could not be told meanwhile is told after it. */
function outageEvent(awayMs: number, actor: string): NewEvent {
  return { type: 'store_outage', actor, reason: 'unavailable', outcome: 'failed', latency_ms: Math.round(awayMs) };
}

/** A model that was replaced gives its integrations a new revision, so that every worker sees it at its next call. */
function touching(models: Models, touchAll: (versionId: string) => Promise<void>): Models {
  return {
    ...models,
    async import(source, options) {
      const result = await models.import(source, options);
      if (result.outcome === 'replaced') await touchAll(result.versionId);
      return result;
    },
    async importFiles(files, options) {
      const result = await models.importFiles(files, options);
      for (const { outcome, versionId } of result.items) {
        if (outcome === 'replaced' && versionId !== undefined) await touchAll(versionId);
      }
      return result;
    },
  };
}
