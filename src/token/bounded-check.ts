/**
 * The bounded check: a token that this process has opened is used without a read, as long as it is sure to have heard of every edit that is older than
 * 2.5 s (docs/token-lifecycle.md, "Bounded check"). Whatever is not sure is read, as with the check at every call.
 */
import type { Clock } from '../kernel/clock.ts';
import type { Logger } from '../kernel/logger.ts';
import type { LabelsOf, Metrics } from '../kernel/metrics.ts';
import { repeat } from '../kernel/repeat.ts';
import { watchChanges } from './change-watch.ts';
import { createEditPoll } from './edit-poll.ts';
import type { HeldToken } from './held-token.ts';
import type { OpenedTokens } from './opened-tokens.ts';
import type { TokenConfiguration } from './token-configuration.ts';
import type { TokenStore } from './token-store.ts';

const LOOK_INTERVAL_MS = 2_000;
/** Of records that are looked at again behind the callers: a hundred a second. */
const MOST_LOOKS = 200;

export interface BoundedCheckPorts {
  readonly store: TokenStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly opened: OpenedTokens;
}

export type EditedHere = { readonly recordId: string } | { readonly integrationId: string };

type Source = LabelsOf<'everbearer_token_invalidations_total'>['source'];

export interface BoundedCheck {
  /** The token in force, where that is known without a read. */
  find(configuration: TokenConfiguration): HeldToken | undefined;
  /** This process has edited a record, or removed an integration's: the next call reads it. */
  edited(what: EditedHere): void;
  stop(): Promise<void>;
}

/** @param ownAttempts what the ids of this process's attempts begin with */
export function createBoundedCheck(ports: BoundedCheckPorts, ownAttempts: string): BoundedCheck {
  const { store, clock, opened, metrics } = ports;

  function count(source: Source, tokens: number): void {
    if (tokens > 0) metrics.count('everbearer_token_invalidations_total', { source }, tokens);
  }

  /** Anything may have changed. */
  function onGap(): void {
    opened.distrustAll();
    count('gap', 1);
  }

  async function lookAgain(): Promise<void> {
    const ids = opened.dueForLook(MOST_LOOKS);
    if (ids.length === 0) return;
    const askedAt = clock.monotonic();
    const { now, records } = await store.read(ids);
    const changed = ids.filter((id) => !opened.look(id, records.get(id), now, askedAt));
    count('look', changed.length);
  }

  const poll = createEditPoll(clock, {
    editedSince: (since, limit) => store.editedSince(since, limit),
    onEdited: (edited) => count('poll', edited.filter(({ id }) => opened.forget(id)).length),
    onGap,
    onLag: (lagMs) => metrics.set('everbearer_edit_poll_lag_seconds', { of: 'tokens' }, lagMs / 1_000),
  });
  const looks = repeat(clock, { intervalMs: () => LOOK_INTERVAL_MS, work: lookAgain });
  const watch = watchChanges(ports, {
    ownAttempts,
    onChanged: (ids) => count('stream', ids.filter((id) => opened.distrust(id)).length),
    onGap,
  });

  return {
    find: (configuration) => (poll.isHealthy() ? opened.findFresh(configuration) : undefined),
    edited(what) {
      count(
        'own',
        'recordId' in what ? Number(opened.distrust(what.recordId)) : opened.distrustIntegration(what.integrationId),
      );
    },
    async stop() {
      poll.stop();
      looks.stop();
      await watch.stop();
    },
  };
}
