/** Managers as workers of one fleet: a store, a provider and a clock that they share, all in memory. */
import { readyExchange } from '../../src/exchange/ready-exchanges.ts';
import type { Cipher } from '../../src/kernel/cipher.ts';
import type { Clock } from '../../src/kernel/clock.ts';
import type { HttpRequest, HttpResponse } from '../../src/kernel/http-client.ts';
import { NO_METRICS, type Metrics } from '../../src/kernel/metrics.ts';
import { NO_TRACER } from '../../src/kernel/tracer.ts';
import type { CredentialStore } from '../../src/token/credential-store.ts';
import type { EventTeller } from '../../src/token/event-teller.ts';
import { NO_SPOOL } from '../../src/token/spool.ts';
import { createStoreGate } from '../../src/token/store-gate.ts';
import type { TokenConfiguration } from '../../src/token/token-configuration.ts';
import { createTokenManager, type TokenManager, type TokenManagerOptions } from '../../src/token/token-manager.ts';
import type { TokenStore } from '../../src/token/token-store.ts';
import { createMemoryCredentialStore } from '../support/memory-credential-store.ts';

/** Seals nothing, so that a test can read what is stored. */
export const PLAIN_CIPHER: Cipher = {
  seal: (plaintext) => ({ ct: plaintext, iv: '', kid: 'k' }),
  open: ({ ct }) => ct,
  fingerprint: (parts) => parts.join(':'),
};

export const CONFIGURATION: TokenConfiguration = {
  id: 'i:s:k',
  integrationId: 'i',
  integration: 'shop',
  scheme: 's',
  rev: 1,
  accountRev: 0,
  secretRev: 0,
  cfgFp: 'cfg',
  exchange: readyExchange('password'),
  inputs: { token_url: 'https://as.example/token', username: 'u', password: 'p', client_id: 'c', client_secret: 's' },
  clientAuth: 'client_secret_basic',
  missing: [],
  hasPrimary: true,
  credentialId: 'cred:1',
  origin: 'https://as.example',
  presentsRefreshToken: true,
  destination: {
    hosts: ['as.example'],
    allowHttp: false,
    privateAddresses: 'open',
    privateHosts: [],
    tls: { rejectUnauthorized: true },
  },
  limits: { connectMs: 1_000, totalMs: 10_000, maxResponseBytes: 1_000_000 },
};

export interface WorkerPorts {
  readonly clock: Clock;
  readonly store: TokenStore;
  /** Answers token requests. */
  readonly request: (request: HttpRequest) => Promise<HttpResponse>;
  /** Default: one that nobody else uses. */
  readonly credentials?: CredentialStore;
  /** Default: nobody listens. */
  readonly events?: EventTeller;
  /** Default: nothing is kept. */
  readonly metrics?: Metrics;
}

const SILENT = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

export function startWorker(
  { clock, store, request, ...ports }: WorkerPorts,
  options: Partial<TokenManagerOptions> = {},
): TokenManager {
  return createTokenManager(
    {
      store,
      credentials: createMemoryCredentialStore(() => clock.now()),
      spool: NO_SPOOL,
      gate: createStoreGate(clock, { probe: () => store.read([]) }),
      clock,
      cipher: PLAIN_CIPHER,
      http: { request, close: async () => undefined },
      events: { tell: async () => undefined },
      metrics: NO_METRICS,
      tracer: NO_TRACER,
      logger: SILENT,
      ...ports,
    },
    { tokenWaitMs: 45_000, renewal: 'background', onStoreUnavailable: 'serve-until-expiry', actor: 'test', ...options },
  );
}

export async function tokenAnswer(body: object): Promise<HttpResponse> {
  return {
    status: 200,
    statusText: 'OK',
    headers: { 'content-type': 'application/json' },
    body: new TextEncoder().encode(JSON.stringify(body)),
  };
}
