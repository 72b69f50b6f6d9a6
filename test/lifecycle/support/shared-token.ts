/** One token, several workers: each can be held at a named point, and the clocks of all of them, of the store and of the provider go together. */
import { expect } from 'vitest';
import type { Everbearer } from '../../../src/api.ts';
import { fingerprint, type TokenRequestEntry } from '../../../src/demo/request-log.ts';
import type { Provider } from '../../../src/demo/provider.ts';
import type { Cipher } from '../../../src/kernel/cipher.ts';
import type { EverbearerOptions } from '../../../src/options.ts';
import type { ProtocolPoint } from '../../../src/token/protocol-points.ts';
import type { TokenRecord } from '../../../src/token/token-record.ts';
import { createElapsingClock } from '../../fleet/support/elapsing-clock.ts';
import { INTEGRATION, startProduct, type Product, type ProductOptions } from '../../product/product-under-test.ts';
import type { HandEdit } from '../../stores/contract/store-under-test.ts';
import { openDatabase, type Database } from './database.ts';
import { createHeldPoints, type HeldPoint } from './held-points.ts';
import { openCipher } from './product-cipher.ts';

/** The one security scheme of the bookshop. */
const SCHEME = 'shop';

export const HOUR = 3_600_000;
/** Longer than a lease lasts, shorter than the longest that a caller waits here. */
export const LEASE_AND_MORE = 31_000;
/** The same where a refresh token is the sole credential. */
export const SOLE_LEASE_AND_MORE = 121_000;
/** Longer than any back-off after one failure. */
export const BACKOFF_AND_MORE = 2_000;

/** Between two steps of time: whoever sleeps has noticed the last one. */
const PACE_MS = 30;

export interface Worker {
  readonly everbearer: Everbearer;
  /** The access token in force. @throws EverbearerError as `tokens.get` */
  readonly get: (scheme?: string) => Promise<string>;
  readonly hold: (point: ProtocolPoint) => HeldPoint;
  readonly doAt: (point: ProtocolPoint, act: () => void) => void;
}

export interface SharedToken {
  readonly product: Product;
  readonly provider: Provider;
  /** A person at the product: never held, and its clock stands apart. */
  readonly person: Everbearer;
  worker(options?: EverbearerOptions): Promise<Worker>;
  /** A worker whose callers wait no longer than a moment: their failure says that somebody else is at it. */
  impatientWorker(): Promise<Worker>;
  /** Lets time pass, a second at a time, until it is settled. */
  passUntil<T>(settled: Promise<T>): Promise<T>;
  /** The token's record as it stands. */
  record(scheme?: string): Promise<TokenRecord>;
  /** Fingerprints of the tokens that are stored, as the provider's log has them. */
  stored(scheme?: string): Promise<StoredTokens>;
  /** What a person does to the record in the database's shell. */
  edit(edit: HandEdit): Promise<void>;
  /** Takes the password away: from now on the refresh token is the sole credential, and there is no access token. */
  forgetPassword(): Promise<void>;
  /** A call whose token request has taken effect at the provider, and whose answer is held back until `provider.release()`. */
  callInFlight(worker: Worker): Promise<{ readonly call: Promise<string> }>;
  /** The token requests so far, as `<grant> <outcome>`. */
  requests(): readonly string[];
  /** The token request with this number, from 1; a negative one counts from the end. */
  request(number: number): TokenRequestEntry;
  /** The database itself, and what opens its secrets. */
  readonly database: Database;
  readonly cipher: Cipher;
  dispose(): Promise<void>;
}

export type StoredTokens = Readonly<Partial<Record<'access_token' | 'refresh_token', string>>>;

export async function startSharedToken(store: string, options: ProductOptions = {}): Promise<SharedToken> {
  // Time is moved on by hours while reads are under way.
  const patience = { tokenWaitMs: 100 * HOUR, storeReadTimeoutMs: 100 * HOUR };
  const product = await startProduct(store, { ...patience, ...options });
  const database = await openDatabase(product);
  const cipher = await openCipher(product, database.store);
  const { provider, everbearer: person } = product;
  const releases: (() => void)[] = [];

  async function worker(options: EverbearerOptions = {}): Promise<Worker> {
    const { onPoint, hold, doAt, releaseAll } = createHeldPoints();
    releases.push(releaseAll);
    const clock = createElapsingClock(product.elapsedMs);
    const everbearer = await product.another(options, { clock, onPoint });
    const get = async (scheme = SCHEME): Promise<string> =>
      (await everbearer.tokens.get({ integration: INTEGRATION, scheme })).access_token;
    return { everbearer, hold, doAt, get };
  }

  async function record(scheme = SCHEME): Promise<TokenRecord> {
    const { records } = await database.store.tokens.list(await integrationId());
    const found = [...records.values()].find((each) => each.scheme === scheme);
    if (found === undefined) throw new Error(`There is no record of ${scheme}.`);
    return found;
  }

  async function integrationId(): Promise<string> {
    const found = await database.store.integrations.findByName(INTEGRATION);
    if (found === undefined) throw new Error('There is no integration.');
    return found.id;
  }

  return {
    product,
    provider,
    person,
    worker,
    impatientWorker: async () => await worker({ tokenWaitMs: 300 }),
    async passUntil(settled) {
      let isSettled = false;
      const end = (): void => void (isSettled = true);
      settled.then(end, end);
      await expect
        .poll(() => isSettled || (product.advance(1_000), false), { interval: PACE_MS, timeout: 15_000 })
        .toBe(true);
      return await settled;
    },
    database,
    cipher,
    record,
    stored: async (scheme) => storedTokens(cipher, await record(scheme)),
    edit: async (edit) => await database.edit((await record()).id, edit),
    async forgetPassword() {
      await person.integrations.set(INTEGRATION, { authentication: { shop: { password: null } } });
    },
    async callInFlight({ get }) {
      const before = provider.held();
      provider.script({ name: 'hold' });
      const call = get();
      call.catch(() => undefined);
      await expect.poll(() => provider.held(), { timeout: 15_000 }).toBe(before + 1);
      return { call };
    },
    requests: () => provider.log().map(({ grant, outcome }) => `${grant ?? ''} ${outcome}`),
    request(number) {
      const entry = provider.log().at(number > 0 ? number - 1 : number);
      if (entry === undefined) throw new Error(`There is no token request ${number}.`);
      return entry;
    },
    async dispose() {
      for (const release of releases) release();
      await database.close();
      await product.dispose();
    },
  };
}

/** Fingerprints of the tokens of a record. */
export function storedTokens(cipher: Cipher, { id, at, rt }: TokenRecord): StoredTokens {
  return {
    ...(at.sealed === undefined ? {} : { access_token: fingerprint(cipher.open(at.sealed, [id, 'access_token'])) }),
    ...(rt === undefined ? {} : { refresh_token: fingerprint(cipher.open(rt.sealed, [id, 'refresh_token'])) }),
  };
}
