/**
 * Starts real MongoDB servers for tests: on loopback, on a free port, in a temporary folder. Each is stopped by its
 * process id, also when this process dies (mongodb-memory-server keeps a watcher beside every server).
 */
import { MongoMemoryReplSet, MongoMemoryServer } from 'mongodb-memory-server-core';
import { findMongod } from './mongodb-binary.ts';

/** A cold 140 MB binary on a busy two-core machine takes its time. */
const LAUNCH_TIMEOUT_MS = 60_000;

/** A running server, or set of servers, that belongs to the test that started it. */
export interface MongodbServer {
  /** Connection string without a database name. */
  readonly uri: string;
  /** Ends every process of it and removes its files. */
  stop(): Promise<void>;
}

/** How a test wants its replica set. */
export interface ReplicaSetOptions {
  /** Number of members that bear data. Default 3. */
  readonly members?: number;
  /** Lets `configureFailPoint` through (`failCommand` and its kin). Default true. */
  readonly failPoints?: boolean;
}

/** Starts one server without replication, in about 0.3 s. */
export async function startStandalone(): Promise<MongodbServer> {
  const server = await MongoMemoryServer.create({
    binary: await binary(),
    instance: { storageEngine: 'wiredTiger', launchTimeout: LAUNCH_TIMEOUT_MS, args: failPointArgs(true) },
  });
  return { uri: server.getUri(), stop: () => stopAll(server) };
}

/**
 * Starts a replica set and waits until it has a primary: about 6 s for three members. Use it for what a standalone server
 * can't show: majority writes, change streams, `replSetStepDown`.
 */
export async function startReplicaSet(options: ReplicaSetOptions = {}): Promise<MongodbServer> {
  const { members = 3, failPoints = true } = options;
  const set = await MongoMemoryReplSet.create({
    binary: await binary(),
    replSet: { count: members, storageEngine: 'wiredTiger', args: failPointArgs(failPoints) },
    instanceOpts: Array.from({ length: members }, () => ({ launchTimeout: LAUNCH_TIMEOUT_MS })),
  });
  return { uri: set.getUri(), stop: () => stopAll(set) };
}

async function stopAll(servers: MongoMemoryServer | MongoMemoryReplSet): Promise<void> {
  await servers.stop({ doCleanup: true });
}

async function binary(): Promise<{ systemBinary: string }> {
  const found = await findMongod();
  if (found.path === undefined) throw new Error(`No mongod. Tried ${found.tried.join('; ')}.`);
  process.env['MONGOMS_SYSTEM_BINARY_VERSION_CHECK'] = 'false';
  return { systemBinary: found.path };
}

function failPointArgs(wanted: boolean): string[] {
  return wanted ? ['--setParameter', 'enableTestCommands=1'] : [];
}
