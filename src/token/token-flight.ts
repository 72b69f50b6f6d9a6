/**
 * Runs an attempt: does what each step says and tells the result, until it is over. attempt.ts decides, this file acts. Callers of this process wait for
 * `token`; `done` has also what comes after it.
 */
import { EverbearerError } from '../errors.ts';
import type { ExchangedToken, ExchangeFailure, ExchangeOutcome } from '../exchange/exchange-outcome.ts';
import { observeTokenRequest, type TokenRequestFacts } from '../exchange/observed-token-request.ts';
import {
  nextStep,
  startAttempt,
  type AttemptEnd,
  type AttemptResult,
  type AttemptState,
  type AttemptStep,
} from './attempt.ts';
import { leaseTtlMs, type AttemptPlan, type Grant } from './attempt-plan.ts';
import { createAttemptMetrics } from './attempt-metrics.ts';
import { sendEnd, sendGrant } from './attempt-request.ts';
import { askAdmission, settleCredential } from './credential-guard.ts';
import { watchForSuccessor } from './doubt-watch.ts';
import { errorOfAttempt } from './failure.ts';
import type { FlightPorts } from './flight-ports.ts';
import type { HeldToken } from './held-token.ts';
import { isAhead, later, localInstant, type LocalInstant } from './local-instant.ts';
import { createLeaseTimer } from './lease-timer.ts';
import type { OpenedTokens } from './opened-tokens.ts';
import type { OriginPass, OriginSign } from './origin-gate.ts';
import type { ProtocolPoint } from './protocol-points.ts';
import type { RecordKeeper } from './record-keeper.ts';
import { resultOf, type Saver } from './saver.ts';
import { isUnavailable } from './store-gate.ts';
import { attemptEvent } from './token-event.ts';
import type { TokenConfiguration } from './token-configuration.ts';
import type { TokenRecord } from './token-record.ts';
import type { TokenTransition } from './token-transition.ts';

export interface Flight {
  readonly attempt: string;
  /** The token; `undefined`: somebody else was first, look again. @throws EverbearerError what the record now remembers */
  readonly token: Promise<HeldToken | undefined>;
  /** Nothing of it is under way any more. Never throws. */
  readonly done: Promise<void>;
  /** What was obtained and is not stored yet, while it lives. */
  unstored(): UnstoredToken | undefined;
}

/** Served in this process alone, as long as the record still stands as the attempt acquired it, or the store is away. */
export interface UnstoredToken {
  readonly token: HeldToken;
  readonly base: TokenRecord;
  readonly usableUntil: LocalInstant;
}

export interface FlightOptions {
  /** Who the events name. */
  readonly actor: string;
  /** Aborted when the process closes: what is not sent is given back, what is sent is brought to an end. */
  readonly closing: AbortSignal;
}

export interface FlightCrew {
  readonly ports: FlightPorts;
  readonly opened: OpenedTokens;
  readonly saver: Saver;
  readonly keeper: RecordKeeper;
  readonly options: FlightOptions;
}

type ActingStep = Exclude<AttemptStep, { readonly do: 'finish' }>;

const RETRIES_OF_LESSER_WRITES = 6;

