/** One flight: take the lease, make the token request, write what came of it, tell the event. */
import { EverbearerError } from '../errors.ts';
import type { ExchangeFailure } from '../exchange/exchange-outcome.ts';
import type { ExchangePorts } from '../exchange/exchange-request.ts';
import type { Cipher } from '../kernel/cipher.ts';
import type { EventStore } from '../kernel/event-store.ts';
import type { Logger } from '../kernel/logger.ts';
import { attempt, type AttemptResult } from './attempt.ts';
import { errorOf } from './failure.ts';
import type { HeldToken } from './held-token.ts';
import type { OpenedTokens } from './opened-tokens.ts';
import { failureOf, saveOf, type AttemptBase } from './save.ts';
import type { TokenConfiguration } from './token-configuration.ts';
import { attemptEvent } from './token-event.ts';
import type { AcquireReason, TokenRecord } from './token-record.ts';
import type { TokenStore } from './token-store.ts';
import type { Acquire } from './token-transition.ts';

export interface FlightPorts extends ExchangePorts {
  readonly store: TokenStore;
  readonly cipher: Cipher;
  readonly events: EventStore;
  readonly logger: Logger;
}

export interface FlightOptions {
  /** Who the events name. */
  readonly actor: string;
}

/** What a flight is for. */
export interface FlightPlan {
  readonly configuration: TokenConfiguration;
  /** The record that the decision was made on. */
  readonly seen: TokenRecord;
  readonly reason: AcquireReason;
  /** `at.id` of the token that the API refused. */
  readonly rejectedId?: string;
  /** A person's command passes recorded failures once. */
  readonly pastFailure: boolean;
}

/** How long a lease lasts; a token request and its save fit in with slack. */
export const LEASE_TTL_MS = 30_000;
/** A worker that was held up this long after its acquire starts over instead of sending. */
const START_WITHIN_MS = LEASE_TTL_MS - 15_000;
const FORCED_RENEWAL_FIRST_MS = 60_000;
const FORCED_RENEWAL_MAX_MS = 3_600_000;

/** @returns the token; `undefined`: somebody else was first, look again. @throws EverbearerError what the record now remembers */
export type Fly = (plan: FlightPlan) => Promise<HeldToken | undefined>;

