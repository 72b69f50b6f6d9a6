/**
 * The shell around the decisions: reads a record, does what was decided, looks again. One flight a token in this process, one lease in the fleet.
 * docs/token-lifecycle.md tells the protocol.
 */
import { EverbearerError } from '../errors.ts';
import { BoundedCache } from '../kernel/bounded-cache.ts';
import { within } from '../kernel/settle.ts';
import type { AttemptPlan, RejectedToken } from './attempt-plan.ts';
import { createBoundedCheck, type EditedHere } from './bounded-check.ts';
import { errorOf, needsReauthorization } from './failure.ts';
import { createCallTally, type CallTally } from './call-tally.ts';
import { createFlightDeck } from './flight-deck.ts';
import type { FlightPorts } from './flight-ports.ts';
import type { HeldToken } from './held-token.ts';
import { createOpenedTokens } from './opened-tokens.ts';
import { createReadBatch } from './read-batch.ts';
import { createRecordKeeper } from './record-keeper.ts';
import { createSaver } from './saver.ts';
import { isUnavailable, type StoreGate } from './store-gate.ts';
import type { TokenConfiguration } from './token-configuration.ts';
import { decide, type DecisionContext, type TokenDecision } from './token-decision.ts';
import type { UnstoredToken } from './token-flight.ts';
import type { AcquireReason, TokenRecord } from './token-record.ts';
import { createTurns } from './turns.ts';

export interface TokenManagerOptions {
  /** How long a caller waits, milliseconds. */
  readonly tokenWaitMs: number;
  readonly renewal: 'background' | 'inline';
  /** `bounded`: a token that is opened is used without a read, up to 2.5 s after an edit elsewhere; with `inline` it is read all the same. Default `every-call`. */
  readonly check?: 'every-call' | 'bounded';
  /** `serve-until-expiry`: while the store is away the last known token is used as long as it lives. */
  readonly onStoreUnavailable: 'serve-until-expiry' | 'fail';
  readonly actor: string;
}

export interface TokenManagerPorts extends FlightPorts {
  readonly gate: StoreGate;
}

export interface GetTokenOptions {
  /** Reads the integration again; one that is behind this record is raised above it. @throws EverbearerError `not_found` */
  readonly reload: (ahead?: TokenRecord) => Promise<TokenConfiguration>;
  /** The token that the API refused for this call. */
  readonly rejected?: RejectedToken;
  /** A person's command: a newer token than this `at.id` is wanted (`''`: than none), recorded failures are passed once. */
  readonly newerThan?: string;
  readonly signal?: AbortSignal;
}

export interface TokenManager {
  /** The token in force. @throws EverbearerError `token_unavailable`, `token_blocked`, `key_unknown`, `store_unavailable`, `egress_refused` */
  get(configuration: TokenConfiguration, options: GetTokenOptions): Promise<HeldToken>;
  /** What a call saw of a token: an API accepted it, or a renewal ended its predecessor before its time. Fire and forget; never throws. */
  observe(configuration: TokenConfiguration, token: HeldToken, seen: 'accepted' | 'revoked-by-renewal'): void;
  /** This process has edited a record, or removed an integration's: the next call reads it. */
  edited(what: EditedHere): void;
  /** The store answers again: what this machine has spooled is sent to it. */
  storeIsBack(): void;
  /** Gives back what is not sent, and waits for what is, until it is stored or spooled. */
  close(): Promise<void>;
}

/** The longest that a call waits for a renewal while the stored token still lives. */
const FALLBACK_WAIT_MS = 2_000;
/** How often a call may find itself behind its record before it gives up. */
const MOST_RELOADS = 5;
const MOST_OBSERVED = 1_000;
/** Tokens that are remembered as waited for in vain. */
const MOST_IN_VAIN = 1_000;