/** @param pass the place at the token endpoint's origin, given back when the attempt is over or only watches */
export function startFlight(
  { ports, opened, saver, keeper, options }: FlightCrew,
  plan: AttemptPlan,
  pass: OriginPass,
): Flight {
  const { clock, cipher, store } = ports;
  const { configuration, attempt } = plan;
  const timer = createLeaseTimer(clock, leaseTtlMs(plan));
  const figures = createAttemptMetrics(ports.metrics, plan);
  const settlement = Promise.withResolvers<HeldToken | undefined>();
  let unstored: UnstoredToken | undefined;
  let answered: { readonly outcome: ExchangeOutcome; readonly latencyMs: number } | undefined;

  const point = async (name: ProtocolPoint): Promise<void> => {
    await ports.onPoint?.(name, { attempt, recordId: configuration.id });
  };

  async function fly(): Promise<void> {
    const tools = { cipher, random: () => clock.random(), uuid: () => clock.uuid() };
    try {
      let state = startAttempt(plan);
      for (let { step } = state; step.do !== 'finish'; { step } = state) {
        await point(`${step.do}:before`);
        const result = await perform(state, step);
        figures.written(step, result);
        await point(`${step.do}:after`);
        state = nextStep(state, result, tools);
      }
      if (state.step.do === 'finish') land(state.step.end);
    } catch (error) {
      settlement.reject(error);
    } finally {
      unstored = undefined;
      pass.leave();
    }
  }

  function land(end: AttemptEnd): void {
    if (end.kind === 'failed') settlement.reject(errorOfAttempt(configuration, end.failed));
    else settlement.resolve(undefined);
  }

  async function perform(state: AttemptState, step: ActingStep): Promise<AttemptResult> {
    switch (step.do) {
      case 'acquire':
      case 'confirm':
      case 'extend':
        return await holdLease(step.write);
      case 'watch':
        pass.leave();
        return await watchForSuccessor(ports, baseOf(state), () => saver.replay(configuration.id), options.closing);
      case 'admit':
        return await askAdmission(ports, plan, options.closing);
      case 'send':
        return await send(state, step).catch(async (error: unknown) => await unopened(state, error));
      case 'save':
        return await save(state, step);
      case 'fail':
      case 'release':
        return await giveBack(step.write);
      case 'settle':
        await settleCredential(ports, plan, step.outcome, options.closing);
        return DONE;
      case 'end':
        await sendEnd(ports, configuration, baseOf(state), step.token);
        return DONE;
    }
  }

  async function holdLease(write: TokenTransition): Promise<AttemptResult> {
    timer.begin();
    try {
      const result = await store.apply(configuration.id, write);
      timer.replied(result.now);
      return resultOf(result);
    } catch (error) {
      if (isUnavailable(error)) return { kind: 'unknown' };
      throw error;
    }
  }

  async function send(state: AttemptState, { grant }: AttemptStep & { readonly do: 'send' }): Promise<AttemptResult> {
    const began = localInstant(clock);
    const sentAt = timer.storeNow();
    const start = { heldUp: false };
    const mayStart = (): boolean => {
      void point('send:first-byte');
      start.heldUp = options.closing.aborted || !timer.hasTime();
      return !start.heldUp;
    };
    const outcome = await observeTokenRequest(
      ports,
      factsOf(plan, grant),
      async () =>
        await sendGrant(ports, configuration, baseOf(state), { grant, mayStart }).catch((error: unknown) =>
          unexplained(configuration, grant, error),
        ),
    );
    if (!outcome.ok && !outcome.failure.sent && start.heldUp) return { kind: 'held-up' };
    answered = { outcome, latencyMs: clock.monotonic() - began.monotonic };
    figures.answered(outcome);
    pass.sign(signOf(outcome));
    if (outcome.ok) {
      const token = opened.unstored(baseOf(state), outcome.token, sentAt);
      const usableUntil = later(began, outcome.token.lifetime.ms ?? Number.POSITIVE_INFINITY);
      unstored = { token, base: baseOf(state), usableUntil };
    } else await tell(state, false);
    return { kind: 'answered', outcome, sentAt };
  }

  /** What was to be presented does not open: nothing was sent. A refresh token that is spoiled is kept aside, and the record goes on without it. */
  async function unopened(state: AttemptState, error: unknown): Promise<AttemptResult> {
    const isAside = await keeper.putAside(configuration, baseOf(state), 'rt', error);
    if (!isAside) settlement.reject(error);
    return { kind: 'held-up' };
  }

  async function save(state: AttemptState, step: AttemptStep & { readonly do: 'save' }): Promise<AttemptResult> {
    const result = await saver.save(configuration, step.write, {
      unstored: async () => {
        // The callers need not wait for the store.
        settlement.resolve(unstored?.token);
        await point('save:unstored');
      },
      point,
    });
    if (step.token !== undefined) {
      if (result.kind === 'applied') settlement.resolve(heldAfter(result, step.write.at?.id, step.token));
      const told = tell(state, result.kind === 'applied');
      // A process that ends does not wait for a store that is away.
      if (result.kind !== 'unknown') await told;
    }
    return result;
  }

  /** What a late attempt has stored may be a refresh token alone, beside somebody else's access token. */
  function heldAfter(
    { record, now }: AttemptResult & { readonly kind: 'applied' },
    id: string | undefined,
    token: ExchangedToken,
  ): HeldToken | undefined {
    return record.at.id === id ? opened.keep(record, token, now) : undefined;
  }

  /** Writes that may be lost: a lease ends by itself, a failure is met again. */
  async function giveBack(write: TokenTransition): Promise<AttemptResult> {
    for (let tried = 0; tried < RETRIES_OF_LESSER_WRITES; tried += 1) {
      try {
        return resultOf(await store.apply(configuration.id, write));
      } catch (error) {
        if (!isUnavailable(error)) throw error;
        // Whoever waits is told now; a release goes on behind.
        if (write.kind === 'release') settlement.reject(error);
        if (options.closing.aborted) break;
        await clock.sleep(100 * 2 ** tried, options.closing).catch(() => undefined);
      }
    }
    return { kind: 'unknown' };
  }

  async function tell(state: AttemptState, saved: boolean): Promise<void> {
    if (answered === undefined || state.base === undefined) return;
    const step = state.step.do === 'send' || state.step.do === 'save' ? state.step : undefined;
    if (step === undefined) return;
    const written = step.do === 'save' ? { written: step.write } : {};
    await ports.events.tell(
      attemptEvent({ plan, base: state.base, grant: step.grant, ...answered, actor: options.actor, saved, ...written }),
    );
  }

  /** One that is over is no better than none: its callers wait for the store. */
  function findUnstored(): UnstoredToken | undefined {
    return unstored !== undefined && isAhead(clock, unstored.usableUntil) ? unstored : undefined;
  }

  // Who has nobody waiting for it has nobody to tell.
  settlement.promise.catch(() => undefined);
  return { attempt, token: settlement.promise, done: fly(), unstored: findUnstored };
}

