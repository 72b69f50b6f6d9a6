/** What a test of several processes runs on: one store, one simulated provider, one integration, and time that passes for all of them together. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Everbearer } from '../../../src/api.ts';
import { DEFAULT_CLIENT } from '../../../src/demo/provider-behaviour.ts';
import type { Provider, ProviderOptions } from '../../../src/demo/provider.ts';
import { createEverbearer } from '../../../src/everbearer.ts';
import { createKeyFile } from '../../../src/io/key-file.ts';
import type { Json } from '../../../src/kernel/json.ts';
import type { EverbearerOptions } from '../../../src/options.ts';
import { BOOKSHOP, shopValues, startShop, VERSION_ID } from '../../cli/support/shop.ts';
import { createElapsedTime } from './elapsed-time.ts';
import { createElapsingClock } from './elapsing-clock.ts';
import { signIn } from './sign-in.ts';
import type { OpenInput } from './worker-commands.ts';

/** The integration that every deployment has. */
export const INTEGRATION = 'shop';
/** Default lifetime of its access tokens, milliseconds. */
export const HOUR = 3_600_000;

/** Time passes a hundred times as fast: whoever looks twice a second looks while it does. */
const [PASS_STEP_MS, PASS_EVERY_MS] = [500, 5];

export interface DeploymentOptions {
  /** Default: a SQLite file of its own. */
  readonly store?: string;
  readonly behaviour?: ProviderOptions['behaviour'];
  /** Put over the integration's own. */
  readonly authentication?: (provider: Provider) => Readonly<Record<string, Json>>;
  /** The integration holds a refresh token and no password. */
  readonly refreshTokenOnly?: boolean;
}

export interface Deployment {
  /** The store's option, for processes that come in by another way as well. */
  readonly store: string;
  readonly keyFile: string;
  readonly folder: string;
  readonly provider: Provider;
  /** Everbearer in the test's own process, for looking and for edits. */
  readonly editor: Everbearer;
  /** What a worker opens. @param options over those of the deployment */
  opening(options?: EverbearerOptions): OpenInput;
  /** Lets tokens and leases grow older: time of the store and the provider alone. What processes wait for goes on as it was. */
  readonly age: (ms: number) => void;
  /** Lets time pass for the processes as well: their time-outs, their own deadlines, their sleep. */
  readonly pass: (ms: number) => void;
  /** Lets time pass, little by little, until this has come. @returns what it brings */
  readonly passUntil: <T>(coming: Promise<T>) => Promise<T>;
  dispose(): Promise<void>;
}

export async function startDeployment(options: DeploymentOptions = {}): Promise<Deployment> {
  const folder = await mkdtemp(join(tmpdir(), 'everbearer-fleet-'));
  const store = options.store ?? `sqlite:${join(folder, 'store.db')}`;
  const keyFile = join(folder, 'keys.json');
  await createKeyFile(keyFile);
  const time = createElapsedTime(join(folder, 'elapsed'));
  const provider = await startShop({ ...(options.behaviour === undefined ? {} : { behaviour: options.behaviour }) });
  const editor = await createEverbearer(
    { store, keyFile, actor: 'editor' },
    { clock: createElapsingClock(time.ofProcesses), storeClockOffsetMs: time.ofStore },
  );
  await integrate(editor, provider, options);
  const elapse = (ms: number, processes: number): void => {
    // The store first: a token that the provider takes no longer must not look good to anybody.
    time.add({ store: ms, processes });
    provider.advance(ms);
  };
  return {
    store,
    keyFile,
    folder,
    provider,
    editor,
    opening: (more = {}) => ({ options: { store, keyFile, ...more }, elapsedTime: time.path }),
    age: (ms) => {
      elapse(ms, 0);
    },
    pass: (ms) => {
      elapse(ms, ms);
    },
    async passUntil(coming) {
      const come = coming.then(
        () => true,
        () => true,
      );
      while (!(await Promise.race([come, sleep(PASS_EVERY_MS, false)]))) elapse(PASS_STEP_MS, PASS_STEP_MS);
      return await coming;
    },
    async dispose() {
      await editor.close();
      await provider.close();
      time.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Makes the integration, with its refresh token where that is all it has. */
async function integrate(editor: Everbearer, provider: Provider, options: DeploymentOptions): Promise<void> {
  const { refreshTokenOnly = false, authentication = () => ({}) } = options;
  const bytes = new TextEncoder().encode(JSON.stringify(BOOKSHOP));
  await editor.models.import({ name: 'bookshop.json', bytes });
  const account = refreshTokenOnly ? { username: '', password: '' } : {};
  const { server, authentication: values } = shopValues(provider, { ...account, ...authentication(provider) });
  await editor.integrations.create({ name: INTEGRATION, model: VERSION_ID, server, authentication: values });
  if (!refreshTokenOnly) return;
  await editor.tokens.set({ integration: INTEGRATION }, { ...(await signIn(provider, DEFAULT_CLIENT)) });
  provider.resetCounters();
}
