/**
 * Reads of the store with a deadline. While the store does not answer, nobody waits for it: one probe goes on behind the callers until it does
 * (docs/token-lifecycle.md, "When the store is away").
 */
import { EverbearerError } from '../errors.ts';
import type { Clock } from '../kernel/clock.ts';
import { within } from '../kernel/settle.ts';

export interface StoreGate {
  /** @throws EverbearerError `store_unavailable` at once while the store is away, at the deadline else */
  run<T>(read: () => Promise<T>): Promise<T>;
  readonly isAway: boolean;
  /** Ends the probe. */
  close(): void;
}

export interface StoreGateOptions {
  /** How long a read may take, milliseconds. Default 500. */
  readonly deadlineMs?: number;
  /** The cheapest read that there is. */
  readonly probe: () => Promise<unknown>;
  /** Told when the store is back, with how long it was away, milliseconds. */
  readonly onBack?: (awayMs: number) => void;
  readonly onAway?: (error: EverbearerError) => void;
}

const DEADLINE_MS = 500;
/** Promises that an answer passes through on its way here. */
const HOPS_OF_AN_EMBEDDED_STORE = 12;
/** A reply passes through a few of them. */
const TURNS_TO_LOOK = 4;
const PROBE_FIRST_MS = 100;
const PROBE_MAX_MS = 1_000;

export function createStoreGate(clock: Clock, options: StoreGateOptions): StoreGate {
  const { deadlineMs = DEADLINE_MS, probe } = options;
  const closing = new AbortController();
  let fault: EverbearerError | undefined;

  async function inTime<T>(read: () => Promise<T>): Promise<T> {
    const reading = read().then((value) => ({ value }));
    const outcome = (await atOnce(reading)) ?? (await within(clock, reading, deadlineMs)) ?? (await arrived(reading));
    if (outcome === undefined) throw tooSlow(deadlineMs);
    return outcome.value;
  }

  /** An embedded store has answered already: no timer is needed. */
  async function atOnce<T>(reading: Promise<T>): Promise<T | undefined> {
    let outcome: T | undefined;
    reading.then(
      (value) => (outcome = value),
      () => undefined,
    );
    for (let hop = 0; hop < HOPS_OF_AN_EMBEDDED_STORE && outcome === undefined; hop += 1) await Promise.resolve();
    return outcome;
  }

  /** This process may have been too busy to look: what has come by now counts. */
  async function arrived<T>(reading: Promise<T>): Promise<T | undefined> {
    let turns: Promise<unknown> = Promise.resolve();
    for (let turn = 0; turn < TURNS_TO_LOOK; turn += 1) turns = turns.then(async () => await clock.endOfTurn());
    return await Promise.race([reading, turns.then(() => undefined)]);
  }

  function goAway(error: EverbearerError): void {
    if (fault !== undefined) return;
    fault = error;
    options.onAway?.(error);
    void probeUntilBack();
  }

  async function probeUntilBack(): Promise<void> {
    const since = clock.monotonic();
    try {
      for (let waitMs = PROBE_FIRST_MS; ; waitMs = Math.min(PROBE_MAX_MS, waitMs * 2)) {
        await clock.sleep(waitMs, closing.signal);
        if (await answers()) break;
      }
    } catch {
      return;
    }
    fault = undefined;
    options.onBack?.(clock.monotonic() - since);
  }

  async function answers(): Promise<boolean> {
    return await inTime(probe).then(
      () => true,
      () => false,
    );
  }

  return {
    get isAway() {
      return fault !== undefined;
    },
    async run(read) {
      if (fault !== undefined) throw fault;
      try {
        return await inTime(read);
      } catch (error) {
        if (isUnavailable(error)) goAway(error);
        throw error;
      }
    },
    close: () => closing.abort(new Error('closed')),
  };
}

export function isUnavailable(error: unknown): error is EverbearerError {
  return error instanceof EverbearerError && error.code === 'store_unavailable';
}

function tooSlow(deadlineMs: number): EverbearerError {
  return new EverbearerError('store_unavailable', `The store did not answer within ${deadlineMs} ms.`, {
    hint: 'Check that it runs and is not overloaded: everbearer doctor.',
  });
}
