/** Why a step did not give what it should, before it is told to a person. */
import type { FailureClass } from './exchange.ts';

export interface Verdict {
  readonly class: FailureClass | 'egress';
  /** `ExchangeFailure.error` */
  readonly error: string;
  /** What it means and what to change, in whole sentences. `{url}` stands for the setting that the step's URL comes from. */
  readonly advice: string;
  /** The provider's own words; redacted before they are shown. */
  readonly detail?: string;
  /** Whether the step's answer says what became of a refresh token that the step presented: it is untouched, or it is dead. */
  readonly definite: boolean;
}
