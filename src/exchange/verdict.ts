/** Why a step did not give what it should, before it is told to a person. */
import type { FailureClass } from './exchange.ts';
import type { ExchangeFailure } from './exchange-outcome.ts';

export interface Verdict {
  readonly class: FailureClass | 'egress';
  /** {@link ExchangeFailure.error} */
  readonly error: string;
  /** What it means and what to change, in whole sentences. */
  readonly advice: string;
  /** The provider's own words; redacted before they are shown. */
  readonly detail?: string;
  /** Whether a refresh token that was presented is known to be untouched, or known to be dead: nothing about it is in doubt. */
  readonly definite: boolean;
}

/** Failing is in doubt where a refresh token that may rotate was presented and the answer does not say what became of it (token-lifecycle §3.6). */
export function classOf(verdict: Verdict, presentedRefreshToken: boolean): ExchangeFailure['class'] {
  return presentedRefreshToken && !verdict.definite ? 'in_doubt' : verdict.class;
}