export function createFlights(ports: FlightPorts, opened: OpenedTokens, options: FlightOptions): Fly {
  const { store, clock, cipher } = ports;
  const holder = clock.uuid();

  async function fly(plan: FlightPlan): Promise<HeldToken | undefined> {
    const { configuration, reason } = plan;
    const attemptId = clock.uuid();
    const askedAt = clock.monotonic();
    const acquired = await store.apply(configuration.id, acquireOf(plan, holder, attemptId));
    if (!acquired.applied || acquired.record === undefined) return undefined;
    const repliedAt = clock.monotonic();
    const base: AttemptBase = {
      attempt: attemptId,
      record: acquired.record,
      sentAt: acquired.now,
      newId: clock.uuid(),
    };
    const mayStart = (): boolean => clock.monotonic() - askedAt <= START_WITHIN_MS;
    const result = await unlessHeldUp(configuration, base, mayStart, () =>
      attempt(ports, configuration, base.record, acquired.now, mayStart),
    );
    if (result === undefined) return undefined;
    return await finish(configuration, base, reason, result, clock.monotonic() - repliedAt);
  }

  /** Gives the lease back where nothing was sent: the worker was held up too long, or the attempt could not be made at all. */
  async function unlessHeldUp(
    configuration: TokenConfiguration,
    base: AttemptBase,
    mayStart: () => boolean,
    make: () => Promise<AttemptResult>,
  ): Promise<AttemptResult | undefined> {
    const release = async (): Promise<void> => {
      await store.apply(base.record.id, { kind: 'release', attempt: base.attempt });
    };
    const result = await make().catch(async (error: unknown) => {
      // What we throw by name happened before anything was sent. Of anything else nobody knows: as if there had been no answer.
      if (!(error instanceof EverbearerError)) return unexplained(configuration, base);
      await release();
      throw error;
    });
    const { outcome } = result;
    if (outcome.ok || outcome.failure.sent || mayStart()) return result;
    await release();
    return undefined;
  }

  /** Writes what the attempt brought, tells the event, gives the token or throws the failure. */
  async function finish(
    configuration: TokenConfiguration,
    base: AttemptBase,
    reason: AcquireReason,
    result: AttemptResult,
    latencyMs: number,
  ): Promise<HeldToken | undefined> {
    const { outcome } = result;
    if (outcome.ok) {
      const saved = await persist(configuration.id, saveOf(cipher, configuration, base, result, outcome.token));
      await tell(
        attemptEvent({ configuration, base, reason, result, latencyMs, actor: options.actor, saved: saved.applied }),
      );
      if (!saved.applied || saved.record?.at.id !== base.newId) return undefined;
      return opened.keep(saved.record, outcome.token.access_token, outcome.token.extra, clock.monotonic());
    }
    const { failure } = outcome;
    const write = failureOf(cipher, configuration, base, { ...result, outcome }, clock.random());
    await persist(configuration.id, write);
    await tell(attemptEvent({ configuration, base, reason, result, latencyMs, actor: options.actor, saved: false }));
    if (failure.class === 'egress')
      throw new EverbearerError('egress_refused', failure.message, { details: { origin: failure.origin } });
    const recorded = write.failure;
    throw errorOf(
      configuration,
      { class: 'transient', code: failure.error, message: failure.message, ...recorded },
      recorded?.nextMs,
    );
  }

  /** A write that must not be lost: while the store cannot be reached it is sent again, as long as the lease lasts. */
  async function persist(id: string, write: Parameters<TokenStore['apply']>[1]): ReturnType<TokenStore['apply']> {
    const until = clock.monotonic() + LEASE_TTL_MS;
    for (let waitMs = 50; ; waitMs = Math.min(1_000, waitMs * 2)) {
      try {
        return await store.apply(id, write);
      } catch (error) {
        const worthRetrying = error instanceof EverbearerError && error.code === 'store_unavailable';
        if (!worthRetrying || clock.monotonic() + waitMs > until) throw error;
        await clock.sleep(waitMs);
      }
    }
  }

  async function tell(event: Parameters<EventStore['append']>[0]): Promise<void> {
    try {
      await ports.events.append(event);
    } catch (error) {
      ports.logger.warn(
        { type: event.type, code: error instanceof EverbearerError ? error.code : 'internal' },
        'event not stored',
      );
    }
  }

  return fly;
}

function acquireOf(
  { configuration, seen, reason, rejectedId, pastFailure }: FlightPlan,
  holder: string,
  attemptId: string,
): Acquire {
  const rejections = seen.rejected?.n ?? 0;
  const nextMs = Math.min(FORCED_RENEWAL_MAX_MS, FORCED_RENEWAL_FIRST_MS * 2 ** Math.min(rejections, 10));
  return {
    kind: 'acquire',
    ifId: seen.at.id,
    ifRev: configuration.rev,
    cfgFp: configuration.cfgFp,
    pastFailure,
    holder,
    attempt: attemptId,
    reason,
    ttlMs: LEASE_TTL_MS,
    ...(rejectedId === seen.at.id ? { rejects: { id: rejectedId, nextMs } } : {}),
  };
}

/** A fault of ours in the middle of an attempt: recorded, so that the credentials are not sent again at every call. */
function unexplained({ integration }: TokenConfiguration, { record }: AttemptBase): AttemptResult {
  const failure: ExchangeFailure = {
    class: record.rt === undefined ? 'transient' : 'in_doubt',
    error: 'internal',
    message: `The token request of "${integration}" failed unexpectedly. Please report it.`,
    step: '',
    origin: '',
    sent: true,
  };
  return { grant: 'primary', outcome: { ok: false, failure } };
}
