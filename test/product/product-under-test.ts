/** The whole product against the simulated provider: a temporary store, and one clock for provider, store and workers that only the test moves on. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEverbearer } from '../../src/everbearer.ts';
import type { Everbearer } from '../../src/api.ts';
import { DEFAULT_CLIENT, DEFAULT_USER } from '../../src/demo/provider-behaviour.ts';
import { startProvider, type Provider, type ProviderOptions } from '../../src/demo/provider.ts';
import { createKeyFile } from '../../src/io/key-file.ts';
import { createSystemClock } from '../../src/io/system-clock.ts';
import { textDigest } from '../../src/io/text-digest.ts';
import type { Clock } from '../../src/kernel/clock.ts';
import type { Json } from '../../src/kernel/json.ts';
import type { EverbearerOptions, EverbearerOverrides } from '../../src/options.ts';
import { importParsed } from '../../src/openapi/import-document.ts';
import type { Operation } from '../../src/openapi/operation.ts';
import bookshop from '../../src/demo/bookshop.json' with { type: 'json' };
import { createElapsingClock } from '../fleet/support/elapsing-clock.ts';
import { freshMongodbUri, hasMongodb } from '../support/mongodb.ts';

export const INTEGRATION = 'shop';

export interface Product {
  readonly everbearer: Everbearer;
  readonly provider: Provider;
  readonly directory: string;
  /** The store's option. */
  readonly store: string;
  /** The workers' own. */
  readonly clock: Clock;
  /** Moves the clocks of the store, the provider and the workers on; a worker that sleeps past it wakes. */
  advance(ms: number): void;
  /** How far they have been moved, milliseconds. */
  readonly elapsedMs: () => number;
  /** Another worker on the same store. */
  another(options?: EverbearerOptions, overrides?: EverbearerOverrides): Promise<Everbearer>;
  dispose(): Promise<void>;
}

export interface ProductOptions extends EverbearerOptions {
  readonly flow?: 'password' | 'clientCredentials';
  readonly provider?: Partial<ProviderOptions>;
  /** Put over the integration's own authentication. */
  readonly authentication?: Readonly<Record<string, Json>>;
  readonly integration?: Readonly<Record<string, Json>>;
}

export const STORES: readonly { readonly name: string; readonly skip: boolean }[] = [
  { name: 'sqlite', skip: false },
  { name: 'mongodb', skip: !hasMongodb },
];

/** @param overrides of the first worker */
export async function startProduct(
  kind: string,
  options: ProductOptions = {},
  overrides: EverbearerOverrides = {},
): Promise<Product> {
  const {
    flow = 'password',
    provider: providerOptions = {},
    authentication = {},
    integration = {},
    ...everbearerOptions
  } = options;
  const directory = await mkdtemp(join(tmpdir(), 'everbearer-product-'));
  const provider = await startProvider(simulatedShop(providerOptions));
  const keyFile = join(directory, 'keys.json');
  if (kind === 'mongodb') await createKeyFile(keyFile);
  const store = kind === 'mongodb' ? freshMongodbUri() : `sqlite:${join(directory, 'store.db')}`;
  let offset = 0;
  const clock = createElapsingClock(() => offset);
  const workers: Everbearer[] = [];

  const another: Product['another'] = async (more = {}, others = {}) => {
    const worker = await createEverbearer(
      { store, keyFile, ...everbearerOptions, ...more },
      { storeClockOffsetMs: () => offset, clock, ...others },
    );
    workers.push(worker);
    return worker;
  };

  const everbearer = await another({}, overrides);
  const { versionId } = await everbearer.models.import({
    name: 'bookshop.json',
    bytes: new TextEncoder().encode(JSON.stringify(bookshop)),
  });
  await everbearer.integrations.create({
    name: INTEGRATION,
    model: versionId,
    server: { url: provider.apiUrl },
    authentication: {
      shop: {
        flow,
        ...DEFAULT_CLIENT,
        ...(flow === 'password' ? DEFAULT_USER : {}),
        token_url: provider.tokenUrl,
        refresh_url: provider.tokenUrl,
        ...authentication,
      },
    },
    ...integration,
  });
  return {
    everbearer,
    provider,
    directory,
    store,
    clock,
    another,
    advance(ms) {
      offset += ms;
      provider.advance(ms);
    },
    elapsedMs: () => offset,
    async dispose() {
      await Promise.all(workers.map((worker) => worker.close()));
      await provider.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function simulatedShop(options: Partial<ProviderOptions>): ProviderOptions {
  const outcome = importParsed(bookshop, { limits: { maxBytes: 1e9, maxOperations: 1_000 }, sha256: textDigest });
  if (outcome.outcome === 'refused') throw new Error(outcome.finding.message);
  return {
    clock: createSystemClock(),
    ...options,
    behaviour: { lifetimeMs: 3_600_000, rotation: 'rotate-revoke-family', ...options.behaviour },
    api: {
      operations: outcome.operations.map(({ definition }) => JSON.parse(definition) as Operation),
      fragments: new Map(outcome.fragments.map(({ pointer, value }) => [pointer, JSON.parse(value) as Json])),
      dialect: outcome.facts.dialect,
    },
  };
}

/** A secret that a test can look for afterwards. */
export function canary(name: string): string {
  return `canary-${name}-${randomUUID().replaceAll('-', '')}`;
}
