/**
 * The shell around the decisions: reads a record, does what was decided, looks again. One flight a token in this process, one lease in the fleet.
 * docs/token-lifecycle.md tells the protocol.
 */
import { EverbearerError } from '../errors.ts';
import { within } from '../kernel/settle.ts';
import { createSingleFlight } from '../kernel/single-flight.ts';
import { errorOf } from './failure.ts';
import type { HeldToken } from './held-token.ts';
import { createOpenedTokens } from './opened-tokens.ts';
import { createReadBatch } from './read-batch.ts';
import type { TokenConfiguration } from './token-configuration.ts';
import { decide, type DecisionContext, type TokenDecision } from './token-decision.ts';
import { createFlights, type FlightPlan, type FlightPorts } from './token-flight.ts';
import type { AcquireReason, TokenRecord } from './token-record.ts';

export interface TokenManagerOptions {
  /** How long a caller waits, milliseconds. */
  readonly tokenWaitMs: number;
  readonly renewal: 'background' | 'inline';
  readonly actor: string;
}

export interface GetTokenOptions {
  /** Reads the integration again: the record belongs to a newer revision. @throws EverbearerError `not_found` */
  readonly reload: () => Promise<TokenConfiguration>;
  /** The token that the API refused for this call: its `at.id`, and the status that the API answered with. */
  readonly rejected?: { readonly id: string; readonly status: number };
  /** A person's command: a newer token than this `at.id` is wanted (`''`: than none), recorded failures are passed once. */
  readonly newerThan?: string;
  readonly signal?: AbortSignal;
}

export interface TokenManager {
  /** The token in force. @throws EverbearerError `token_unavailable`, `token_blocked`, `key_unknown`, `store_unavailable`, `egress_refused` */
  get(configuration: TokenConfiguration, options: GetTokenOptions): Promise<HeldToken>;
  /** What a call saw of a token: an API accepted it, or a renewal ended its predecessor. Fire and forget; never throws. */
  observe(configuration: TokenConfiguration, token: HeldToken, seen: 'accepted' | 'revoked-by-renewal'): void;
  /** Waits for the attempts that are under way. */
  close(): Promise<void>;
}

/** The longest that a call waits for a renewal while the stored token still lives. */
const FALLBACK_WAIT_MS = 2_000;
const POLL_FIRST_MS = 40;
const POLL_MAX_MS = 500;

