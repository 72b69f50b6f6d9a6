/** The simulated provider with the demo's document: tokens, and an API that wants them. */
import { DEFAULT_CLIENT, DEFAULT_USER } from '../../../src/demo/provider-behaviour.ts';
import { startProvider, type Provider, type ProviderOptions } from '../../../src/demo/provider.ts';
import { createSystemClock } from '../../../src/io/system-clock.ts';
import { textDigest } from '../../../src/io/text-digest.ts';
import type { Json } from '../../../src/kernel/json.ts';
import { IMPORT_LIMITS } from '../../../src/model/import-model.ts';
import { importParsed } from '../../../src/openapi/import-document.ts';
import type { Operation } from '../../../src/openapi/operation.ts';
import bookshop from '../../../src/demo/bookshop.json' with { type: 'json' };

export const BOOKSHOP = bookshop;
/** `<title>:<version>` */
export const VERSION_ID = 'Bookshop:1.0.0';

export async function startShop(options: Partial<ProviderOptions> = {}): Promise<Provider> {
  const outcome = importParsed(bookshop, { limits: IMPORT_LIMITS, sha256: textDigest });
  if (outcome.outcome === 'refused') throw new Error(outcome.finding.message);
  return await startProvider({
    clock: createSystemClock(),
    ...options,
    behaviour: { lifetimeMs: 3_600_000, rotation: 'rotate-revoke-family', ...options.behaviour },
    api: {
      operations: outcome.operations.map(({ definition }) => JSON.parse(definition) as Operation),
      fragments: new Map(outcome.fragments.map(({ pointer, value }) => [pointer, JSON.parse(value) as Json])),
      dialect: outcome.facts.dialect,
    },
  });
}

export interface ShopValues {
  readonly server: Json;
  readonly authentication: Json;
}

/** What `--from` holds for it. */
export function shopValues(provider: Provider, authentication: Readonly<Record<string, Json>> = {}): ShopValues {
  return {
    server: { url: provider.apiUrl },
    authentication: {
      shop: {
        flow: 'password',
        ...DEFAULT_CLIENT,
        ...DEFAULT_USER,
        token_url: provider.tokenUrl,
        refresh_url: provider.tokenUrl,
        ...authentication,
      },
    },
  };
}
