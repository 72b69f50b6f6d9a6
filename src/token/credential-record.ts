/**
 * The credential guard's record: one a credential (account, secret and token URL), whatever integrations, schemes and scopes use it. It keeps a wrong
 * password from being tried more than once in the whole fleet (docs/token-lifecycle.md, "The credential guard"). Instants are epoch milliseconds.
 */

export interface CredentialRecord {
  /** `cred:` and the fingerprint of the credential. */
  readonly id: string;
  /** Tries that were counted before they were sent and have not been answered (M5). */
  readonly tries: number;
  /** Whether the credential has ever been accepted. */
  readonly worked: boolean;
  /** One request with this credential at a time. */
  readonly lease?: { readonly attempt: string; readonly until: number };
  /** The provider refused it; until an edit. */
  readonly refused?: CredentialRefusal;
  /** After unanswered tries: when the next one is let through. */
  readonly next_at?: number;
  readonly updated_at: number;
}

export interface CredentialRefusal {
  readonly at: number;
  readonly code: string;
  /** What a person is told. No secret. */
  readonly message: string;
  readonly http?: number;
}

/** What may be done with a credential's record, as data. */
export type CredentialTransition =
  /** Counts a try and takes the guard's lease. A person's command passes refusal and closure. */
  | { readonly kind: 'admit'; readonly attempt: string; readonly ttlMs: number; readonly person: boolean }
  /** The attempt keeps the lease for as long as its own lease was extended. */
  | { readonly kind: 'settle'; readonly attempt: string; readonly outcome: CredentialOutcome }
  /** An edit of the credentials, also where they are the same. */
  | { readonly kind: 'reset' };

/**
 * What came of a try. `worked`: a token · `untried`: no byte was written, or the provider did not look at it (408, 425, 429, 5xx, a fault of the
 * configuration) · `refused` · `unanswered`: nobody knows.
 */
export type CredentialOutcome =
  | { readonly kind: 'worked' }
  | { readonly kind: 'untried' }
  | { readonly kind: 'unanswered' }
  | { readonly kind: 'refused'; readonly refusal: Omit<CredentialRefusal, 'at'> };

/** Why a try is not let through. */
export type CredentialBar =
  /** Another attempt is trying it right now. */
  | { readonly kind: 'busy' }
  | { readonly kind: 'refused'; readonly refusal: CredentialRefusal }
  /** Too many tries were not answered. `nextAt` absent: not before an edit. */
  | { readonly kind: 'closed'; readonly nextAt?: number };
