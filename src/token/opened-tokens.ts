/**
 * Tokens opened in this process, by record and identity: the ciphertext is opened once per token, not once per call. Bounded. Each entry knows until when
 * its token may be used by this machine's own clocks, for when the store is away, and for the bounded check.
 */
import type { ExchangedToken } from '../exchange/exchange-outcome.ts';
import { BoundedCache } from '../kernel/bounded-cache.ts';
import { createChangeMarks } from '../kernel/change-marks.ts';
import type { Cipher } from '../kernel/cipher.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Metrics } from '../kernel/metrics.ts';
import type { HeldToken } from './held-token.ts';
import { ageMs, isAhead, localInstant, type LocalInstant } from './local-instant.ts';
import type { TokenConfiguration } from './token-configuration.ts';
import type { TokenRecord } from './token-record.ts';

/** How many tokens a process keeps opened. */
const KEPT = 10_000;
/** So long after a read has shown a token it is used without another one. What nobody tells, as an edit in the database, is noticed by then. */
const SHOWN_MS = 30_000;
/** Tokens that are used without a read are looked at again before it is over. */
const LOOK_AGAIN_MS = 20_000;

type Extra = Readonly<Record<string, string>>;

interface Entry {
  readonly token: HeldToken;
  /** `rev` of the record that it was last seen in. */
  rev: number;
  expiresAt: number | undefined;
  softAt: number | undefined;
  usableUntil: LocalInstant | undefined;
  freshUntil: LocalInstant | undefined;
  /** When the read was asked for that last showed it; absent: nothing proves that it still stands. */
  shownAt: LocalInstant | undefined;
  /** Whether it was used without a read since then. */
  usedUnread: boolean;
}

export interface OpenedTokens {
  /**
   * @param now the store's clock at the read
   * @param askedAt this machine's monotonic clock when the read was asked for, or earlier
   * @throws EverbearerError `key_unknown`, `configuration_missing`
   */
  open(record: TokenRecord, now: number, askedAt: number): HeldToken;
  /** Keeps what was just obtained. */
  keep(record: TokenRecord, token: ExchangedToken, now: number): HeldToken;
  /** What was obtained and is not stored: for the callers that waited, kept nowhere. */
  unstored(base: TokenRecord, token: ExchangedToken, sentAt: number): HeldToken;
  /** The last known token while it lives, by this machine's clocks. */
  findUsable(configuration: TokenConfiguration): HeldToken | undefined;
  /** One that may be used without a read: no renewal is due, a read has shown it in the last 30 s, and nothing was heard of its record since. */
  findFresh(configuration: TokenConfiguration): HeldToken | undefined;
  /** Somebody replaced the token. @returns whether there was one */
  forget(recordId: string): boolean;
  /** Somebody wrote to the record: a read has to show its token before it is used without one. It is kept for when the store is away. @returns as `forget` */
  distrust(recordId: string): boolean;
  /** The same for all. */
  distrustAll(): void;
  /** The same for all of an integration. @returns how many there were */
  distrustIntegration(integrationId: string): number;
  /** Records whose tokens are used without a read and were shown longest ago, at most `limit`. */
  dueForLook(limit: number): readonly string[];
  /** What such a look found: what stands goes on, anything else has to be read by the call that wants it. @returns whether it stands */
  look(recordId: string, record: TokenRecord | undefined, now: number, askedAt: number): boolean;
}

