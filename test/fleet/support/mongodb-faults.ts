/** Faults of a real MongoDB: commands that fail, a primary that steps down, secondaries that don't follow. */
import { MongoClient } from 'mongodb';
import type { Document } from 'mongodb';
import { eventually } from './eventually.ts';

/** What becomes of a command (the server's `failCommand`, MongoDB source, src/mongo/db/commands.cpp). */
export type CommandFault =
  /** Not run; the connection breaks. */
  | { readonly closeConnection: true }
  /** Not run; refused with this code. */
  | { readonly errorCode: number; readonly errorLabels?: readonly string[] }
  /** Run, and answered with this beside the result. */
  | { readonly writeConcernError: { readonly code: number; readonly errmsg: string } }
  /** Held back for so long, milliseconds, then run. */
  | { readonly blockConnection: true; readonly blockTimeMS: number };

export interface FailingCommands {
  readonly commands: readonly string[];
  /** Default: every one. */
  readonly times?: number;
  readonly fault: CommandFault & Document;
}

/** Of a write that stands although its majority was not awaited (MongoDB error 64, WriteConcernFailed). */
export const WRITE_CONCERN_TIMEOUT: CommandFault = {
  writeConcernError: { code: 64, errmsg: 'waiting for replication timed out' },
};

/** Lets commands of Everbearer fail while `work` runs. */
export async function whileCommandsFail<T>(
  uri: string,
  { commands, times, fault }: FailingCommands,
  work: () => Promise<T>,
): Promise<T> {
  const data = { appName: 'everbearer', failCommands: commands, ...fault };
  const mode = times === undefined ? 'alwaysOn' : { times };
  await asAdmin(uri, { configureFailPoint: 'failCommand', mode, data });
  try {
    return await work();
  } finally {
    await asAdmin(uri, { configureFailPoint: 'failCommand', mode: 'off' });
  }
}

/** Resolves when another member is primary. */
export async function stepDown(uri: string): Promise<void> {
  const before = await primaryOf(uri);
  // Not electable again before another one is. The connection that asks is closed by the server.
  await asAdmin(uri, { replSetStepDown: 60, secondaryCatchUpPeriodSecs: 30 }).catch(() => undefined);
  await eventually('another primary', async () => {
    const after = await primaryOf(uri).catch(() => undefined);
    return after !== undefined && after !== before;
  });
}

/** `host:port` of the present primary; `undefined` while there is none. */
export async function primaryOf(uri: string): Promise<string | undefined> {
  return (await asAdmin(uri, { hello: 1 }))['primary'] as string | undefined;
}

/** Keeps the secondaries from following while `work` runs, as a partition would: no write is confirmed by a majority. */
export async function withoutMajority<T>(uri: string, work: () => Promise<T>): Promise<T> {
  const { hosts, primary } = await asAdmin(uri, { hello: 1 });
  const secondaries = (hosts as readonly string[]).filter((host) => host !== primary);
  const configure = async (mode: 'alwaysOn' | 'off'): Promise<void> => {
    for (const host of secondaries)
      await asAdmin(`mongodb://${host}/?directConnection=true`, { configureFailPoint: 'stopReplProducer', mode });
  };
  try {
    await configure('alwaysOn');
    await writeNoise(uri);
    return await work();
  } finally {
    await configure('off');
  }
}

/** What a secondary had asked for already it still gets: this. */
async function writeNoise(uri: string): Promise<void> {
  await using client = await MongoClient.connect(uri);
  await client
    .db('noise')
    .collection('noise')
    .insertOne({}, { writeConcern: { w: 1 } });
}

async function asAdmin(uri: string, command: Document): Promise<Document> {
  await using client = await MongoClient.connect(uri, { serverSelectionTimeoutMS: 5_000 });
  return await client.db('admin').command(command);
}
