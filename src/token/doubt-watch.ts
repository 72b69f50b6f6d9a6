/** A refresh token is in doubt and there is nothing else to present: whoever took it up may still bring its successor, so it is given time (§3.7). */
import type { AttemptResult } from './attempt.ts';
import type { FlightPorts } from './flight-ports.ts';
import type { TokenRecord } from './token-record.ts';

/** How long, milliseconds; time in which the store does not answer doesn't count, for a holder could not have saved then either. */
export const WATCH_MS = 15_000;
const WATCH_POLL_MS = 500;

/** @param replay looks for the answer among the saves that this machine has spooled */
export async function watchForSuccessor(
  { clock, store }: Pick<FlightPorts, 'clock' | 'store'>,
  base: TokenRecord,
  replay: () => Promise<void>,
  closing: AbortSignal,
): Promise<AttemptResult> {
  for (let remainingMs = WATCH_MS; remainingMs > 0 && !closing.aborted;) {
    const before = clock.monotonic();
    await replay();
    const read = await store.read([base.id]).catch(() => undefined);
    if (read !== undefined && !isSameBase(read.records.get(base.id), base))
      return { kind: 'watched', unchanged: false };
    await clock.sleep(Math.min(WATCH_POLL_MS, remainingMs), closing).catch(() => undefined);
    if (read !== undefined) remainingMs -= clock.monotonic() - before;
  }
  return { kind: 'watched', unchanged: !closing.aborted };
}

function isSameBase(record: TokenRecord | undefined, base: TokenRecord): boolean {
  return record?.cfg_ver === base.cfg_ver && record.at.id === base.at.id && record.rt?.fp === base.rt?.fp;
}
