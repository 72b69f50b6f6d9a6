/**
 * Ten thousand tokens that were issued in one second, used by twenty processes for an hour. Real are the managers with all behind them (decisions, attempts,
 * leases, transitions, places at the origin), and the exchanges; the store is a map, the provider a function, time a virtual clock. Every process uses every
 * token once a minute. A use before the token's `soft_at` is not made: it is served and begins nothing, and 11 million of them take minutes.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Clock } from '../../src/kernel/clock.ts';
import type { HttpClient, HttpResponse } from '../../src/kernel/http-client.ts';
import type { TokenConfiguration } from '../../src/token/token-configuration.ts';
import type { TokenManager } from '../../src/token/token-manager.ts';
import type { TokenRecord } from '../../src/token/token-record.ts';
import { createMemoryTokenStore, type MemoryTokenStore } from '../support/memory-token-store.ts';
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.ts';
import { CONFIGURATION, startWorker } from '../token/manager-under-test.ts';

const KEYS = 10_000;
const PROCESSES = 20;
/** Token requests that the provider answers in one second; more are answered 429. */
const MOST_PER_SECOND = 50;
const LIFETIME_SECONDS = 3_600;
/** How long the provider takes to answer. */
const LATENCY_MS = 50;
const SPREAD_SHARE = 0.1;

interface Provider extends HttpClient {
  /** Requests by second since the clock began. */
  readonly perSecond: Map<number, number>;
  readonly refused: () => number;
  /** Until now it answered everything, and at once. */
  limit(): void;
}

interface Use {
  readonly process: number;
  readonly key: number;
}

interface Hour {
  /** When each key was renewed, seconds since all were issued. */
  readonly renewedAt: readonly (readonly number[])[];
  readonly perSecond: readonly number[];
  readonly refused: number;
  /** Uses that went through a manager. */
  readonly gets: number;
  readonly longestWaitMs: number;
  readonly failures: readonly unknown[];
}

describe('tokens issued in one second', () => {
  let hour: Hour;
  beforeAll(async () => {
    hour = await liveAnHour();
  });

  test('test 46: each is renewed exactly once in its lifetime', () => {
    expect(hour.renewedAt.filter((times) => times.length !== 1)).toEqual([]);
  });

  test('test 46: the renewals spread over a tenth of the lifetime, and the busiest second has no more than the provider allows', () => {
    const times = hour.renewedAt.flat();
    const span = Math.max(...times) - Math.min(...times);
    expect(span).toBeGreaterThanOrEqual(SPREAD_SHARE * LIFETIME_SECONDS);
    expect(KEYS / span).toBeLessThan(28);
    expect(Math.max(...hour.perSecond)).toBeLessThanOrEqual(MOST_PER_SECOND);
  });

  test('test 46: the provider refuses nothing for its limit', () => {
    expect(hour.refused).toBe(0);
  });

  test('test 46: no caller waits', () => {
    expect(hour.failures).toEqual([]);
    expect(hour.gets).toBeGreaterThanOrEqual(KEYS);
    expect(hour.longestWaitMs).toBe(0);
  });
});

async function liveAnHour(): Promise<Hour> {
  const virtual = createVirtualClock();
  const clock: Clock = { ...virtual, uuid: createUuids() };
  const store = createMemoryTokenStore(() => clock.now());
  const provider = createProvider(clock);
  const managers = Array.from({ length: PROCESSES }, () =>
    startWorker({ clock, store, request: (call) => provider.request(call) }),
  );
  const configurations = Array.from({ length: KEYS }, (_, key) => configurationOf(key));
  await issueAll(virtual, managers, configurations);
  provider.limit();
  provider.perSecond.clear();

  const softAt = configurations.map(({ id }) => store.records.get(id)?.at.soft_at ?? 0);
  const renewedAt = configurations.map((): number[] => []);
  const failures: unknown[] = [];
  let gets = 0;
  let longestWaitMs = 0;
  const numbers = new Map(configurations.map(({ id }, key) => [id, key]));
  noteSaves(store, ({ id, at }) => {
    const key = numbers.get(id) ?? -1;
    softAt[key] = at.soft_at ?? 0;
    renewedAt[key]?.push(clock.monotonic() / 1_000);
  });

  const use = async (manager: TokenManager, configuration: TokenConfiguration): Promise<void> => {
    const began = clock.monotonic();
    gets += 1;
    try {
      await manager.get(configuration, { reload: () => Promise.resolve(configuration) });
    } catch (error) {
      failures.push(error);
    }
    longestWaitMs = Math.max(longestWaitMs, clock.monotonic() - began);
  };
  const uses = usesBySecond();
  // After a refusal the hour is lost, and what follows takes long.
  for (let second = 0; second < LIFETIME_SECONDS && provider.refused() === 0; second += 1) {
    for (const { process, key } of uses[second % 60] ?? []) {
      if (clock.now() < (softAt[key] ?? 0)) continue;
      const configuration = configurations[key];
      const manager = managers[process];
      if (configuration !== undefined && manager !== undefined) void use(manager, configuration);
    }
    await virtual.advance(1_000);
  }
  const perSecond = [...provider.perSecond.values()];
  return { renewedAt, perSecond, refused: provider.refused(), gets, longestWaitMs, failures };
}

