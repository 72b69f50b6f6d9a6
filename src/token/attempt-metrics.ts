/** What an attempt counts: the figures that an operator looks at (docs/metrics.md). */
import type { ExchangeOutcome } from '../exchange/exchange-outcome.ts';
import type { Metrics } from '../kernel/metrics.ts';
import type { AttemptResult, AttemptStep } from './attempt.ts';
import type { AttemptPlan } from './attempt-plan.ts';
import { isBlocking } from './token-state.ts';

export interface AttemptMetrics {
  /** A write of the attempt came back. */
  written(step: AttemptStep, result: AttemptResult): void;
  /** A token request came to its end. */
  answered(outcome: ExchangeOutcome): void;
}

export function createAttemptMetrics(metrics: Metrics, plan: AttemptPlan): AttemptMetrics {
  return {
    written(step, result) {
      if (step.do === 'acquire') countAcquire(metrics, plan, result);
      if (step.do === 'save') countSave(metrics, plan, step, result);
      if (step.do === 'fail') {
        const state = isBlocking(step.failed.recorded) ? 'blocked' : 'cooling';
        metrics.count('everbearer_token_barred_total', { state });
      }
    },
    answered(outcome) {
      if (!outcome.ok && outcome.failure.class === 'in_doubt') metrics.count('everbearer_token_doubts_total', {});
    },
  };
}

function countAcquire(metrics: Metrics, { seen }: AttemptPlan, result: AttemptResult): void {
  if (result.kind === 'refused') metrics.count('everbearer_token_lease_conflicts_total', {});
  // The decision was to acquire, so the lease that stood there had run out.
  if (result.kind === 'applied' && seen.lease !== undefined)
    metrics.count('everbearer_token_lease_takeovers_total', {});
}

function countSave(
  metrics: Metrics,
  { seen }: AttemptPlan,
  { write, token }: AttemptStep & { readonly do: 'save' },
  result: AttemptResult,
): void {
  if (result.kind === 'refused') metrics.count('everbearer_token_late_saves_total', { outcome: 'dropped' });
  if (result.kind !== 'applied' || token === undefined) return;
  if (result.record.at.id !== write.at?.id) metrics.count('everbearer_token_late_saves_total', { outcome: 'landed' });
  const { expires_at: expiresAt } = seen.at;
  if (expiresAt === undefined) return;
  const marginMs = Math.max(0, expiresAt - result.now);
  metrics.observe('everbearer_token_renewal_margin_seconds', {}, marginMs / 1_000);
}
