/** The manager on a virtual clock: what it waits for, how long, and what it leaves behind. */
import { beforeEach, describe, expect, test } from 'vitest';
import { EverbearerError } from '../../src/errors.ts';
import { readyExchange } from '../../src/exchange/ready-exchanges.ts';
import type { Cipher } from '../../src/kernel/cipher.ts';
import { NO_METRICS } from '../../src/kernel/metrics.ts';
import { NO_TRACER } from '../../src/kernel/tracer.ts';
import { HttpFailure, type HttpClient, type HttpResponse } from '../../src/kernel/http-client.ts';
import type { TokenConfiguration } from '../../src/token/token-configuration.ts';
import { createStoreGate } from '../../src/token/store-gate.ts';
import { NO_SPOOL } from '../../src/token/spool.ts';
import { createTokenManager, type TokenManager } from '../../src/token/token-manager.ts';
import { createMemoryCredentialStore, type MemoryCredentialStore } from '../support/memory-credential-store.ts';
import { createMemoryTokenStore, type MemoryTokenStore } from '../support/memory-token-store.ts';
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.ts';

const HOUR = 3_600_000;
const CIPHER: Cipher = {
  seal: (plaintext) => ({ ct: plaintext, iv: '', kid: 'k' }),
  open: ({ ct }) => ct,
  fingerprint: (parts) => parts.join(':'),
};
const CONFIGURATION: TokenConfiguration = {
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

let clock: VirtualClock;
let store: MemoryTokenStore;
let credentials: MemoryCredentialStore;
let requests: number;
let answer: () => Promise<HttpResponse>;
let events: string[];

const json = (body: object): Promise<HttpResponse> =>
  Promise.resolve({
    status: 200,
    statusText: 'OK',
    headers: { 'content-type': 'application/json' },
    body: new TextEncoder().encode(JSON.stringify(body)),
  });

function manager(options: { readonly renewal?: 'inline' | 'background' } = {}): TokenManager {
  const http: HttpClient = {
    request: async ({ mayStart }) => {
      if (mayStart?.() === false)
        throw new HttpFailure('aborted', 'too late', { sent: false, origin: 'https://as.example' });
      requests += 1;
      return await answer();
    },
    close: () => Promise.resolve(),
  };
  return createTokenManager(
    {
      store,
      credentials,
      spool: NO_SPOOL,
      metrics: NO_METRICS,
      tracer: NO_TRACER,
      gate: createStoreGate(clock, { probe: () => store.read([]) }),
      clock,
      cipher: CIPHER,
      http,
      events: {
        tell: (event) => {
          events.push(event.type);
          return Promise.resolve();
        },
      },
      logger: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
    },
    {
      tokenWaitMs: 45_000,
      renewal: options.renewal ?? 'background',
      onStoreUnavailable: 'serve-until-expiry',
      actor: 'test',
    },
  );
}

const reload = (): Promise<TokenConfiguration> => Promise.resolve(CONFIGURATION);

beforeEach(() => {
  clock = createVirtualClock();
  store = createMemoryTokenStore(() => clock.now());
  credentials = createMemoryCredentialStore(() => clock.now());
  requests = 0;
  events = [];
  answer = () =>
    json({ access_token: `T${String(requests)}`, expires_in: 3_600, refresh_token: `R${String(requests)}` });
});

describe('the token manager', () => {
  test('calls that come while a read is under way share the next one', async () => {
    const tokens = manager();
    await tokens.get(CONFIGURATION, { reload });
    store.counts.read = 0;
    await Promise.all(Array.from({ length: 100 }, async () => await tokens.get(CONFIGURATION, { reload })));
    expect(store.counts.read).toBeLessThanOrEqual(2);
  });

  test('a loser polls for the holder and serves what it stored', async () => {
    const [first, second] = [manager(), manager()];
    let release: (response: HttpResponse) => void = () => undefined;
    answer = () =>
      new Promise((resolve) => {
        release = resolve;
      });
    const winning = first.get(CONFIGURATION, { reload });
    await clock.advance(0);
    const losing = second.get(CONFIGURATION, { reload });
    await clock.advance(2_000);
    release(await json({ access_token: 'T1', expires_in: 3_600 }));
    await clock.advance(1_000);
    expect([(await winning).accessToken, (await losing).accessToken]).toEqual(['T1', 'T1']);
    expect(requests).toBe(1);
  });

  test('a lease that nobody gives back is taken over when it ends, within the time that a caller waits', async () => {
    answer = () => new Promise(() => undefined);
    void manager()
      .get(CONFIGURATION, { reload })
      .catch(() => undefined);
    await clock.advance(0);
    answer = () => json({ access_token: 'T2', expires_in: 3_600 });
    const second = manager().get(CONFIGURATION, { reload });
    await clock.advance(31_000);
    expect((await second).accessToken).toBe('T2');
  });

  test('a caller waits no longer than tokenWaitMs, and the error may be retried', async () => {
    answer = () => new Promise(() => undefined);
    const waiting = manager()
      .get(CONFIGURATION, { reload })
      .catch((error: unknown) => error);
    await clock.advance(45_001);
    expect(await waiting).toMatchObject({ code: 'token_unavailable', retryable: true });
  });

  test("a caller that gives up leaves the others' flight alone", async () => {
    const tokens = manager();
    let release: (response: HttpResponse) => void = () => undefined;
    answer = () =>
      new Promise((resolve) => {
        release = resolve;
      });
    const impatient = new AbortController();
    const leaving = tokens.get(CONFIGURATION, { reload, signal: impatient.signal }).catch((error: unknown) => error);
    const staying = tokens.get(CONFIGURATION, { reload });
    await clock.advance(0);
    impatient.abort(new Error('enough'));
    release(await json({ access_token: 'T1', expires_in: 3_600 }));
    await clock.advance(0);
    expect(await leaving).toMatchObject({ message: 'enough' });
    expect((await staying).accessToken).toBe('T1');
  });

  test('in the last two seconds a call waits for the renewal, and takes the old token when it does not come', async () => {
    const tokens = manager();
    await tokens.get(CONFIGURATION, { reload });
    await clock.advance(HOUR - 1_500);
    answer = () => new Promise(() => undefined);
    let served: string | undefined;
    void tokens.get(CONFIGURATION, { reload }).then((token) => {
      served = token.accessToken;
    });
    await clock.advance(1_000);
    expect(served).toBeUndefined();
    await clock.advance(1_100);
    expect(served).toBe('T1');
  });

  test('a short-lived process renews nothing in the soft window', async () => {
    const tokens = manager({ renewal: 'inline' });
    await tokens.get(CONFIGURATION, { reload });
    await clock.advance(0.9 * HOUR);
    await tokens.get(CONFIGURATION, { reload });
    await clock.advance(0);
    expect(requests).toBe(1);
  });

  test('a save that the store cannot take is sent again until it can', async () => {
    let failures = 3;
    store.beforeApply = (kind) => {
      if (kind !== 'save' || failures === 0) return;
      failures -= 1;
      throw new EverbearerError('store_unavailable', 'gone');
    };
    const getting = manager().get(CONFIGURATION, { reload });
    await clock.advance(1_000);
    expect((await getting).accessToken).toBe('T1');
    expect(store.records.get('i:s:k')).toMatchObject({ ver: 1, rt: { sealed: { ct: 'R1' } } });
  });

  test('a token of no lifetime serves the calls that waited for it', async () => {
    answer = () => json({ access_token: 'T1', expires_in: 0 });
    expect((await manager().get(CONFIGURATION, { reload })).accessToken).toBe('T1');
  });

  test('a connection that fails leaves a failure with a time for the next attempt, and no lease', async () => {
    answer = () => Promise.reject(new HttpFailure('connect', 'refused', { sent: false, origin: 'https://as.example' }));
    await expect(manager().get(CONFIGURATION, { reload })).rejects.toMatchObject({ code: 'token_unavailable' });
    const record = store.records.get('i:s:k');
    expect(record?.lease).toBeUndefined();
    expect(record?.fail?.['cfg']).toMatchObject({ class: 'transient', n: 1 });
    expect(events).toEqual(['token_failed']);
  });

  test('a worker that was held up after its acquire sends nothing, gives the lease back and starts over', async () => {
    let isHeldUp = true;
    store.afterApply = (kind) => {
      if (kind !== 'acquire' || !isHeldUp) return;
      isHeldUp = false;
      return clock.advance(16_000);
    };
    expect((await manager().get(CONFIGURATION, { reload })).accessToken).toBe('T1');
    expect({ requests, epoch: store.records.get('i:s:k')?.epoch }).toEqual({ requests: 1, epoch: 2 });
  });

  test('a fault of ours in the middle of an attempt is remembered: the credentials are not sent again at once', async () => {
    answer = () => Promise.reject(new RangeError('too deep'));
    const tokens = manager();
    await expect(tokens.get(CONFIGURATION, { reload })).rejects.toMatchObject({ code: 'token_unavailable' });
    await expect(tokens.get(CONFIGURATION, { reload })).rejects.toMatchObject({ code: 'token_unavailable' });
    expect(requests).toBe(1);
  });

  test('close() waits for the attempt that is under way until it is stored', async () => {
    const tokens = manager();
    let release: (response: HttpResponse) => void = () => undefined;
    answer = () =>
      new Promise((resolve) => {
        release = resolve;
      });
    void tokens.get(CONFIGURATION, { reload });
    await clock.advance(0);
    let isClosed = false;
    const closing = tokens.close().then(() => {
      isClosed = true;
    });
    await clock.advance(100);
    expect(isClosed).toBe(false);
    release(await json({ access_token: 'T1', refresh_token: 'R1', expires_in: 3_600 }));
    await closing;
    expect(store.records.get('i:s:k')?.rt?.sealed.ct).toBe('R1');
  });
});