/** The premise: all in the same second, whatever the provider would have said to that. */
async function issueAll(
  clock: VirtualClock,
  managers: readonly TokenManager[],
  configurations: readonly TokenConfiguration[],
): Promise<void> {
  const began = clock.monotonic();
  const issued = Promise.all(
    configurations.map(async (configuration, key) => {
      await managers[key % PROCESSES]?.get(configuration, { reload: () => Promise.resolve(configuration) });
    }),
  );
  await clock.advance(0);
  await issued;
  if (clock.monotonic() !== began) throw new Error('The tokens were to be issued at one instant.');
}

function configurationOf(key: number): TokenConfiguration {
  return {
    ...CONFIGURATION,
    id: `i${key}:s:k`,
    integrationId: `i${key}`,
    integration: `shop-${key}`,
    inputs: { ...CONFIGURATION.inputs, username: `u${key}` },
    credentialId: `credential:${key}`,
  };
}

function createProvider(clock: Clock): Provider {
  const perSecond = new Map<number, number>();
  let isLimited = false;
  let given = 0;
  let refused = 0;
  return {
    perSecond,
    refused: () => refused,
    limit: () => {
      isLimited = true;
    },
    async request() {
      const second = Math.floor(clock.monotonic() / 1_000);
      const requests = (perSecond.get(second) ?? 0) + 1;
      perSecond.set(second, requests);
      if (isLimited) await clock.sleep(LATENCY_MS);
      if (isLimited && requests > MOST_PER_SECOND) {
        refused += 1;
        return answer(429, { error: 'slow_down' });
      }
      given += 1;
      return answer(200, {
        access_token: `T${given}`,
        expires_in: LIFETIME_SECONDS,
        refresh_token: `R${given}`,
        token_type: 'Bearer',
      });
    },
    close: () => Promise.resolve(),
  };
}

function answer(status: number, body: object): HttpResponse {
  const headers = { 'content-type': 'application/json' };
  return { status, statusText: '', headers, body: new TextEncoder().encode(JSON.stringify(body)) };
}

/** Random to look at, the same in every run: the spread is made of a token's identity. */
function createUuids(): () => string {
  const next = createNumbers(1);
  const hex = (): string => next().toString(16).padStart(8, '0');
  return () => [hex(), hex(), hex(), hex()].join('-');
}

/** Every process uses every key once a minute, at a second of its own. */
function usesBySecond(): readonly (readonly Use[])[] {
  const bySecond = Array.from({ length: 60 }, (): Use[] => []);
  const next = createNumbers(2);
  for (let process = 0; process < PROCESSES; process += 1) {
    for (let key = 0; key < KEYS; key += 1) bySecond[next() % 60]?.push({ process, key });
  }
  return bySecond;
}

/** Whole numbers below 2^32, the same for the same seed (mulberry32). */
function createNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    const mixed = Math.imul(state ^ (state >>> 15), state | 1);
    const more = mixed ^ (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61));
    return (more ^ (more >>> 14)) >>> 0;
  };
}

/** Calls back for every token that is stored. */
function noteSaves(store: MemoryTokenStore, note: (record: TokenRecord) => void): void {
  const apply = store.apply.bind(store);
  store.apply = async (id, transition) => {
    const result = await apply(id, transition);
    if (transition.kind === 'save' && result.applied && result.record !== undefined) note(result.record);
    return result;
  };
}
