/** An access token opened in this process, ready to be put on requests. */
import type { PresentedToken } from '../exchange/exchange-request.ts';

export interface HeldToken {
  readonly recordId: string;
  /** `at.id`: the token's identity. */
  readonly id: string;
  readonly version: number;
  readonly accessToken: string;
  readonly tokenType: string | null;
  readonly scope: string | null;
  /** Epoch ms; `null`: unknown. */
  readonly expiresAt: number | null;
  readonly obtainedBy: string | null;
  /** From issue to expiry, milliseconds; `null`: unknown. */
  readonly lifetimeMs: number | null;
  /** `Clock.monotonic()` when this very process obtained it; absent: another one did, or a person gave it. */
  readonly obtainedAt?: number;
  /** The record remembers that an API refused a token: that one succeeds with this token is worth telling. */
  readonly contested: boolean;
  /** What templates of the exchange's `apply` may use. */
  readonly presented: PresentedToken;
}
