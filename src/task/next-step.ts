/** What follows an answer: it goes to the caller, or the request is sent again (token-lifecycle §3.9). A value with its reason; pure. */

/** What is known when an answer is there. */
export interface Answered {
  /** Whether the answer refuses the token (`refusesToken`). */
  readonly refused: boolean;
  /** Whether the request carried one. */
  readonly carriesToken: boolean;
  /** Whether that is another one than the first sending carried. */
  readonly isOther: boolean;
  /** How long the token's youth may still excuse the refusal, milliseconds; 0: it doesn't. */
  readonly excuseMs: number;
  /** Whether the request may be sent again at all. */
  readonly mayResend: boolean;
}

/** Why an answer is the caller's. */
export type AnswerReason =
  /** The API took the token, or the request carried none. */
  | 'not_refused'
  /** The token that took the refused one's place was refused too. */
  | 'refused_again'
  /** There is another token now, but this request is not sent twice. */
  | 'not_resent'
  /** No other token can be had. */
  | 'no_other_token';

export type NextStep =
  | { readonly step: 'answer'; readonly because: AnswerReason }
  /** The same token once more, after a pause. */
  | { readonly step: 'repeat'; readonly afterMs: number }
  /** Another token, renewed or adopted. */
  | { readonly step: 'replace' };

/** At most two sendings, three where a young token was tried twice. */
export function decideNextStep({ refused, carriesToken, isOther, excuseMs, mayResend }: Answered): NextStep {
  if (!refused || !carriesToken) return { step: 'answer', because: 'not_refused' };
  if (isOther) return { step: 'answer', because: 'refused_again' };
  return mayResend && excuseMs > 0 ? { step: 'repeat', afterMs: excuseMs } : { step: 'replace' };
}
