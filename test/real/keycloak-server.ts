/**
 * Keycloak as an authorization server, with the realm of `keycloak-realm.json`: on a free port of loopback, its data in memory. The distribution comes by
 * Maven (190 MB, once) into `.cache/keycloak` and needs Java 17.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

const VERSION = '26.7.3';
const CACHE = resolve(import.meta.dirname, '../../.cache/keycloak');
const HOME = join(CACHE, `keycloak-${VERSION}`);
const PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1';
const FETCH_TIMEOUT_MS = 270_000;
const START_TIMEOUT_MS = 240_000;

/** `missing`: a program is not there · `unfetched`: Maven could not bring it. */
export type KeycloakSearch =
  | { readonly home: string }
  | { readonly home: undefined; readonly why: 'missing' | 'unfetched'; readonly reason: string };

/** Finds the distribution, fetching it where it is not there yet. */
export async function findKeycloak(): Promise<KeycloakSearch> {
  for (const program of [['java', '-version'], ...(existsSync(HOME) ? [] : [['mvn', '--version']])] as const) {
    const [name = '', ...parameters] = program;
    if (!(await succeeds(name, parameters))) {
      return { home: undefined, why: 'missing', reason: `${name} is not on PATH; Java 17 and Maven are needed` };
    }
  }
  if (existsSync(HOME)) return { home: HOME };
  return await fetchDistribution();
}

async function succeeds(name: string, parameters: readonly string[]): Promise<boolean> {
  return await run(name, [...parameters]).then(
    () => true,
    () => false,
  );
}

/** Into a folder of its own first, so that half a distribution is never taken for a whole one. */
async function fetchDistribution(): Promise<KeycloakSearch> {
  await mkdir(CACHE, { recursive: true });
  const partial = await mkdtemp(join(CACHE, 'partial-'));
  try {
    const artifact = `-Dartifact=org.keycloak:keycloak-quarkus-dist:${VERSION}:zip`;
    await run('mvn', ['-q', '-B', `${PLUGIN}:unpack`, artifact, `-DoutputDirectory=${partial}`], {
      cwd: partial,
      timeout: FETCH_TIMEOUT_MS,
    });
    await rename(join(partial, `keycloak-${VERSION}`), HOME);
    return { home: HOME };
  } catch (error) {
    if (existsSync(HOME)) return { home: HOME };
    const reason = `Maven could not bring Keycloak ${VERSION}: ${String(error).slice(0, 300)}`;
    return { home: undefined, why: 'unfetched', reason };
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

export interface KeycloakServer {
  readonly tokenUrl: string;
  close(): Promise<void>;
}

/** @throws {Error} with the end of Keycloak's output where it does not come up */
export async function startKeycloak(home: string): Promise<KeycloakServer> {
  await mkdir(join(home, 'data/import'), { recursive: true });
  await copyFile(join(import.meta.dirname, 'keycloak-realm.json'), join(home, 'data/import/everbearer.json'));
  const port = await freePort();
  const child = spawn(
    join(home, 'bin/kc.sh'),
    ['start-dev', '--db', 'dev-mem', '--http-host', '127.0.0.1', '--http-port', String(port), '--import-realm'],
    {
      // A group of its own: the script's Java process ends with it.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, KC_BOOTSTRAP_ADMIN_USERNAME: 'admin', KC_BOOTSTRAP_ADMIN_PASSWORD: 'admin' },
    },
  );
  const realm = `http://127.0.0.1:${port}/realms/everbearer`;
  await untilUp(child, `${realm}/.well-known/openid-configuration`);
  return { tokenUrl: `${realm}/protocol/openid-connect/token`, close: () => stop(child) };
}

async function untilUp(child: ChildProcess, url: string): Promise<void> {
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-3_000);
    });
  }
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < deadline && child.exitCode === null) {
    const up = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (up) return;
    await sleep(250);
  }
  await stop(child);
  throw new Error(`Keycloak did not come up:\n${output}`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((done) => child.once('exit', done));
  process.kill(-child.pid, 'SIGTERM');
  const late = AbortSignal.timeout(10_000);
  late.addEventListener('abort', () => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL'));
  await ended;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}
