/** `doctor`: what is well, what isn't, and what to do. It makes no store, no keys and no requests. */
import { existsSync } from 'node:fs';
import type { Everbearer } from '../api.ts';
import { createEverbearer, openMigrations, type KeylessStore } from '../everbearer.ts';
import { errorCodeRow, EverbearerError, type ErrorCode } from '../errors.ts';
import { readKeyFile } from '../io/key-file.ts';
import { storeLocation } from '../io/store-location.ts';
import type { EverbearerOptions } from '../options.ts';
import { resolveOptions } from '../resolve-options.ts';
import type { MemberClock } from '../store.ts';
import { compareClocks } from './compare-clocks.ts';
import type { Context } from './context.ts';
import { everyItem } from './every-item.ts';
import { checkReachable, hostsOf } from './reachable-hosts.ts';
import type { Action } from './verb.ts';

interface Check {
  readonly check: string;
  readonly ok: boolean;
  readonly message: string;
  readonly hint?: string;
  /** Of a check that failed. */
  readonly code?: ErrorCode;
}

/** Node releases before it lack what the sources and the embedded store need. */
const NODE_NEEDED = [22, 19] as const;
/** Clocks further apart make expiry times of providers, and certificates, look wrong. */
const CLOCK_APART_MS = 5_000;

export const doctor: Action = async (context) => {
  const checks = [checkNode(process.versions.node), checkVersion(context), ...(await checkStore(context.settings))];
  const failed = checks.find(({ ok }) => !ok);
  context.print({ ok: failed === undefined, checks }, () => checks.map((check) => describe(context, check)).join('\n'));
  return failed === undefined ? 0 : errorCodeRow(failed.code ?? 'configuration_missing').exit;
};

function describe({ paint }: Context, { check, ok, message, hint }: Check): string {
  const mark = ok ? paint.good('ok  ') : paint.bad('FAIL');
  return `${mark}  ${check.padEnd(10)}  ${message}${hint === undefined ? '' : `\n                  ${hint}`}`;
}

function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const ok = major > NODE_NEEDED[0] || (major === NODE_NEEDED[0] && minor >= NODE_NEEDED[1]);
  const hint = `Install Node ${NODE_NEEDED.join('.')} or newer.`;
  return { check: 'node', ok, message: `Node ${version}`, ...(ok ? {} : { hint, code: 'configuration_missing' }) };
}

function checkVersion({ version }: Context): Check {
  return { check: 'everbearer', ok: true, message: `Everbearer ${version}` };
}

/** Each look needs what the one before it found well. */
async function checkStore(settings: EverbearerOptions): Promise<readonly Check[]> {
  const missing = await missingStore(settings);
  if (missing !== undefined) return missing;
  const store = await lookingAt(
    'store',
    () => openMigrations(settings),
    async (opened) => [
      await checked('store', () => lookAtSchema(opened)),
      await checked('clock', () => lookAtClock(opened)),
      ...(await checkMembers(opened)),
    ],
  );
  if (store.some(({ ok }) => !ok)) return store;
  const keys = await lookingAt(
    'keys',
    () => createEverbearer(settings),
    async (opened) => [
      { check: 'keys', ok: true, message: "the key file is the store's" },
      ...(await checkNetwork(opened)),
    ],
  );
  return [...store, ...keys];
}

/** The looks at what was opened; that it cannot be opened is one of them. */
async function lookingAt<Opened extends { close(): Promise<void> }>(
  check: string,
  open: () => Promise<Opened>,
  look: (opened: Opened) => Promise<readonly Check[]>,
): Promise<readonly Check[]> {
  let opened: Opened;
  try {
    opened = await open();
  } catch (error) {
    return [failedCheck(check, error)];
  }
  try {
    return await look(opened);
  } finally {
    await opened.close();
  }
}

/** `undefined` where there is a store to look at, or a setting is wrong, which the next look will tell. */
async function missingStore(settings: EverbearerOptions): Promise<readonly Check[] | undefined> {
  let path: string;
  let keyFile: string;
  try {
    const resolved = resolveOptions(settings, process.env);
    const location = storeLocation(resolved.store);
    if (location.kind !== 'sqlite' || existsSync(location.path)) return undefined;
    ({ path } = location);
    keyFile = resolved.keyFile ?? location.defaultKeyFile;
  } catch (error) {
    if (error instanceof EverbearerError) return undefined;
    throw error;
  }
  const keys = existsSync(keyFile)
    ? await checked('keys', async () => {
        await readKeyFile(keyFile);
        return `${keyFile} is there and can be read`;
      })
    : { check: 'keys', ok: true, message: `${keyFile} will be made with the store` };
  return [{ check: 'store', ok: true, message: `${path} does not exist yet; the first import makes it` }, keys];
}

async function lookAtSchema(store: KeylessStore): Promise<string> {
  const { version, known, pending } = await store.status();
  if (pending.length === 0) return `reachable, schema ${String(version)} of ${String(known)}`;
  throw new EverbearerError('configuration_missing', `${String(pending.length)} migrations are pending.`, {
    hint: 'Run: everbearer migrate',
  });
}

async function lookAtClock(store: KeylessStore): Promise<string> {
  const before = Date.now();
  const stored = await store.now();
  const apartMs = Math.max(before - stored, stored - Date.now(), 0);
  if (apartMs <= CLOCK_APART_MS) return "this machine's clock is the store's";
  throw new EverbearerError(
    'configuration_missing',
    `This machine's clock and the store's are ${String(Math.round(apartMs / 1_000))} s apart.`,
    { hint: 'Set both by NTP.' },
  );
}

/** The lease of a token is judged by whichever member is the primary. Nothing to say where there is but one. */
async function checkMembers(store: KeylessStore): Promise<readonly Check[]> {
  const clocks = await store.memberClocks();
  return clocks.length === 0 ? [] : [await checked('members', () => Promise.resolve(lookAtMembers(clocks)))];
}

function lookAtMembers(clocks: readonly MemberClock[]): string {
  const { apartMs, members, silent } = compareClocks(clocks);
  if (apartMs > CLOCK_APART_MS) {
    throw new EverbearerError(
      'configuration_missing',
      `The clocks of ${members.join(' and ')} are ${String(Math.round(apartMs / 1_000))} s apart.`,
      { hint: 'Set all members of the replica set by NTP: after a failover a lease would be judged by another time.' },
    );
  }
  const said = `the clocks of ${String(clocks.length - silent.length)} of ${String(clocks.length)} members agree`;
  return silent.length === 0 ? said : `${said}; no answer from ${silent.join(', ')}`;
}

/** One check a host that an integration's requests go to. */
async function checkNetwork(everbearer: Everbearer): Promise<readonly Check[]> {
  const integrations = await everyItem((page) => everbearer.integrations.list(page));
  const hosts = hostsOf(integrations);
  return await Promise.all(hosts.map((host) => checked('network', () => checkReachable(host))));
}

async function checked(check: string, look: () => Promise<string>): Promise<Check> {
  try {
    return { check, ok: true, message: await look() };
  } catch (error) {
    return failedCheck(check, error);
  }
}

/** @throws the error where it is none of ours: a bug */
function failedCheck(check: string, error: unknown): Check {
  if (!(error instanceof EverbearerError)) throw error;
  const { message, hint, code } = error;
  return { check, ok: false, message, code, ...(hint === undefined ? {} : { hint }) };
}
