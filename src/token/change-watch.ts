/** Hears from the store of writes as they are made, where it can tell. When it can't any more, the edit poll is what is left until it can again. */
import type { Clock } from '../kernel/clock.ts';
import type { Logger } from '../kernel/logger.ts';
import type { Metrics } from '../kernel/metrics.ts';
import type { ToldChange, TokenStore, TokenWatch } from './token-store.ts';

const REOPEN_FIRST_MS = 1_000;
const REOPEN_MAX_MS = 60_000;

export interface ChangeWatchPorts {
  readonly store: Pick<TokenStore, 'watch'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export interface ChangeWatchOptions {
  /** As in `TokenWatcher`. */
  readonly ownAttempts: string;
  readonly onChanged: (ids: readonly string[]) => void;
  /** What happened before may not have been told. */
  readonly onGap: () => void;
}

export interface ChangeWatch {
  stop(): Promise<void>;
}

export function watchChanges(ports: ChangeWatchPorts, options: ChangeWatchOptions): ChangeWatch {
  const { store, clock, logger, metrics } = ports;
  const stopping = new AbortController();
  const { signal } = stopping;

  let open: TokenWatch | undefined;

  /** Resolves when it is lost. @returns `false` where the store can't tell at all */
  async function watchOnce(): Promise<boolean> {
    const { ownAttempts, onGap } = options;
    const lost = Promise.withResolvers<undefined>();
    open = await store.watch?.({ ownAttempts, onChanged: tell, onLost: () => lost.resolve(undefined) });
    if (open === undefined) return false;
    metrics.set('everbearer_change_stream_open', {}, 1);
    onGap();
    if (!signal.aborted) await lost.promise;
    metrics.set('everbearer_change_stream_open', {}, 0);
    await open.stop();
    onGap();
    return true;
  }

  function tell(ids: readonly string[], { at }: ToldChange): void {
    // The clocks of two machines: what seems to be told before it happened was told at once.
    if (at !== undefined)
      metrics.observe('everbearer_change_stream_lag_seconds', {}, Math.max(0, clock.now() - at) / 1_000);
    options.onChanged(ids);
  }

  async function run(): Promise<void> {
    metrics.set('everbearer_change_stream_open', {}, 0);
    let waitMs = REOPEN_FIRST_MS;
    for (;;) {
      const began = clock.monotonic();
      const canTell = await watchOnce().catch(() => true);
      if (!canTell || signal.aborted) return;
      logger.warn({}, 'the store tells no changes of tokens at the moment; edits are polled until it does');
      waitMs = clock.monotonic() - began > REOPEN_MAX_MS ? REOPEN_FIRST_MS : waitMs;
      await clock.sleep(waitMs * (0.5 + clock.random()), signal, { background: true });
      waitMs = Math.min(REOPEN_MAX_MS, waitMs * 2);
    }
  }

  run().catch(() => undefined);
  return {
    async stop() {
      stopping.abort(new Error('stopped'));
      await open?.stop();
    },
  };
}
