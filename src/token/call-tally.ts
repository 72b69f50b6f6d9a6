/** What one call for a token counts: the state that its check found, and how long it waited where it had to (docs/metrics.md). */
import type { Clock } from '../kernel/clock.ts';
import type { LabelsOf, Metrics } from '../kernel/metrics.ts';
import type { TokenDecision } from './token-decision.ts';

type State = LabelsOf<'everbearer_token_gets_total'>['state'];

export interface CallTally {
  /** The first decision is what the check found. */
  decided(decision: TokenDecision): void;
  end(outcome: 'ok' | 'failed'): void;
}

export function createCallTally(metrics: Metrics, { monotonic }: Pick<Clock, 'monotonic'>): CallTally {
  let isCounted = false;
  let waitingSince: number | undefined;
  return {
    decided(decision) {
      const state = stateOf(decision);
      if (!isCounted && state !== undefined) {
        isCounted = true;
        metrics.count('everbearer_token_gets_total', { state });
      }
      if (waitingSince !== undefined || (decision.action !== 'acquire' && decision.action !== 'wait')) return;
      waitingSince = monotonic();
      metrics.add('everbearer_token_waiters', {}, 1);
    },
    end(outcome) {
      if (waitingSince === undefined) return;
      metrics.add('everbearer_token_waiters', {}, -1);
      metrics.observe('everbearer_token_wait_seconds', { outcome }, (monotonic() - waitingSince) / 1_000);
    },
  };
}

/** `undefined`: the record had to be put in order first. */
function stateOf(decision: TokenDecision): State | undefined {
  switch (decision.action) {
    case 'serve':
      return decision.renew === 'soft' || decision.renew === 'hard' ? decision.renew : 'fresh';
    case 'acquire':
      return decision.reason === 'person' || decision.reason === 'soft' ? 'expired' : decision.reason;
    case 'wait':
      return decision.fallback ? 'hard' : 'expired';
    case 'blocked':
    case 'needs-reauthorization':
      return 'blocked';
    case 'cooling':
      return 'cooling';
    case 'refused':
      return 'rejected';
    case 'insert':
    case 'bring-up':
    case 'reload':
    case 'take-over':
      return undefined;
  }
}
