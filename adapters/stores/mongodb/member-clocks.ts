/** The clocks of a replica set's members: whoever becomes primary says what the time is. */
import { once } from 'node:events';
import type { MongoClient, ServerHeartbeatSucceededEvent } from 'mongodb';
import type { MemberClock } from '../../../src/store.ts';
import { createClient, openingFailure } from './connection.ts';

/** How long members have to answer, milliseconds. */
const PATIENCE_MS = 3_000;

/** Clocks tell whole milliseconds, and both are cut off. */
const CUT_OFF_MS = 2;

/**
 * Asks each member that may become primary, by the greeting that the driver sends to all of them anyway; it needs no rights.
 * @returns none for a standalone server: its clock is the only one
 * @throws EverbearerError `store_unavailable`, `configuration_missing`
 */
export async function readMemberClocks(url: string): Promise<readonly MemberClock[]> {
  // A streamed greeting would be answered some time after it was asked for.
  const client = createClient(url, { serverMonitoringMode: 'poll' });
  const heard = new Map<string, MemberClock>();
  client.on('serverHeartbeatSucceeded', (event) => {
    const clock = clockOf(event, Date.now());
    if (clock !== undefined) heard.set(clock.member, clock);
  });
  try {
    const members = await membersOf(await client.connect());
    await untilHeard(client, () => members.every((member) => heard.has(member)));
    return members.map((member) => heard.get(member) ?? { member });
  } catch (error) {
    throw openingFailure(error);
  } finally {
    await client.close();
  }
}

function clockOf(event: ServerHeartbeatSucceededEvent, now: number): MemberClock | undefined {
  const { localTime } = event.reply;
  if (!(localTime instanceof Date)) return undefined;
  const aheadMs = localTime.getTime() - now;
  return { member: event.connectionId, aheadMs: { least: aheadMs, most: aheadMs + event.duration + CUT_OFF_MS } };
}

async function membersOf(client: MongoClient): Promise<readonly string[]> {
  const { hosts } = await client.db().command({ hello: 1 });
  return Array.isArray(hosts) ? hosts.map(String) : [];
}

async function untilHeard(client: MongoClient, isComplete: () => boolean): Promise<void> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  while (!isComplete() && !signal.aborted)
    await once(client, 'serverHeartbeatSucceeded', { signal }).catch(() => undefined);
}
