/** Tokens opened in this process, by record and identity: the ciphertext is opened once per token, not once per call. Bounded. */
import { BoundedCache } from '../kernel/bounded-cache.ts';
import type { Cipher } from '../kernel/cipher.ts';
import type { HeldToken } from './held-token.ts';
import type { TokenRecord } from './token-record.ts';

/** How many tokens a process keeps opened. */
const KEPT = 10_000;

export interface OpenedTokens {
  /** @throws EverbearerError `key_unknown`, `configuration_missing` */
  open(record: TokenRecord): HeldToken;
  /** Keeps what was just obtained. @param obtainedAt `Clock.monotonic()` of now */
  keep(
    record: TokenRecord,
    accessToken: string,
    extra: Readonly<Record<string, string>>,
    obtainedAt?: number,
  ): HeldToken;
}

export function createOpenedTokens(cipher: Cipher): OpenedTokens {
  const kept = new BoundedCache<string, HeldToken>({ maxEntries: KEPT });

  function keep(
    record: TokenRecord,
    accessToken: string,
    extra: Readonly<Record<string, string>>,
    obtainedAt?: number,
  ): HeldToken {
    const token = held(record, accessToken, extra, obtainedAt);
    kept.set(record.id, token);
    return token;
  }

  return {
    keep,
    open(record) {
      const known = kept.find(record.id);
      if (known?.id === record.at.id) return known;
      if (record.at.sealed === undefined) throw new TypeError('There is no token to open.');
      const accessToken = cipher.open(record.at.sealed, [record.id, 'access_token']);
      const extra =
        record.extra === undefined
          ? {}
          : (JSON.parse(cipher.open(record.extra, [record.id, 'extra'])) as Readonly<Record<string, string>>);
      return keep(record, accessToken, extra);
    },
  };
}

function held(
  record: TokenRecord,
  accessToken: string,
  extra: Readonly<Record<string, string>>,
  obtainedAt: number | undefined,
): HeldToken {
  const { at } = record;
  const lifetimeMs = at.expires_at === undefined || at.issued_at === undefined ? null : at.expires_at - at.issued_at;
  return Object.freeze({
    recordId: record.id,
    id: at.id,
    version: record.ver,
    accessToken,
    tokenType: at.type ?? null,
    scope: at.scope ?? null,
    expiresAt: at.expires_at ?? null,
    obtainedBy: at.obtained_by ?? null,
    lifetimeMs,
    ...(obtainedAt === undefined ? {} : { obtainedAt }),
    contested: record.rejected !== undefined,
    presented: {
      access_token: accessToken,
      extra,
      ...(at.type === undefined || at.type === null ? {} : { token_type: at.type }),
      ...(at.scope === undefined || at.scope === null ? {} : { scope: at.scope }),
    },
  });
}
