/** One contender goes through one workload. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_CLIENT, DEFAULT_USER } from '../../src/demo/provider-behaviour.ts';
import type { Provider } from '../../src/demo/provider.ts';
import { startShop } from '../../test/cli/support/shop.ts';
import type { Contender, Session, Site } from './contender.ts';
import { CONTENDERS, type ContenderName } from './contenders.ts';
import { createStage, LIFETIME_MS, openStage, type Stage } from './stage.ts';
import type { Workload } from './workloads.ts';

export interface Outcome {
  readonly tokenRequests: number;
  readonly tasks: number;
  /** Why tasks failed, a text each. */
  readonly failures: readonly string[];
  /** Sign-ins that are of no use any more, though the provider had not ended them by itself; `undefined` where no refresh token was held. */
  readonly lostRefreshTokens: number | undefined;
  readonly lockedAccounts: number;
  /** Refresh tokens that came back to the provider after they had been used. */
  readonly replays: number;
}

/** @param mongodb a database that nobody else uses, where there is a MongoDB */
export async function measure(name: ContenderName, workload: Workload, mongodb: string | undefined): Promise<Outcome> {
  const contender = await CONTENDERS[name].load();
  const provider = await startShop({ behaviour: { lifetimeMs: LIFETIME_MS, ...workload.behaviour } });
  const directory = await mkdtemp(join(tmpdir(), 'everbearer-peers-'));
  const stage = createStage(provider);
  try {
    const site = await siteOf(provider, workload, directory, mongodb);
    await contender.install(site);
    await openStage(stage, name, site, workload.signedIn ?? true);
    await workload.play(stage);
    return await outcomeOf(stage, contender, workload);
  } finally {
    await stage.close();
    await provider.close();
    await rm(directory, { recursive: true, force: true });
  }
}

async function siteOf(
  provider: Provider,
  { grant, account = DEFAULT_USER }: Workload,
  directory: string,
  mongodb: string | undefined,
): Promise<Site> {
  const { tokenUrl, apiUrl, origin } = provider;
  return {
    grant,
    issuer: `${origin}/-`,
    tokenUrl,
    apiUrl,
    client: DEFAULT_CLIENT,
    account,
    directory,
    ...(grant === 'sign-in' ? { session: await signIn(tokenUrl) } : {}),
    ...(mongodb === undefined ? {} : { mongodb }),
  };
}

/** By a person; how is all the same to the processes, so the shortest way will do. */
async function signIn(tokenUrl: string): Promise<Session> {
  const body = new URLSearchParams({ grant_type: 'password', ...DEFAULT_CLIENT, ...DEFAULT_USER });
  const response = await fetch(tokenUrl, { method: 'POST', body });
  if (!response.ok) throw new Error(`The person's sign-in was answered ${response.status}.`);
  const { access_token, refresh_token, token_type, expires_in } = (await response.json()) as Session;
  return { access_token, refresh_token, token_type, expires_in };
}

async function outcomeOf(stage: Stage, { refreshes }: Contender, workload: Workload): Promise<Outcome> {
  const { tokenRequests, familiesRevoked, replays, wrongCredentials } = stage.provider.counters();
  const { tasks, failures } = stage.tally();
  const { grant, signedIn = true, behaviour } = workload;
  const holdsRefreshTokens = refreshes && signedIn && grant !== 'client_credentials';
  const isLost = holdsRefreshTokens && grant === 'sign-in' && !(await goesOn(stage));
  return {
    tokenRequests,
    tasks,
    failures,
    lostRefreshTokens: holdsRefreshTokens ? Math.max(familiesRevoked, Number(isLost)) : undefined,
    lockedAccounts: Number(wrongCredentials >= (behaviour?.lockOutAfter ?? Infinity)),
    replays,
  };
}

/** Whether a process can do its work at the next expiry, without a person. */
async function goesOn(stage: Stage): Promise<boolean> {
  stage.provider.clearScript();
  await stage.advance(LIFETIME_MS + 1_000);
  const [process] = stage.all();
  const failures = await process?.run(1, 'one by one').failures;
  return failures?.length === 0;
}
