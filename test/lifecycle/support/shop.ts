/** The bookshop integration of the product under test, as the tests of §4 look at it: what a call comes to, time that passes, attempts held up. */
import { setImmediate as endOfTurn, setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { Everbearer } from '../../../src/api.ts';
import type { Provider } from '../../../src/demo/provider.ts';
import type { TokenRequestEntry } from '../../../src/demo/request-log.ts';
import { createLogger } from '../../../src/io/logger.ts';
import type { EverbearerOptions, EverbearerOverrides } from '../../../src/options.ts';
import type { TokenView } from '../../../src/token/tokens-face.ts';
import { signIn } from '../../demo/provider-client.ts';
import { INTEGRATION, startProduct, type Product, type ProductOptions } from '../../product/product-under-test.ts';
import { createHeldPoints, type HeldPoints } from './held-points.ts';

export const MINUTE = 60_000;
export const HOUR = 3_600_000;
/** A lease without a sole refresh token. */
export const LEASE = 30_000;
/** How long a refresh token in doubt is watched before it is presented again. */
export const WATCH = 15_000;

export interface Shop {
  readonly product: Product;
  readonly provider: Provider;
  /** The first worker. */
  readonly worker: Everbearer;
  /** Of the first worker. */
  readonly points: HeldPoints;
  /** More workers on the same store. */
  workers(count: number, overrides?: EverbearerOverrides): Promise<readonly Everbearer[]>;
  /** One whose attempts can be held up as well. */
  heldWorker(
    options?: EverbearerOptions,
    overrides?: EverbearerOverrides,
  ): Promise<{ readonly worker: Everbearer; readonly points: HeldPoints }>;
  /** A task's status, or the code of its failure. */
  run(worker?: Everbearer): Promise<number | string>;
  show(): Promise<TokenView>;
  edit(authentication: Parameters<Everbearer['integrations']['set']>[1]): Promise<void>;
  /** A token of the provider set by hand: its refresh token is the sole credential where there is no password. */
  setIssuedToken(): Promise<void>;
  /** Resolves when no attempt is under way behind the callers. */
  settled(): Promise<void>;
  /** Lets time pass, a second at a time, until the work is done. */
  whilePassing<T>(work: Promise<T>, stepMs?: number): Promise<T>;
}

/** What fails here fails on purpose. */
const QUIET: EverbearerOverrides = { logger: createLogger({ level: 'silent' }) };

/** Ends with the test. @param overrides of the first worker */
export async function openShop(
  kind: string,
  options: ProductOptions = {},
  overrides: EverbearerOverrides = {},
): Promise<Shop> {
  const all: HeldPoints[] = [];
  const pointsOf = (): HeldPoints => {
    const points = createHeldPoints();
    all.push(points);
    return points;
  };
  const points = pointsOf();
  const product = await startProduct(kind, options, { ...QUIET, ...overrides, onPoint: points.onPoint });
  onTestFinished(async () => {
    for (const each of all) each.releaseAll();
    product.provider.clearScript();
    await product.dispose();
  });
  const { provider, everbearer } = product;
  return {
    product,
    provider,
    worker: everbearer,
    points,
    workers: async (count, overrides) =>
      await Promise.all(
        Array.from(
          { length: count },
          async () => await product.another({}, { ...QUIET, onPoint: pointsOf().onPoint, ...overrides }),
        ),
      ),
    async heldWorker(more, others) {
      const own = pointsOf();
      return { worker: await product.another(more, { ...QUIET, ...others, onPoint: own.onPoint }), points: own };
    },
    async run(worker = everbearer) {
      const response = await worker.tasks.run({ integration: INTEGRATION, operationId: 'listBooks', input: {} });
      return 'status' in response ? response.status : response.code;
    },
    show: async () => await everbearer.tokens.show({ integration: INTEGRATION }),
    async edit(shop) {
      await everbearer.integrations.set(INTEGRATION, { authentication: { shop } });
    },
    async setIssuedToken() {
      const { access, refresh } = await signIn(provider);
      const token = { access_token: access, refresh_token: refresh, expires_in: HOUR / 1_000 };
      await everbearer.tokens.set({ integration: INTEGRATION }, token);
      provider.resetCounters();
    },
    async settled() {
      for (let quietTurns = 0; quietTurns < 2; quietTurns += 1) {
        await endOfTurn();
        if (all.some((each) => each.isActing())) quietTurns = 0;
      }
    },
    async whilePassing(work, stepMs = 1_000) {
      const done = work.then(
        () => true,
        () => true,
      );
      while (!(await Promise.race([done, sleep(30).then(() => false)]))) product.advance(stepMs);
      return await work;
    },
  };
}

/** Of a password flow without a password: a stored refresh token is the sole credential. */
export const REFRESH_TOKEN_ONLY: ProductOptions = { authentication: { password: '' } };

/** The grants that were asked for, in order. */
export function grantsOf(provider: Provider): readonly string[] {
  return provider.log().map(({ grant = '' }) => grant);
}

/** Fingerprints of the refresh tokens that were presented, in order. */
export function presentedTo(provider: Provider): readonly string[] {
  return provider.log().flatMap(({ presented }: TokenRequestEntry) => (presented === undefined ? [] : [presented]));
}

/** Rounds of a call by each worker, spread over a time. @returns what they came to */
export async function roundsOf(
  shop: Shop,
  workers: readonly Everbearer[],
  { forMs = 5 * MINUTE, everyMs = 10_000 }: { readonly forMs?: number; readonly everyMs?: number } = {},
): Promise<ReadonlySet<number | string>> {
  const outcomes = new Set<number | string>();
  for (let passed = 0; passed < forMs; passed += everyMs) {
    const round = await Promise.all(workers.map(async (worker) => await shop.run(worker)));
    for (const outcome of round) outcomes.add(outcome);
    await shop.settled();
    shop.product.advance(everyMs);
  }
  return outcomes;
}