export function createTokenManager(ports: FlightPorts, options: TokenManagerOptions): TokenManager {
  const { store, clock, cipher } = ports;
  const flights = createSingleFlight<HeldToken | undefined>();
  const opened = createOpenedTokens(cipher);
  const fly = createFlights(ports, opened, options);
  const closing = new AbortController();
  const reads = createReadBatch(
    clock,
    (ids) => store.read(ids),
    (all, id) => ({ now: all.now, record: all.records.get(id) }),
  );

  async function get(first: TokenConfiguration, call: GetTokenOptions): Promise<HeldToken> {
    const deadline = clock.monotonic() + options.tokenWaitMs;
    let configuration = first;
    let pollMs = POLL_FIRST_MS;
    for (;;) {
      call.signal?.throwIfAborted();
      const { now, record } = await reads.read(configuration.id);
      const decision = decide(record, now, contextOf(configuration, call));
      if (record === undefined || decision.action === 'insert') {
        configuration = await call.reload();
        await insert(configuration);
        configuration = await call.reload();
        continue;
      }
      const patience = deadline - clock.monotonic();
      switch (decision.action) {
        case 'reload':
          if (patience <= 0) throw waitedTooLong(configuration);
          configuration = await call.reload();
          break;
        case 'bring-up':
          await bringUp(configuration);
          break;
        case 'serve':
          if (decision.renew !== undefined) renewBehind(configuration, record, decision.renew);
          return opened.open(record);
        case 'acquire': {
          const flight = depart(planOf(configuration, record, decision.reason, call));
          const token = await settle(flight, record, decision, patience, call.signal);
          if (token !== undefined) return token;
          break;
        }
        case 'wait': {
          if (decision.fallback && patience < options.tokenWaitMs - FALLBACK_WAIT_MS) return opened.open(record);
          if (patience <= 0) throw waitedTooLong(configuration);
          await clock.sleep(Math.min(pollMs * (0.75 + 0.5 * clock.random()), patience), call.signal);
          pollMs = Math.min(POLL_MAX_MS, pollMs * 1.6);
          break;
        }
        case 'blocked':
          throw errorOf(configuration, decision.failure, waitOf(decision.failure.next_at, now));
        case 'cooling':
          throw errorOf(configuration, decision.failure, waitOf(decision.nextAt, now));
        case 'refused':
          throw new EverbearerError(
            'token_unavailable',
            `The API refused the newest token of "${configuration.integration}" as well.`,
            {
              hint: 'Check the scopes and the audience of the integration; a new token is not asked for again before the waiting time is over.',
              retryAfterMs: Math.max(0, decision.nextAt - now),
            },
          );
      }
    }
  }

  async function depart(plan: FlightPlan): Promise<HeldToken | undefined> {
    closing.signal.throwIfAborted();
    return await flights.run(plan.configuration.id, () => fly(plan));
  }

  function contextOf(configuration: TokenConfiguration, call: GetTokenOptions): DecisionContext {
    return {
      rev: configuration.rev,
      cfgFp: configuration.cfgFp,
      renewal: options.renewal,
      ...(call.rejected === undefined ? {} : { rejectedId: call.rejected.id }),
      ...(call.newerThan === undefined ? {} : { newerThan: call.newerThan }),
    };
  }

  async function insert(configuration: TokenConfiguration): Promise<void> {
    await store.insert({
      id: configuration.id,
      integration_id: configuration.integrationId,
      scheme: configuration.scheme,
      ...(configuration.scopes === undefined ? {} : { scopes: configuration.scopes }),
      ...(configuration.resources === undefined ? {} : { resources: configuration.resources }),
      ...(configuration.audience === undefined ? {} : { audience: configuration.audience }),
      rev: configuration.rev,
      cfg_ver: configuration.accountRev,
      atId: clock.uuid(),
    });
  }

  async function bringUp(configuration: TokenConfiguration): Promise<void> {
    const { rev, accountRev, secretRev } = configuration;
    await store.apply(configuration.id, { kind: 'bring-up', rev, accountRev, secretRev, newId: clock.uuid() });
  }

  function renewBehind(configuration: TokenConfiguration, record: TokenRecord, reason: AcquireReason): void {
    if (flights.current(configuration.id) !== undefined || closing.signal.aborted) return;
    depart(planOf(configuration, record, reason, {})).catch((error: unknown) => {
      const code = error instanceof EverbearerError ? error.code : 'internal';
      ports.logger.warn(
        { integration: configuration.integration, scheme: configuration.scheme, code },
        'renewal behind the callers failed',
      );
    });
  }

  /** Waits for the flight; while the stored token still lives it is served when the flight fails or takes too long. */
  async function settle(
    flight: Promise<HeldToken | undefined>,
    record: TokenRecord,
    decision: TokenDecision & { readonly action: 'acquire' },
    patience: number,
    signal: AbortSignal | undefined,
  ): Promise<HeldToken | undefined> {
    if (!decision.fallback) {
      const outcome = await within(
        clock,
        flight.then((token) => ({ token })),
        patience,
        signal,
      );
      if (outcome === undefined) throw waitedTooLong({ integration: record.integration_id, scheme: record.scheme });
      return outcome.token;
    }
    const outcome = await within(
      clock,
      flight.catch(() => undefined),
      FALLBACK_WAIT_MS,
      signal,
    );
    return outcome ?? opened.open(record);
  }

  return {
    get,
    observe() {
      return undefined;
    },
    async close() {
      closing.abort(new EverbearerError('token_unavailable', 'Everbearer is closing.'));
      await flights.idle();
    },
  };
}

function planOf(
  configuration: TokenConfiguration,
  seen: TokenRecord,
  reason: AcquireReason,
  call: Pick<GetTokenOptions, 'rejected' | 'newerThan'>,
): FlightPlan {
  return {
    configuration,
    seen,
    reason,
    pastFailure: call.newerThan !== undefined,
    ...(call.rejected === undefined ? {} : { rejectedId: call.rejected.id }),
  };
}

function waitOf(nextAt: number | undefined, now: number): number | undefined {
  return nextAt === undefined ? undefined : Math.max(0, nextAt - now);
}

function waitedTooLong(subject: { readonly integration: string; readonly scheme: string }): EverbearerError {
  return new EverbearerError(
    'token_unavailable',
    `No token arrived in time for "${subject.integration}" (${subject.scheme}).`,
    {
      hint: 'Another worker holds the lease or the token endpoint is slow; see everbearer events. tokenWaitMs sets how long a call waits.',
      retryAfterMs: 1_000,
    },
  );
}