export function createTokenManager(ports: TokenManagerPorts, options: TokenManagerOptions): TokenManager {
  const { store, clock, gate, metrics } = ports;
  const { actor } = options;
  const closing = new AbortController();
  const opened = createOpenedTokens(ports.cipher, clock, metrics);
  const saver = createSaver(ports, closing.signal, actor);
  const keeper = createRecordKeeper(ports, actor);
  const deck = createFlightDeck(ports, opened, saver, keeper, { actor, closing: closing.signal });
  const turns = createTurns(clock);
  /** Names this manager in leases, and begins the ids of its attempts. */
  const holder = clock.uuid();
  const isBounded = options.check === 'bounded' && options.renewal === 'background';
  const bounded = isBounded ? createBoundedCheck({ ...ports, opened }, holder) : undefined;
  /** What an earlier process has left in the spool comes before the first decision. */
  let starting: Promise<void> | undefined = saver.replay().finally(() => {
    starting = undefined;
  });
  /** Ids of tokens whose successor did not come in the last seconds of their life. */
  const inVain = new Set<string>();
  /** What calls saw of a token is told once, however many saw it. */
  const observed = new BoundedCache<string, true>({ maxEntries: MOST_OBSERVED });
  const reads = createReadBatch(
    clock,
    (ids) => gate.run(() => store.read(ids)),
    (all, id) => ({ now: all.now, record: all.records.get(id) }),
  );

  async function get(first: TokenConfiguration, call: GetTokenOptions): Promise<HeldToken> {
    const tally = createCallTally(metrics, clock);
    try {
      const token = await find(first, call, tally);
      tally.end('ok');
      return token;
    } catch (error) {
      tally.end('failed');
      throw error;
    }
  }

  async function find(first: TokenConfiguration, call: GetTokenOptions, tally: CallTally): Promise<HeldToken> {
    if (starting !== undefined) await starting;
    const askedAt = clock.monotonic();
    const deadline = askedAt + options.tokenWaitMs;
    let configuration = first;
    let fallbackUntil: number | undefined;
    let reloads = 0;
    for (;;) {
      call.signal?.throwIfAborted();
      const read = await look(configuration, call);
      if ('token' in read) return read.token;
      const { now, record } = read;
      const decision = decide(record, now, contextOf(configuration, record, call));
      tally.decided(decision);
      if (decision.action !== 'serve') opened.distrust(configuration.id);
      if (record === undefined || decision.action === 'insert') {
        configuration = await call.reload();
        if (record === undefined) {
          await keeper.insert(configuration);
          configuration = await call.reload();
        }
        await keeper.bringUp(configuration);
        continue;
      }
      switch (decision.action) {
        case 'reload':
          if ((reloads += 1) > MOST_RELOADS) throw waitedTooLong(configuration);
          configuration = await call.reload(record);
          break;
        case 'bring-up':
          await keeper.bringUp(configuration);
          break;
        case 'take-over':
          await keeper.takeOver(configuration, record, now);
          break;
        case 'serve': {
          if (decision.renew !== undefined && keeper.findMissingKey(record) === undefined)
            deck.renewBehind(planOf(configuration, record, decision.renew, call));
          const token = await open(configuration, record, now, askedAt);
          if (token !== undefined) return token;
          break;
        }
        case 'acquire':
        case 'wait': {
          if (decision.fallback) fallbackUntil ??= clock.monotonic() + fallbackWaitMs(record, now);
          const until = decision.fallback ? Math.min(deadline, fallbackUntil ?? deadline) : deadline;
          const token =
            clock.monotonic() < until
              ? await arrival(configuration, { now, record, askedAt }, decision, until, call)
              : await inTheEnd(configuration, record, now, askedAt, decision);
          if (token !== undefined) return token;
          // The store is closed next.
          closing.signal.throwIfAborted();
          break;
        }
        default:
          throw refusalOf(configuration, record, decision, now);
      }
    }
  }

  /** The record; or, while the store is away, the last token that is known to live. */
  async function look(
    configuration: TokenConfiguration,
    call: GetTokenOptions,
  ): Promise<{ readonly now: number; readonly record: TokenRecord | undefined } | { readonly token: HeldToken }> {
    try {
      return await reads.read(configuration.id);
    } catch (error) {
      if (!isUnavailable(error) || options.onStoreUnavailable === 'fail' || call.newerThan !== undefined) throw error;
      const token = deck.unstored(configuration.id)?.token ?? opened.findUsable(configuration);
      if (token === undefined || token.id === call.rejected?.id) throw error;
      metrics.count('everbearer_token_stale_served_total', {});
      return { token };
    }
  }

  /** @returns `undefined` where it had to be put aside: look again */
  async function open(
    configuration: TokenConfiguration,
    record: TokenRecord,
    now: number,
    askedAt: number,
  ): Promise<HeldToken | undefined> {
    try {
      return opened.open(record, now, askedAt);
    } catch (error) {
      if (await keeper.putAside(configuration, record, 'at', error)) return undefined;
      throw error;
    }
  }

  /** Waits for an attempt, or for whoever holds the lease. @returns `undefined`: look again */
  async function arrival(
    configuration: TokenConfiguration,
    { now, record, askedAt }: { readonly now: number; readonly record: TokenRecord; readonly askedAt: number },
    decision: TokenDecision & { readonly action: 'acquire' | 'wait' },
    until: number,
    call: GetTokenOptions,
  ): Promise<HeldToken | undefined> {
    if (decision.action === 'wait') {
      const unstored = deck.unstored(configuration.id);
      if (unstored !== undefined && mayServe(unstored, record)) return unstored.token;
      await within(clock, turns.next(configuration.id), until - clock.monotonic(), call.signal);
      return undefined;
    }
    const missingKey = keeper.findMissingKey(record);
    if (missingKey !== undefined && decision.fallback) return await open(configuration, record, now, askedAt);
    if (missingKey !== undefined) throw missingKey;
    const flight = deck.depart(planOf(configuration, record, decision.reason, call));
    // While the stored token lives, a failure is no reason to fail.
    const awaited = decision.fallback ? flight.catch(() => undefined) : flight;
    const token = await within(clock, awaited, until - clock.monotonic(), call.signal);
    // The attempt under way may be the one that brought the very token that is not wanted any more.
    return token?.id === call.newerThan || token?.id === call.rejected?.id ? undefined : token;
  }

  /** The time to wait is over: the stored token is used while it lives, by later calls without waiting again. */
  async function inTheEnd(
    configuration: TokenConfiguration,
    record: TokenRecord,
    now: number,
    askedAt: number,
    { fallback }: { readonly fallback: boolean },
  ): Promise<HeldToken | undefined> {
    if (!fallback) throw waitedTooLong(configuration);
    if (inVain.size >= MOST_IN_VAIN) inVain.clear();
    inVain.add(record.at.id);
    return await open(configuration, record, now, askedAt);
  }

  function contextOf(
    configuration: TokenConfiguration,
    record: TokenRecord | undefined,
    { rejected, newerThan }: GetTokenOptions,
  ): DecisionContext {
    const { rev, cfgFp, hasPrimary, presentsRefreshToken } = configuration;
    return {
      rev,
      cfgFp,
      hasPrimary,
      presents: presentsRefreshToken,
      renewal: options.renewal,
      ...(rejected === undefined ? {} : { rejectedId: rejected.id }),
      ...(newerThan === undefined ? {} : { newerThan }),
      ...(inVain.size > 0 && record !== undefined && inVain.has(record.at.id) ? { waitedInVain: true } : {}),
    };
  }

  function planOf(
    configuration: TokenConfiguration,
    seen: TokenRecord,
    reason: AcquireReason,
    { rejected, newerThan }: Pick<GetTokenOptions, 'rejected' | 'newerThan'>,
  ): AttemptPlan {
    const person = newerThan !== undefined;
    return {
      configuration,
      seen,
      reason,
      person,
      offersRefused: person && !configuration.hasPrimary,
      attempt: `${holder}.${clock.uuid()}`,
      holder,
      ...(rejected === undefined ? {} : { rejected }),
    };
  }

  /** What may be used without a read is found at once; a call that was refused, and a person's command, want to see the record. */
  function findUnread(configuration: TokenConfiguration, call: GetTokenOptions): HeldToken | undefined {
    if (bounded === undefined || call.rejected !== undefined || call.newerThan !== undefined) return undefined;
    if (call.signal?.aborted === true) return undefined;
    const token = bounded.find(configuration);
    if (token !== undefined) metrics.count('everbearer_token_gets_total', { state: 'fresh' });
    return token;
  }

  return {
    get(configuration, call) {
      const unread = findUnread(configuration, call);
      return unread === undefined ? get(configuration, call) : Promise.resolve(unread);
    },
    storeIsBack: () => void saver.replay(),
    observe({ id }, token, seen) {
      const key = `${seen} ${token.id}`;
      if (observed.find(key) === true) return;
      observed.set(key, true);
      const isAccepted = seen === 'accepted';
      const learned = isAccepted ? {} : { learned: { prev_revoked: true } };
      store.apply(id, { kind: 'observe', ifId: token.id, accepted: isAccepted, ...learned }).catch(() => {
        observed.delete(key);
      });
    },
    edited: (what) => bounded?.edited(what),
    async close() {
      await bounded?.stop();
      closing.abort(new EverbearerError('token_unavailable', 'Everbearer is closing.'));
      await deck.idle();
      gate.close();
    },
  };
}

