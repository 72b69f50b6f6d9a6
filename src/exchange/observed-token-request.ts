/** One token request as a span and a measured time. */
import type { Clock } from '../kernel/clock.ts';
import type { LabelsOf, Metrics } from '../kernel/metrics.ts';
import type { OpenSpan, Tracer } from '../kernel/tracer.ts';
import type { ExchangeOutcome } from './exchange-outcome.ts';

export interface TokenRequestPorts {
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly tracer: Tracer;
}

type Labels = LabelsOf<'everbearer_token_request_duration_seconds'>;

/** What is known of a token request before it is made. */
export interface TokenRequestFacts {
  readonly integration: string;
  readonly scheme: string;
  /** `refresh_token`, or the id of the exchange. */
  readonly grant: string;
  /** Why a token is asked for. */
  readonly reason: Labels['reason'];
}

/**
 * Runs a token request within its span; the HTTP requests of its steps are spans beneath it. One that was given up before anything was sent (the
 * start check said no) is none, and is not counted.
 * @param make `runExchange`
 */
export function observeTokenRequest(
  { clock, metrics, tracer }: TokenRequestPorts,
  facts: TokenRequestFacts,
  make: () => Promise<ExchangeOutcome>,
): Promise<ExchangeOutcome> {
  const { integration, scheme, grant, reason } = facts;
  const attributes = {
    'everbearer.integration': integration,
    'everbearer.scheme': scheme,
    'everbearer.grant': grant,
    'everbearer.reason': reason,
  };
  return tracer.within({ name: 'everbearer.token_request', kind: 'client', attributes }, async (span) => {
    const began = clock.monotonic();
    const outcome = await make();
    const labels = { grant, reason, ...endingOf(outcome) };
    describe(span, outcome);
    if (!wasGivenUp(outcome)) {
      metrics.observe('everbearer_token_request_duration_seconds', labels, (clock.monotonic() - began) / 1_000);
    }
    return outcome;
  });
}

function endingOf(outcome: ExchangeOutcome): Pick<Labels, 'outcome' | 'class'> {
  return outcome.ok ? { outcome: 'ok', class: 'none' } : { outcome: 'failed', class: outcome.failure.class };
}

function wasGivenUp(outcome: ExchangeOutcome): boolean {
  return !outcome.ok && !outcome.failure.sent && outcome.failure.error === 'aborted';
}

/** Host and status stand on the spans beneath. */
function describe(span: OpenSpan, outcome: ExchangeOutcome): void {
  if (outcome.ok) return;
  span.add({ 'everbearer.failure_class': outcome.failure.class });
  span.fail(outcome.failure.error);
}
