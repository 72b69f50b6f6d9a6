/**
 * Vitest's global setup: one MongoDB for a whole test run. `MONGODB_URI` names one of your own (a credential in it needs
 * its `authSource`); otherwise a standalone server is started. Without either, tests that need it are skipped, and
 * this says so; where `CI` is set the run fails, because there a skip would pass for a success.
 */
import { randomBytes } from 'node:crypto';
import { MongoClient } from 'mongodb';
import type { TestProject } from 'vitest/node';
import { findMongod } from './mongodb-binary.ts';
import { startStandalone } from './mongodb-server.ts';

/** What the tests of this run get: where the server is, and how this run's databases begin. */
export interface MongodbOfRun {
  readonly uri: string;
  readonly databasePrefix: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    /** `null` when no MongoDB could be had: the tests that need it are then skipped. */
    mongodb: MongodbOfRun | null;
  }
}

/** Called by Vitest before the first test; what it returns is called after the last. */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const databasePrefix = `everbearer_test_${randomBytes(4).toString('hex')}_`;
  const external = process.env['MONGODB_URI'];
  if (external !== undefined && external !== '') {
    project.provide('mongodb', { uri: external, databasePrefix });
    return async () => {
      await dropDatabases(external, databasePrefix);
    };
  }
  const found = await findMongod();
  if (found.path === undefined) {
    reportMissing(found.tried);
    project.provide('mongodb', null);
    return undefined;
  }
  const server = await startStandalone();
  project.provide('mongodb', { uri: server.uri, databasePrefix });
  return async () => {
    await server.stop();
  };
}

function reportMissing(tried: readonly string[]): void {
  const text = [
    'NO MONGODB, so the tests that need one do not run. To run them, do one of these:',
    '  - start one and set MONGODB_URI=mongodb://127.0.0.1:27017',
    '  - put mongod on PATH, or set MONGOMS_SYSTEM_BINARY to its path',
    'Tried by itself:',
    ...tried.map((line) => `  - ${line}`),
  ].join('\n');
  if (process.env['CI'] !== undefined && process.env['CI'] !== '') throw new Error(text);
  console.warn(`\n${text}\n`);
}

async function dropDatabases(uri: string, prefix: string): Promise<void> {
  await using client = await MongoClient.connect(uri);
  const { databases } = await client.db('admin').admin().listDatabases({ nameOnly: true });
  for (const { name } of databases.filter((database) => database.name.startsWith(prefix))) {
    await client.db(name).dropDatabase();
  }
}
