/** When a token is renewed: two windows before its end, spread so that a fleet's tokens do not all renew at once (token-lifecycle §3.3). */
import type { LearnedBehaviour, TokenRecord } from './token-record.ts';

export interface TokenTimes {
  readonly issued_at: number;
  readonly expires_at?: number;
  readonly soft_at?: number;
  readonly hard_at?: number;
}

export interface TimesOptions {
  /** In [0, 1), the same for one token on every machine. */
  readonly spread: number;
  /** An exchange's `refreshBefore`. */
  readonly refreshBeforeMs?: number;
  readonly learned?: LearnedBehaviour;
  /** The provider gave the token that was there already: asking again before its end brings nothing. */
  readonly isSame?: boolean;
}

/** Where the lifetime is unknown, a renewal behind the callers begins after this long. */
const UNKNOWN_LIFETIME_SOFT_MS = 55 * 60_000;
/** The longest that a call waits for a renewal while the stored token still lives. */
const LONGEST_NEED_MS = 2_000;

/**
 * @param sentAt the instant of sending in the store's time, epoch ms
 * @param lifetimeMs absent: unknown
 */
export function tokenTimes(sentAt: number, lifetimeMs: number | undefined, options: TimesOptions): TokenTimes {
  if (lifetimeMs === undefined) return { issued_at: sentAt, soft_at: sentAt + UNKNOWN_LIFETIME_SOFT_MS };
  const expires_at = sentAt + lifetimeMs;
  return { issued_at: sentAt, expires_at, ...windows(sentAt, lifetimeMs, options) };
}

function windows(
  sentAt: number,
  lifetimeMs: number,
  { spread, refreshBeforeMs, learned = {}, isSame = false }: TimesOptions,
): { readonly soft_at: number; readonly hard_at: number } {
  const expiresAt = sentAt + lifetimeMs;
  const guard = guardMs(lifetimeMs);
  const only = (at: number): { readonly soft_at: number; readonly hard_at: number } => ({ soft_at: at, hard_at: at });
  if (isSame) return only(expiresAt);
  if (learned.as_caches === true) return only(expiresAt - Math.min(LONGEST_NEED_MS, guard));
  if (learned.prev_revoked === true) return only(expiresAt - guard);
  if (refreshBeforeMs !== undefined) {
    return {
      soft_at: Math.max(sentAt, expiresAt - refreshBeforeMs),
      hard_at: expiresAt - Math.min(guard, refreshBeforeMs / 2),
    };
  }
  const hardAt = expiresAt - guard;
  return { soft_at: Math.max(sentAt, hardAt - lifetimeMs * (0.1 + 0.1 * spread)), hard_at: hardAt };
}

/** The last stretch of a token's life, in which its renewal is urgent: at most a minute, at least a tenth of a short life. */
function guardMs(lifetimeMs: number): number {
  return Math.min(60_000, Math.max(0.05 * lifetimeMs, Math.min(5_000, 0.1 * lifetimeMs)));
}

/** How long before its end a call rather waits for the next token, milliseconds. */
export function needMs(hardAt: number, expiresAt: number): number {
  return Math.min(LONGEST_NEED_MS, expiresAt - hardAt);
}

/** A token that was over on arrival serves the calls that waited for it; the next ones wait this long for another. */
const FLOOR_OF_NO_LIFETIME_MS = 1_000;

/** No second token request this soon after a token was obtained, as long as that token lives; one that never lived counts all the same. */
export function floorBetweenObtainsMs(lifetimeMs: number): number {
  if (lifetimeMs <= 0) return FLOOR_OF_NO_LIFETIME_MS;
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

export interface AnswerFacts {
  /** The very token that was stored already. */
  readonly isSame: boolean;
  /** It was asked for before its end. */
  readonly isEarly: boolean;
  readonly lifetimeMs?: number;
  /** Of a refresh: whether it brought another refresh token. */
  readonly rotated?: boolean;
}

/** What an answer teaches about the provider; `undefined`: nothing new. */
export function learnedFrom(
  { learned }: Pick<TokenRecord, 'learned'>,
  facts: AnswerFacts,
): LearnedBehaviour | undefined {
  const { isSame, isEarly, lifetimeMs, rotated } = facts;
  const caches = isSame ? true : learned?.as_caches === true && isEarly ? false : undefined;
  const taught = {
    ...(rotated === undefined ? {} : { rt_rotates: rotated }),
    ...(caches === undefined ? {} : { as_caches: caches }),
    ...(lifetimeMs === undefined || lifetimeMs <= 0 || isSame ? {} : { lifetime_ms: lifetimeMs }),
  };
  return Object.keys(taught).length === 0 ? undefined : taught;
}
