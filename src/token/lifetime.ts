/** When a token is renewed: two windows before its end, spread so that a fleet's tokens do not all renew at once (token-lifecycle §3.3). */

export interface TokenTimes {
  readonly issued_at: number;
  readonly expires_at?: number;
  readonly soft_at?: number;
  readonly hard_at?: number;
}

/** Where the lifetime is unknown, a renewal behind the callers begins after this long. */
const UNKNOWN_LIFETIME_SOFT_MS = 55 * 60_000;

/**
 * @param sentAt the instant of sending in the store's time, epoch ms
 * @param lifetimeMs absent: unknown
 * @param spread in [0, 1), the same for one token on every machine
 * @param refreshBeforeMs an exchange's `refreshBefore`
 */
export function tokenTimes(
  sentAt: number,
  lifetimeMs: number | undefined,
  spread: number,
  refreshBeforeMs?: number,
): TokenTimes {
  if (lifetimeMs === undefined) return { issued_at: sentAt, soft_at: sentAt + UNKNOWN_LIFETIME_SOFT_MS };
  const expires_at = sentAt + lifetimeMs;
  const guard = guardMs(lifetimeMs);
  if (refreshBeforeMs !== undefined) {
    return {
      issued_at: sentAt,
      expires_at,
      soft_at: Math.max(sentAt, expires_at - refreshBeforeMs),
      hard_at: expires_at - Math.min(guard, refreshBeforeMs / 2),
    };
  }
  const hard_at = expires_at - guard;
  return {
    issued_at: sentAt,
    expires_at,
    soft_at: Math.max(sentAt, hard_at - lifetimeMs * (0.1 + 0.1 * spread)),
    hard_at,
  };
}

/** The last stretch of a token's life, in which its renewal is urgent: at most a minute, at least a tenth of a short life. */
function guardMs(lifetimeMs: number): number {
  return Math.min(60_000, Math.max(0.05 * lifetimeMs, Math.min(5_000, 0.1 * lifetimeMs)));
}

/** No second token request this soon after a token was obtained, as long as that token lives. */
export function floorBetweenObtainsMs(lifetimeMs: number): number {
  return Math.min(Math.max(5_000, 0.05 * lifetimeMs), lifetimeMs / 4);
}

/** A number in [0, 1) made of an identity, the same everywhere (FNV-1a). */
export function spreadOf(identity: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < identity.length; index += 1) {
    hash = Math.imul(hash ^ identity.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) / 0x1_0000_0000;
}