function factsOf({ configuration, reason }: AttemptPlan, grant: Grant): TokenRequestFacts {
  const { integration, scheme, exchange } = configuration;
  return { integration, scheme, grant: grant === 'refresh' ? 'refresh_token' : exchange.id, reason };
}

const DONE: AttemptResult = { kind: 'done' };

function baseOf({ base }: AttemptState): TokenRecord {
  if (base === undefined) throw new TypeError('Nothing was acquired.');
  return base.record;
}

/**
 * A fault of ours in the middle of a request: as if there had been no answer, so that the credentials are not sent again at every call.
 * @throws the error, where it is one that we throw by name: nothing was sent then
 */
function unexplained({ integration }: TokenConfiguration, grant: Grant, error: unknown): ExchangeOutcome {
  if (error instanceof EverbearerError) throw error;
  const failure: ExchangeFailure = {
    class: grant === 'refresh' ? 'in_doubt' : 'transient',
    error: 'internal',
    message: `The token request of "${integration}" failed unexpectedly. Please report it.`,
    step: '',
    origin: '',
    sent: true,
  };
  return { ok: false, failure };
}

function signOf(outcome: ExchangeOutcome): OriginSign {
  if (outcome.ok) return 'alive';
  const { status, class: failureClass } = outcome.failure;
  if (status !== undefined) return status >= 500 ? 'dead' : 'alive';
  return failureClass === 'transient' || failureClass === 'in_doubt' ? 'dead' : 'nothing';
}
