/**
 * Tokens opened in this process, by record and identity: the ciphertext is opened once per token, not once per call. Bounded. Each entry knows until when
 * its token may be used by this machine's own clocks, for when the store is away.
 */
import type { ExchangedToken } from '../exchange/exchange-outcome.ts';
import { BoundedCache } from '../kernel/bounded-cache.ts';
import type { Cipher } from '../kernel/cipher.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Metrics } from '../kernel/metrics.ts';
import type { HeldToken } from './held-token.ts';
import type { TokenConfiguration } from './token-configuration.ts';
import type { TokenRecord } from './token-record.ts';

/** How many tokens a process keeps opened. */
const KEPT = 10_000;

type Extra = Readonly<Record<string, string>>;

/** By a clock that nobody steps, and by the wall, which goes on while the machine sleeps: the earlier counts. */
interface LocalDeadline {
  readonly monotonic: number;
  readonly wall: number;
}

interface Entry {
  readonly token: HeldToken;
  /** `rev` of the record that it was last seen in. */
  rev: number;
  expiresAt: number | undefined;
  usableUntil: LocalDeadline | undefined;
}

export interface OpenedTokens {
  /** @param now the store's clock at the read. @throws EverbearerError `key_unknown`, `configuration_missing` */
  open(record: TokenRecord, now: number): HeldToken;
  /** Keeps what was just obtained. */
  keep(record: TokenRecord, token: ExchangedToken, now: number): HeldToken;
  /** What was obtained and is not stored: for the callers that waited, kept nowhere. */
  unstored(base: TokenRecord, token: ExchangedToken, sentAt: number): HeldToken;
  /** The last known token while it lives, by this machine's clocks. */
  findUsable(configuration: TokenConfiguration): HeldToken | undefined;
}

export function createOpenedTokens(
  cipher: Cipher,
  clock: Pick<Clock, 'now' | 'monotonic'>,
  metrics: Metrics,
): OpenedTokens {
  const kept = new BoundedCache<string, Entry>({ maxEntries: KEPT });

  function remember(record: TokenRecord, token: HeldToken, now: number): HeldToken {
    const entry: Entry = {
      token,
      rev: record.rev,
      expiresAt: undefined,
      usableUntil: undefined,
    };
    see(entry, record, now);
    kept.set(record.id, entry);
    return token;
  }

  /** Deadlines are worked out anew only where the record says otherwise than before. */
  function see(entry: Entry, { rev, at }: TokenRecord, now: number): void {
    entry.rev = rev;
    if (entry.usableUntil !== undefined && entry.expiresAt === at.expires_at) return;
    entry.expiresAt = at.expires_at;
    entry.usableUntil = deadline(at.expires_at, now);
  }

  function deadline(at: number | undefined, now: number): LocalDeadline {
    const remainingMs = (at ?? Number.POSITIVE_INFINITY) - now;
    return { monotonic: clock.monotonic() + remainingMs, wall: clock.now() + remainingMs };
  }

  const isAhead = (until: LocalDeadline | undefined): boolean =>
    until !== undefined && clock.monotonic() < until.monotonic && clock.now() < until.wall;

  function find(
    configuration: TokenConfiguration,
    until: (entry: Entry) => LocalDeadline | undefined,
  ): HeldToken | undefined {
    const entry = kept.find(configuration.id);
    return entry !== undefined && entry.rev === configuration.rev && isAhead(until(entry)) ? entry.token : undefined;
  }

  return {
    open(record, now) {
      const known = kept.find(record.id);
      if (known?.token.id === record.at.id && known.token.contested === (record.rejected !== undefined)) {
        see(known, record, now);
        metrics.count('everbearer_token_cache_hits_total', {});
        return known.token;
      }
      if (record.at.sealed === undefined) throw new TypeError('There is no token to open.');
      metrics.count('everbearer_token_cache_misses_total', {});
      const accessToken = cipher.open(record.at.sealed, [record.id, 'access_token']);
      const extra =
        record.extra === undefined ? {} : (JSON.parse(cipher.open(record.extra, [record.id, 'extra'])) as Extra);
      const obtainedAt = known?.token.id === record.at.id ? known.token.obtainedAt : undefined;
      return remember(record, held(record, accessToken, extra, obtainedAt), now);
    },
    keep: (record, { access_token: accessToken, extra }, now) =>
      remember(record, held(record, accessToken, extra, clock.monotonic()), now),
    unstored: (base, token, sentAt) =>
      held(unstoredRecord(base, token, sentAt), token.access_token, token.extra, clock.monotonic()),
    findUsable: (configuration) => find(configuration, ({ usableUntil }) => usableUntil),
  };
}

/** The record as it would stand with the token; its identity is of its own. */
function unstoredRecord(base: TokenRecord, token: ExchangedToken, sentAt: number): TokenRecord {
  const { ms } = token.lifetime;
  return {
    ...base,
    at: {
      id: `${base.at.id}:unstored:${base.epoch}`,
      type: token.token_type ?? null,
      scope: token.scope ?? null,
      issued_at: sentAt,
      ...(ms === undefined ? {} : { expires_at: sentAt + ms }),
    },
  };
}

function held(record: TokenRecord, accessToken: string, extra: Extra, obtainedAt: number | undefined): HeldToken {
  const { at } = record;
  return Object.freeze({
    recordId: record.id,
    id: at.id,
    version: record.ver,
    accessToken,
    tokenType: at.type ?? null,
    scope: at.scope ?? null,
    expiresAt: at.expires_at ?? null,
    lifetimeMs: at.expires_at === undefined || at.issued_at === undefined ? null : at.expires_at - at.issued_at,
    obtainedBy: at.obtained_by ?? null,
    contested: record.rejected !== undefined,
    ...(obtainedAt === undefined ? {} : { obtainedAt }),
    presented: {
      access_token: accessToken,
      extra,
      ...(at.type === undefined || at.type === null ? {} : { token_type: at.type }),
      ...(at.scope === undefined || at.scope === null ? {} : { scope: at.scope }),
    },
  });
}