/** What is waited for must leave enough of the stored token to use it. */
function fallbackWaitMs({ at }: TokenRecord, now: number): number {
  return Math.min(FALLBACK_WAIT_MS, 0.75 * ((at.expires_at ?? now) - now));
}

/** Nobody has a newer truth than what this process has obtained and not stored yet. */
function mayServe({ base }: UnstoredToken, record: TokenRecord): boolean {
  return (
    record.lease?.attempt === base.lease?.attempt && record.at.id === base.at.id && record.cfg_ver === base.cfg_ver
  );
}

function refusalOf(
  configuration: TokenConfiguration,
  record: TokenRecord,
  decision: TokenDecision & { readonly action: 'blocked' | 'cooling' | 'needs-reauthorization' | 'refused' | 'insert' },
  now: number,
): EverbearerError {
  switch (decision.action) {
    case 'blocked':
      return errorOf(configuration, decision.failure, waitOf(decision.failure.next_at, now));
    case 'cooling':
      return errorOf(configuration, decision.failure, waitOf(decision.nextAt, now));
    case 'needs-reauthorization':
      return needsReauthorization(configuration, record.rt !== undefined);
    case 'refused':
      return new EverbearerError(
        'token_unavailable',
        `The API refused the newest token of "${configuration.integration}" as well.`,
        {
          hint: 'Check the scopes and the audience of the integration; a new token is not asked for again before the waiting time is over.',
          retryAfterMs: Math.max(0, decision.nextAt - now),
        },
      );
    case 'insert':
      throw new TypeError('A record that is there is not inserted.');
  }
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
