/** The span of a token request: what was presented, why, and the class of its failure. */
import type { ExchangeOutcome } from '../exchange/exchange-outcome.ts';
import type { Tracer } from '../kernel/tracer.ts';
import type { AttemptPlan, Grant } from './attempt-plan.ts';

export async function inSpan(
  tracer: Tracer,
  { configuration, reason }: AttemptPlan,
  grant: Grant,
  send: () => Promise<ExchangeOutcome>,
): Promise<ExchangeOutcome> {
  const attributes = {
    'everbearer.integration': configuration.integration,
    'everbearer.scheme': configuration.scheme,
    'everbearer.grant': grant === 'refresh' ? 'refresh_token' : configuration.exchange.id,
    'everbearer.reason': reason,
  };
  return await tracer.within({ name: 'everbearer.token_request', kind: 'internal', attributes }, async (span) => {
    const outcome = await send();
    if (!outcome.ok) {
      span.add({ 'everbearer.failure_class': outcome.failure.class });
      span.fail(outcome.failure.error);
    }
    return outcome;
  });
}
