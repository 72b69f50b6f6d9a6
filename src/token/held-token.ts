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
  /** From its sending to its end, ms; `null`: unknown. */
  readonly lifetimeMs: number | null;
  readonly obtainedBy: string | null;
  /** This process's monotonic clock when it obtained the token itself; absent otherwise. */
  readonly obtainedAt?: number;
  /** The record remembers a rejection: a success with this token should be told. */
  readonly contested: boolean;
  /** What templates of the exchange's `apply` may use. */
  readonly presented: PresentedToken;
}
