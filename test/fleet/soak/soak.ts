/**
 * `npm run soak -- --minutes 30 --store mongodb`: workers under load, a provider that rotates and revokes, lives of seconds, and all that time somebody who
 * kills, stops, cuts and edits. At the end the provider's log is reconciled with the events; exit 1 where anything is left unexplained.
 */
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Everbearer } from '../../../src/api.ts';
import type { Provider } from '../../../src/demo/provider.ts';
import { createEverbearer } from '../../../src/everbearer.ts';
import { createKeyFile } from '../../../src/io/key-file.ts';
import { createLogger } from '../../../src/io/logger.ts';
import type { EverbearerEvent } from '../../../src/kernel/event.ts';
import type { ProtocolPoint } from '../../../src/token/protocol-points.ts';
import { startShop } from '../../cli/support/shop.ts';
import type { Incident } from '../support/account.ts';
import { createElapsedTime } from '../support/elapsed-time.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import type { Worker } from '../support/worker-process.ts';
import { chooseDisturbance, type Disturbed } from './disturbances.ts';
import { startSoakFleet, type SoakFleet } from './soak-fleet.ts';
import { makeIntegrations, signInAgain, SOAK_CLIENTS, SOAK_INTEGRATIONS, SOAK_USERS } from './soak-integrations.ts';
import { createSoakJournal, noteDeath, noteLine, type SoakJournal } from './soak-journal.ts';
import { parseSoakOptions, USAGE, type SoakOptions } from './soak-options.ts';
import { startSoakStore, type SoakStore } from './soak-store.ts';
import { progress } from './soak-progress.ts';
import { reportSoak } from './soak-report.ts';

const SECOND = 1_000;
/** Of access tokens. */
const LIFETIME_MS = 5 * SECOND;
/** They are renewed 3.5 s after they were asked for, at the soonest. */
const RENEWED_AFTER_MS = 3 * SECOND;
/** Between two disturbances; several may be going on. */
const [SOONEST_MS, LATEST_MS] = [0.5 * SECOND, 5 * SECOND];
/** The longest lease, the watch after it, and some more: by then every integration has a token again. */
const REST_MS = 180 * SECOND;

interface Soak {
  readonly options: SoakOptions;
  readonly journal: SoakJournal;
  readonly provider: Provider;
  readonly proxy: TcpProxy;
  readonly store: SoakStore;
  readonly editor: Everbearer;
  readonly fleet: SoakFleet;
  readonly disturbed: Disturbed;
}

