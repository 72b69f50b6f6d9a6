/** Hears from the store of writes as they are made, where it can tell. When it can't any more, the edit poll is what is left until it can again. */
import type { Clock } from '../kernel/clock.ts';
import type { Logger } from '../kernel/logger.ts';
import type { TokenStore, TokenWatch } from './token-store.ts';

const REOPEN_FIRST_MS = 1_000;
const REOPEN_MAX_MS = 60_000;

export interface ChangeWatchPorts {
  readonly store: Pick<TokenStore, 'watch'>;
  readonly clock: Clock;
  readonly logger: Logger;
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
  const { store, clock, logger } = ports;
  const stopping = new AbortController();
  const { signal } = stopping;

  let open: TokenWatch | undefined;

  /** Resolves when it is lost. @returns `false` where the store can't tell at all */
  async function watchOnce(): Promise<boolean> {
    const { ownAttempts, onChanged, onGap } = options;
    const lost = Promise.withResolvers<undefined>();
    open = await store.watch?.({ ownAttempts, onChanged, onLost: () => lost.resolve(undefined) });
    if (open === undefined) return false;
    onGap();
    if (!signal.aborted) await lost.promise;
    await open.stop();
    onGap();
    return true;
  }

  async function run(): Promise<void> {
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
