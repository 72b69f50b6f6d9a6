/**
 * Saves what must not be lost: sent again for the life of the process while the store is away, and put into the spool before the process ends
 * (docs/token-lifecycle.md, "Saving").
 */
import { EverbearerError } from '../errors.ts';
import type { AttemptResult } from './attempt.ts';
import type { FlightPorts } from './flight-ports.ts';
import type { ProtocolPoint } from './protocol-points.ts';
import { isUnavailable } from './store-gate.ts';
import type { TokenConfiguration } from './token-configuration.ts';
import type { TransitionResult } from './token-store.ts';
import type { Save, TokenTransition } from './token-transition.ts';

export interface Saver {
  /** @returns `unknown` only where the process ends first */
  save(configuration: TokenConfiguration, write: Save, on: SaveListeners): Promise<AttemptResult>;
  /** Sends what this machine has spooled of a record (default: of all) through the same save. Never throws. */
  replay(recordId?: string): Promise<void>;
}

export interface SaveListeners {
  /** The store did not take it at the first try. */
  readonly unstored: () => void | Promise<void>;
  readonly point: (point: ProtocolPoint) => void | Promise<void>;
}

const RETRY_FIRST_MS = 50;
const RETRY_MAX_MS = 1_000;
/** After this long a copy is put on the disk. */
const SPOOL_AFTER_MS = 5_000;
/** How long a process that ends goes on trying where nothing can be spooled. */
const CLOSING_PATIENCE_MS = 10_000;

type SaverPorts = Pick<FlightPorts, 'store' | 'spool' | 'clock' | 'logger' | 'events' | 'metrics'>;

export function createSaver(ports: SaverPorts, closing: AbortSignal, actor: string): Saver {
  const { store, spool, clock, logger } = ports;

  async function save(configuration: TokenConfiguration, write: Save, on: SaveListeners): Promise<AttemptResult> {
    const began = clock.monotonic();
    let isSpooled = false;
    let closedAt: number | undefined;
    const isDue = (): boolean => closing.aborted || clock.monotonic() - began >= SPOOL_AFTER_MS;
    for (let waitMs = RETRY_FIRST_MS, tried = 0; ; waitMs = Math.min(RETRY_MAX_MS, waitMs * 2), tried += 1) {
      const result = await applied(store, configuration.id, write);
      if (result !== undefined) {
        if (isSpooled) await unspooled(write.attempt);
        const outcome = resultOf(result);
        return outcome.kind === 'refused' && tried > 0 ? { ...outcome, repeated: true } : outcome;
      }
      if (tried === 0) await on.unstored();
      if (closing.aborted) closedAt ??= clock.monotonic();
      if (!isSpooled && isDue()) isSpooled = await spooled(configuration, write, on);
      const isOver = closedAt !== undefined && (isSpooled || clock.monotonic() - closedAt >= CLOSING_PATIENCE_MS);
      if (isOver) return { kind: 'unknown' };
      await clock.sleep(waitMs, closing.aborted ? undefined : closing).catch(() => undefined);
      // Before the last try: whoever ends this process may not wait for it.
      if (!isSpooled && isDue()) isSpooled = await spooled(configuration, write, on);
    }
  }

  async function spooled(
    { id, integration, scheme }: TokenConfiguration,
    write: Save,
    on: SaveListeners,
  ): Promise<boolean> {
    await on.point('spool:before');
    try {
      await spool.write({ recordId: id, integration, scheme, save: write });
    } catch (error) {
      logger.error(
        { integration, scheme, code: codeOf(error) },
        'a token could be put neither into the store nor on the disk',
      );
      return false;
    }
    ports.metrics.add('everbearer_spool_files', {}, 1);
    await on.point('spool:after');
    return true;
  }

  async function unspooled(attempt: string): Promise<void> {
    await spool.remove(attempt).catch(() => undefined);
    ports.metrics.add('everbearer_spool_files', {}, -1);
  }

  async function replay(recordId?: string): Promise<void> {
    const entries = await spool.list().catch(() => []);
    for (const entry of entries) {
      if (recordId !== undefined && entry.recordId !== recordId) continue;
      const result = await applied(store, entry.recordId, entry.save).catch(() => undefined);
      if (result === undefined) continue;
      await spool.remove(entry.save.attempt).catch(() => undefined);
      await ports.events.tell({
        type: 'token_replayed',
        integration: entry.integration,
        scheme: entry.scheme,
        actor,
        reason: 'spool',
        outcome: result.applied ? 'ok' : 'failed',
        details: { attempt: entry.save.attempt, saved: result.applied },
      });
    }
  }

  return { save, replay };
}

/** @returns `undefined` where the store cannot be reached */
async function applied(
  store: FlightPorts['store'],
  id: string,
  write: TokenTransition,
): Promise<TransitionResult | undefined> {
  try {
    return await store.apply(id, write);
  } catch (error) {
    if (isUnavailable(error)) return undefined;
    throw error;
  }
}

/** A write's result as the attempt takes it. */
export function resultOf({ applied: wasApplied, record, now }: TransitionResult): AttemptResult {
  if (wasApplied && record !== undefined) return { kind: 'applied', record, now };
  return { kind: 'refused', ...(record === undefined ? {} : { record }) };
}

function codeOf(error: unknown): string {
  return error instanceof EverbearerError ? error.code : 'internal';
}