export function createOpenedTokens(
  cipher: Cipher,
  clock: Pick<Clock, 'now' | 'monotonic'>,
  metrics: Metrics,
): OpenedTokens {
  const kept = new BoundedCache<string, Entry>({ maxEntries: KEPT });
  const changes = createChangeMarks(clock, KEPT);

  /** @param askedAt absent: no read has shown it yet */
  function remember(record: TokenRecord, token: HeldToken, now: number, askedAt?: number): HeldToken {
    const entry: Entry = {
      token,
      rev: record.rev,
      expiresAt: undefined,
      softAt: undefined,
      usableUntil: undefined,
      freshUntil: undefined,
      shownAt: undefined,
      usedUnread: false,
    };
    see(entry, record, now, askedAt);
    kept.set(record.id, entry);
    return token;
  }

  /** Deadlines are worked out anew only where the record says otherwise than before. */
  function see(entry: Entry, { rev, at }: TokenRecord, now: number, askedAt?: number): void {
    entry.rev = rev;
    if (askedAt !== undefined) show(entry, askedAt);
    if (entry.usableUntil !== undefined && entry.expiresAt === at.expires_at && entry.softAt === at.soft_at) return;
    entry.expiresAt = at.expires_at;
    entry.softAt = at.soft_at;
    entry.usableUntil = deadline(at.expires_at, now);
    entry.freshUntil = deadline(at.soft_at ?? at.expires_at, now);
  }

  function show(entry: Entry, askedAt: number): void {
    entry.shownAt = { monotonic: askedAt, wall: clock.now() };
    entry.usedUnread = false;
  }

  /** An answer that was asked for before a change may be older than it, and shows nothing. */
  function isShown({ token, shownAt }: Entry): boolean {
    return (
      shownAt !== undefined && ageMs(clock, shownAt) < SHOWN_MS && changes.isNews(token.recordId, shownAt.monotonic)
    );
  }

  function distrust(recordId: string): boolean {
    changes.mark(recordId);
    return kept.peek(recordId) !== undefined;
  }

  const deadline = (at: number | undefined, now: number): LocalInstant =>
    localInstant(clock, (at ?? Number.POSITIVE_INFINITY) - now);

  function find(
    configuration: TokenConfiguration,
    until: (entry: Entry) => LocalInstant | undefined,
  ): Entry | undefined {
    const entry = kept.find(configuration.id);
    if (entry?.rev !== configuration.rev) return undefined;
    const end = until(entry);
    return end !== undefined && isAhead(clock, end) ? entry : undefined;
  }

  return {
    open(record, now, askedAt) {
      const known = kept.find(record.id);
      if (known?.token.id === record.at.id && known.token.contested === (record.rejected !== undefined)) {
        see(known, record, now, askedAt);
        metrics.count('everbearer_token_cache_hits_total', {});
        return known.token;
      }
      if (record.at.sealed === undefined) throw new TypeError('There is no token to open.');
      metrics.count('everbearer_token_cache_misses_total', {});
      const accessToken = cipher.open(record.at.sealed, [record.id, 'access_token']);
      const extra =
        record.extra === undefined ? {} : (JSON.parse(cipher.open(record.extra, [record.id, 'extra'])) as Extra);
      const obtainedAt = known?.token.id === record.at.id ? known.token.obtainedAt : undefined;
      return remember(record, held(record, accessToken, extra, obtainedAt), now, askedAt);
    },
    keep: (record, { access_token: accessToken, extra }, now) =>
      remember(record, held(record, accessToken, extra, clock.monotonic()), now),
    unstored: (base, token, sentAt) =>
      held(unstoredRecord(base, token, sentAt), token.access_token, token.extra, clock.monotonic()),
    findUsable: (configuration) => find(configuration, ({ usableUntil }) => usableUntil)?.token,
    findFresh(configuration) {
      const entry = find(configuration, ({ freshUntil }) => freshUntil);
      if (entry === undefined || entry.token.contested || !isShown(entry)) return undefined;
      entry.usedUnread = true;
      metrics.count('everbearer_token_cache_hits_total', {});
      return entry.token;
    },
    forget(recordId) {
      const isKnown = distrust(recordId);
      kept.delete(recordId);
      return isKnown;
    },
    distrust,
    distrustAll: () => changes.markAll(),
    distrustIntegration(integrationId) {
      const ids = [...kept.keys()].filter((id) => id.startsWith(`${integrationId}:`));
      ids.forEach(distrust);
      return ids.length;
    },
    dueForLook: (limit) =>
      [...kept.values()]
        .flatMap(({ token, shownAt, usedUnread }) =>
          usedUnread && shownAt !== undefined && ageMs(clock, shownAt) >= LOOK_AGAIN_MS ? [{ token, shownAt }] : [],
        )
        .toSorted((a, b) => a.shownAt.monotonic - b.shownAt.monotonic)
        .slice(0, limit)
        .map(({ token }) => token.recordId),
    look(recordId, record, now, askedAt) {
      const entry = kept.peek(recordId);
      // Meanwhile it had to go for room, or was forgotten.
      if (entry === undefined) return true;
      if (record !== undefined && stands(entry, record)) {
        see(entry, record, now, askedAt);
        return true;
      }
      entry.usedUnread = false;
      distrust(recordId);
      return false;
    },
  };
}

/** Whether a record still says of an opened token what it said. */
function stands({ token, rev, expiresAt, softAt }: Entry, { at, manual, rejected, ...record }: TokenRecord): boolean {
  return (
    record.rev === rev &&
    manual === undefined &&
    at.id === token.id &&
    at.expires_at === expiresAt &&
    at.soft_at === softAt &&
    token.contested === (rejected !== undefined)
  );
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