async function main(options: SoakOptions): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'everbearer-soak-'));
  const store = await startSoakStore(options.store, join(folder, 'store.db'));
  try {
    const soak = await startSoak(options, store, folder);
    await disturb(soak);
    const held = await rest(soak);
    const events = await allEvents(soak.editor);
    await Promise.all([soak.editor.close(), soak.provider.close(), soak.proxy.close()]);
    return conclude(soak, events, held);
  } finally {
    await store.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function startSoak(options: SoakOptions, store: SoakStore, folder: string): Promise<Soak> {
  const journal = createSoakJournal();
  const keyFile = join(folder, 'keys.json');
  await createKeyFile(keyFile);
  const time = createElapsedTime(join(folder, 'elapsed'));
  const provider = await startShop({
    behaviour: { lifetimeMs: LIFETIME_MS, tokenDelayMs: 20 },
    clients: SOAK_CLIENTS,
    users: SOAK_USERS,
    onTokenRequest: (entry) => journal.requests.push(entry),
  });
  const proxy = await startTcpProxy(new URL(provider.origin).host);
  const logger = createLogger({ level: 'error' });
  const editor = await createEverbearer({ store: store.undisturbedUrl, keyFile, actor: 'editor' }, { logger });
  await makeIntegrations(editor, provider, proxy.host);
  const armed = new Map<string, ProtocolPoint>();
  const opening = { options: { store: store.url, keyFile }, elapsedTime: time.path, logLevel: 'info' } as const;
  const fleet = await startSoakFleet(opening, options.workers, {
    onDeath: ({ name }, by) => noteDeath(journal, { actor: name, by, point: armed.get(name) }),
    onLine: (line) => noteLine(journal, line),
  });
  const note = (incident: Incident): number => journal.incidents.push(incident);
  const workers = (): readonly Worker[] => fleet.workers();
  const disturbed = { random: options.random, workers, provider, proxy, store, editor, armed, note };
  return { options, journal, provider, proxy, store, editor, fleet, disturbed };
}

/** For as long as was asked for. */
async function disturb(soak: Soak): Promise<void> {
  const { options, disturbed, journal } = soak;
  const until = Date.now() + options.minutes * 60 * SECOND;
  const underWay = new Set<Promise<void>>();
  let helping: Promise<void> | undefined;
  while (Date.now() < until && journal.alarms.length === 0) {
    await sleep(Math.min(options.random.between(SOONEST_MS, LATEST_MS), until - Date.now()));
    const disturbance = chooseDisturbance(options.random);
    const going = disturbance.disturb(disturbed).catch(() => undefined);
    underWay.add(going);
    void going.finally(() => underWay.delete(going));
    helping ??= help(soak).finally(() => (helping = undefined));
    progress(`${disturbance.name.padEnd(22)} ${figures(soak)} ${Math.ceil((until - Date.now()) / SECOND)} s left`);
  }
  await Promise.all([...underWay, helping]);
  disturbed.armed.clear();
  disturbed.provider.clearScript();
}

/** Where only a person helps, one does. */
async function help({
  editor,
  provider,
  fleet,
  disturbed,
}: Pick<Soak, 'editor' | 'provider' | 'fleet' | 'disturbed'>): Promise<void> {
  for (const integration of SOAK_INTEGRATIONS) {
    const { name, refreshTokenOnly } = integration;
    const shown = await editor.tokens.show({ integration: name }).catch(() => undefined);
    if (shown?.state !== 'blocked') continue;
    disturbed.note({ at: Date.now(), kind: 'edited', integration: name });
    const helping = refreshTokenOnly
      ? signInAgain(editor, provider, integration)
      : fleet.workers().at(-1)?.tell('token', { integration: name, verb: 'refresh' });
    await helping?.catch(() => undefined);
  }
}

/** Lets everything come to its end. @returns the refresh tokens that the store holds, each shown to be good */
async function rest(soak: Soak): Promise<ReadonlySet<string>> {
  const { fleet, journal } = soak;
  for (const { name } of SOAK_INTEGRATIONS) {
    if (!(await comesToRest(soak, name))) journal.alarms.push(`${name} has no token although nothing is in its way.`);
  }
  await fleet.halt();
  await fleet.end();
  const last = SOAK_INTEGRATIONS.map(({ name }) => journal.requests.findLast(({ client_id }) => client_id === name));
  return new Set(last.flatMap((request) => request?.refresh_token ?? []));
}

async function comesToRest(soak: Soak, name: string): Promise<boolean> {
  const until = Date.now() + REST_MS;
  while (Date.now() < until) {
    if (await isRefreshed(soak, name)) return true;
    progress(`rest                   ${figures(soak)} waiting for ${name}`);
    await help(soak);
    await sleep(SECOND);
  }
  return false;
}

/** By a person's command. A worker may still die of what it was armed with; the next one is asked then. */
async function isRefreshed({ fleet }: Pick<Soak, 'fleet'>, integration: string): Promise<boolean> {
  const refreshing = fleet.workers().at(-1)?.tell('token', { integration, verb: 'refresh' });
  const shown = await refreshing?.catch(() => undefined);
  return shown?.state === 'valid';
}

async function allEvents(editor: Everbearer): Promise<readonly EverbearerEvent[]> {
  const events: EverbearerEvent[] = [];
  let after: string | undefined;
  do {
    const page = await editor.events.list({
      order: 'oldest',
      limit: 1_000,
      ...(after === undefined ? {} : { after }),
    });
    events.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  return events;
}

/** Of requests, those that workers have sent. */
function conclude(
  { options, journal, fleet }: Soak,
  events: readonly EverbearerEvent[],
  held: ReadonlySet<string>,
): number {
  const requests = journal.requests.filter(({ user_agent }) => user_agent?.startsWith('worker-') === true);
  const account = { ...journal, requests, events, held, renewedAfterMs: RENEWED_AFTER_MS };
  if (options.journal !== undefined)
    writeFileSync(options.journal, JSON.stringify({ ...account, held: [...held], failures: fleet.failures }));
  progress('');
  console.log(`seed ${options.random.seed}, ${options.store}, ${options.workers} workers`);
  const { minutes, append } = options;
  return reportSoak({ ...journal, ...fleet, account, minutes }, append);
}

function figures({ journal }: Pick<Soak, 'journal'>): string {
  const kills = journal.incidents.filter(({ kind }) => kind === 'killed').length;
  return `${journal.requests.length} requests, ${kills} kills,`;
}

try {
  process.exitCode = await main(parseSoakOptions(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.error(USAGE);
  process.exitCode = 2;
}
