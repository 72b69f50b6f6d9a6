/**
 * One attempt at a token under the lease, as a pure machine: a step says what to do next, and for each step one function says what follows from its
 * result. Whoever runs it (token-flight.ts; a model in the tests) does the effects. docs/token-lifecycle.md draws it.
 *
 *   acquire ─► refresh ─► save
 *      │          │ refused, or in doubt and there are other credentials: extend
 *      ├────────► admit ─► primary ─► save
 *      │          │ not let through, or refused, and a refresh token of another's doubt is there
 *      └────────► watch ─► extend ─► refresh (the token again) ─► save
 */
import type { ExchangedToken, ExchangeFailure, ExchangeOutcome } from '../exchange/exchange-outcome.ts';
import type { AttemptBase, AttemptPlan, Grant } from './attempt-plan.ts';
import { acquireOf, extendOf, failOf, saveOf, type WriteTools } from './attempt-writes.ts';
import { credentialOutcomeOf } from './credential-outcome.ts';
import type { CredentialBar, CredentialOutcome } from './credential-record.ts';
import { failedAttempt, failureOfBar, type Failed } from './failure.ts';
import type { TokenRecord } from './token-record.ts';
import { isBlocking, isPresentable } from './token-state.ts';
import type { Acquire, Extend, Fail, Release, Save } from './token-transition.ts';

/** What to do next. */
export type AttemptStep =
  | { readonly do: 'acquire'; readonly write: Acquire }
  /** Asks whether an acquire of unknown outcome was applied. */
  | { readonly do: 'confirm'; readonly write: Extend }
  /** Waits, because whoever took the refresh token up may still bring its successor. */
  | { readonly do: 'watch' }
  /** Through the credential guard. */
  | { readonly do: 'admit' }
  | { readonly do: 'extend'; readonly write: Extend; readonly grant: Grant }
  | { readonly do: 'send'; readonly grant: Grant }
  /** `token` absent: only a refresh token came; `failed` says why. */
  | {
      readonly do: 'save';
      readonly write: Save;
      readonly grant: Grant;
      readonly token?: ExchangedToken;
      readonly failed?: Failed;
    }
  | { readonly do: 'fail'; readonly write: Fail; readonly failed: Failed }
  | { readonly do: 'release'; readonly write: Release; readonly then: AttemptEnd }
  /** Tells the credential guard what came of the try. */
  | { readonly do: 'settle'; readonly outcome: CredentialOutcome; readonly then: AttemptStep }
  /** Ends a token that nobody will use: `token`, which was dropped (M10); without it the one that stood at the acquire and was replaced. */
  | { readonly do: 'end'; readonly token?: ExchangedToken; readonly then: AttemptStep }
  | { readonly do: 'finish'; readonly end: AttemptEnd };

/** `again`: somebody else was first, look again. */
export type AttemptEnd =
  { readonly kind: 'stored' } | { readonly kind: 'again' } | { readonly kind: 'failed'; readonly failed: Failed };

/** The attempt so far. */
export interface AttemptState {
  readonly plan: AttemptPlan;
  readonly step: AttemptStep;
  /** What was acquired; absent before. */
  readonly base?: AttemptBase;
  /** Whether a token request has been made since the lease was last made to last. */
  readonly sent: boolean;
  /** Whether the guard's lease is held. */
  readonly admitted: boolean;
  /** What the own refresh left in doubt. */
  readonly doubtful?: ExchangeFailure;
  /** The provider refused the refresh token in this attempt. */
  readonly refusedRt: boolean;
  /** Why there is nothing else to present than a refresh token in doubt. */
  readonly barred?: Failed;
}

/** What came of a step. */
export type AttemptResult =
  /** Of a write. `now`: the store's clock. */
  | { readonly kind: 'applied'; readonly record: TokenRecord; readonly now: number }
  /** `repeated`: an earlier try of the same write had an unknown outcome, so that it may have been made and overwritten since. */
  | { readonly kind: 'refused'; readonly record?: TokenRecord; readonly repeated?: boolean }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'admitted' }
  | { readonly kind: 'barred'; readonly bar: CredentialBar; readonly now: number }
  /** Of a watch: whether the record still stands as acquired. */
  | { readonly kind: 'watched'; readonly unchanged: boolean }
  | { readonly kind: 'answered'; readonly outcome: ExchangeOutcome; readonly sentAt: number }
  /** It was too late to begin, or the process is closing: no byte was written. */
  | { readonly kind: 'held-up' }
  | { readonly kind: 'done' };

export function startAttempt(plan: AttemptPlan): AttemptState {
  const step: AttemptStep = { do: 'acquire', write: acquireOf(plan) };
  return { plan, step, sent: false, admitted: false, refusedRt: false };
}

/** The attempt after the result of its step. */
export function nextStep(state: AttemptState, result: AttemptResult, tools: WriteTools): AttemptState {
  const { step } = state;
  switch (step.do) {
    case 'acquire':
      return afterAcquire(state, result);
    case 'confirm':
      return afterConfirm(state, result);
    case 'watch':
      return afterWatch(state, result);
    case 'admit':
      return afterAdmit(state, result, tools);
    case 'extend':
      return afterExtend(state, step, result);
    case 'send':
      return step.grant === 'refresh' ? afterRefresh(state, result, tools) : afterPrimary(state, result, tools);
    case 'save':
      return afterSave(state, step, result);
    case 'fail':
      return afterFail(state, step, result);
    case 'release':
      return finished(state, step.then);
    case 'settle':
      return { ...state, admitted: false, step: step.then };
    case 'end':
      return { ...state, step: step.then };
    case 'finish':
      throw new TypeError('The attempt is over.');
  }
}

const AGAIN: AttemptEnd = { kind: 'again' };

function afterAcquire(state: AttemptState, result: AttemptResult): AttemptState {
  switch (result.kind) {
    case 'applied':
      return withLease(state, result);
    case 'unknown':
      return { ...state, step: { do: 'confirm', write: extendOf(state.plan) } };
    default:
      return finished(state, AGAIN);
  }
}

/** No match: not held. Still unknown, or somebody has written since the acquire: what was acquired is given back, and looked at again. */
function afterConfirm(state: AttemptState, result: AttemptResult): AttemptState {
  if (result.kind === 'refused') return finished(state, AGAIN);
  const stands = result.kind === 'applied' && isAsAcquired(state.plan, result);
  return stands ? withLease(state, result) : released(state, true);
}

/** Whether the record is the one that the acquire matched: an edit, a token by hand or a late save in between has taken the reason for the attempt away. */
function isAsAcquired(
  { configuration, seen, offersRefused }: AttemptPlan,
  { record, now }: AttemptResult & { readonly kind: 'applied' },
): boolean {
  if (record.rev !== configuration.rev || record.at.id !== seen.at.id) return false;
  // The acquire left a doubt at what it found presentable: without one it is another refresh token.
  const presents = configuration.presentsRefreshToken && isPresentable(record.rt, now, offersRefused);
  return !presents || record.rt.doubt !== undefined;
}

/** The grant is chosen from the record after the write, not from what was read before (M6). */
function withLease(state: AttemptState, { record, now }: AttemptResult & { readonly kind: 'applied' }): AttemptState {
  const { configuration, attempt, offersRefused } = state.plan;
  const held: AttemptState = { ...state, base: { record, acquiredAt: now } };
  if (!configuration.presentsRefreshToken || !isPresentable(record.rt, now, offersRefused)) return toPrimary(held);
  if (record.rt.doubt?.attempt === attempt) return { ...held, step: { do: 'send', grant: 'refresh' } };
  return configuration.hasPrimary ? toPrimary(held) : watching(held);
}

/** Towards a primary grant: the lease lasts for another request, the guard lets it through, then it is sent. */
function toPrimary(state: AttemptState): AttemptState {
  const { configuration } = state.plan;
  if (!configuration.hasPrimary) return released(state, true);
  if (state.sent) {
    const write = extendOf(state.plan, state.base, state.refusedRt ? { refusesRt: true } : {});
    return { ...state, step: { do: 'extend', write, grant: 'primary' } };
  }
  const isGuarded = configuration.credentialId !== undefined && !state.admitted;
  return { ...state, step: isGuarded ? { do: 'admit' } : { do: 'send', grant: 'primary' } };
}

function watching(state: AttemptState): AttemptState {
  return { ...state, step: { do: 'watch' } };
}

function afterWatch(state: AttemptState, result: AttemptResult): AttemptState {
  if (result.kind !== 'watched' || !result.unchanged) return leaving(state);
  const write = extendOf(state.plan, state.base, { replaysRt: true });
  return { ...state, step: { do: 'extend', write, grant: 'refresh' } };
}

function afterExtend(
  state: AttemptState,
  { grant }: AttemptStep & { readonly do: 'extend' },
  result: AttemptResult,
): AttemptState {
  // No extension, no request (M8).
  if (result.kind !== 'applied') return leaving(state);
  const extended: AttemptState = { ...state, sent: false };
  return grant === 'primary' ? toPrimary(extended) : { ...extended, step: { do: 'send', grant } };
}

function afterAdmit(state: AttemptState, result: AttemptResult, tools: WriteTools): AttemptState {
  if (result.kind === 'admitted') return toPrimary({ ...state, admitted: true });
  if (result.kind !== 'barred' || result.bar.kind === 'busy') return leaving(state);
  return withoutPrimary(state, failureOfBar(state.plan.configuration, result.bar, result.now), tools);
}

/** The primary credentials are of no use. A refresh token that is only in doubt may still be (M4). */
function withoutPrimary(state: AttemptState, barred: Failed, tools: WriteTools): AttemptState {
  const { record, acquiredAt } = required(state.base);
  const mayPresent = state.plan.configuration.presentsRefreshToken && isPresentable(record.rt, acquiredAt);
  if (!mayPresent || state.refusedRt) return failing(state, barred);
  // What this attempt itself has put in doubt is for the next one, which gives a late answer its time.
  if (state.doubtful !== undefined) return failing(state, failedHere(state, state.doubtful, tools));
  return watching({ ...state, barred });
}

function afterRefresh(state: AttemptState, result: AttemptResult, tools: WriteTools): AttemptState {
  if (result.kind !== 'answered') return leaving(state);
  const { outcome, sentAt } = result;
  const sent: AttemptState = { ...state, sent: true };
  if (outcome.ok) return saving(sent, 'refresh', outcome.token, sentAt, tools);
  const { failure } = outcome;
  if (failure.refresh_token !== undefined) return savingRefreshToken(sent, failure, sentAt, tools);
  const failed = failedHere(state, failure, tools);
  if (failure.class === 'refresh_token') return afterRefusedRefresh({ ...sent, refusedRt: true }, failed);
  if (failure.class === 'in_doubt') return afterDoubtfulRefresh({ ...sent, doubtful: failure }, failed);
  return failing(sent, failed);
}

function afterRefusedRefresh(state: AttemptState, failed: Failed): AttemptState {
  const other = state.barred ?? (state.plan.configuration.hasPrimary ? undefined : failed);
  return other === undefined ? toPrimary(state) : failing(state, other);
}

function afterDoubtfulRefresh(state: AttemptState, failed: Failed): AttemptState {
  const hasOther = state.barred === undefined && state.plan.configuration.hasPrimary;
  return hasOther ? toPrimary(state) : failing(state, failed);
}

function afterPrimary(state: AttemptState, result: AttemptResult, tools: WriteTools): AttemptState {
  if (result.kind !== 'answered') return leaving(state);
  const { outcome, sentAt } = result;
  const sent: AttemptState = { ...state, sent: true };
  if (outcome.ok) return saving(sent, 'primary', outcome.token, sentAt, tools);
  const { failure } = outcome;
  const failed = failedHere(state, failure, tools);
  const next =
    failure.refresh_token !== undefined
      ? savingRefreshToken(sent, failure, sentAt, tools)
      : isBlocking(failed.recorded)
        ? withoutPrimary(sent, failed, tools)
        : failing(sent, failed);
  // What was obtained is stored before anything else is told.
  return next.step.do === 'save' ? next : settling(next, credentialOutcomeOf(failure));
}

/** Tells the guard first, where its lease is held. */
function settling(state: AttemptState, outcome: CredentialOutcome): AttemptState {
  return state.admitted ? { ...state, step: { do: 'settle', outcome, then: state.step } } : state;
}

function saving(
  state: AttemptState,
  grant: Grant,
  token: ExchangedToken,
  sentAt: number,
  tools: WriteTools,
): AttemptState {
  const write = saveOf(tools, state.plan, required(state.base), { grant, token, sentAt });
  return { ...state, step: { do: 'save', write, grant, token } };
}

/** A refresh token that came without a usable access token: stored, the failure beside it. */
function savingRefreshToken(
  state: AttemptState,
  failure: ExchangeFailure,
  sentAt: number,
  tools: WriteTools,
): AttemptState {
  const grant: Grant = state.step.do === 'send' ? state.step.grant : 'primary';
  const failed = failedHere(state, failure, tools);
  const write = saveOf(tools, state.plan, required(state.base), { grant, failed, failure, sentAt });
  return { ...state, step: { do: 'save', write, grant, failed } };
}

function afterSave(
  state: AttemptState,
  step: AttemptStep & { readonly do: 'save' },
  result: AttemptResult,
): AttemptState {
  // The process ends first. Whoever sends what it has spooled finds the lease as it stands; nothing else is worth its last seconds.
  if (result.kind === 'unknown') return finished(state, AGAIN);
  const landed = result.kind === 'applied' || (result.kind === 'refused' && bears(result.record, step.write));
  const end: AttemptEnd = step.failed === undefined ? { kind: 'stored' } : { kind: 'failed', failed: step.failed };
  const next = landed ? ending(finished(state, end), step, result) : dropped(state, step, result);
  return step.grant === 'primary' ? settling(next, { kind: 'worked' }) : next;
}

/** Logs a session out that a sign-in has replaced: the provider may allow so many at once, and refuse the next (F67). */
function ending(
  state: AttemptState,
  { grant, write }: AttemptStep & { readonly do: 'save' },
  result: AttemptResult,
): AttemptState {
  if (grant !== 'primary' || state.plan.configuration.exchange.end === null) return state;
  const { record } = required(state.base);
  const isInForce = 'record' in result && result.record.at.by === write.attempt;
  // A token that a person set is the person's to end, and a refresh token that is kept needs its session.
  const isOurs = record.at.sealed !== undefined && record.at.by !== 'manual' && record.at.fp !== write.at?.fp;
  const isOver = record.rt === undefined || write.rt !== undefined;
  return isInForce && isOurs && isOver ? { ...state, step: { do: 'end', then: state.step } } : state;
}

/** A save whose reply was lost is recognised by what it wrote. */
function bears(record: TokenRecord | undefined, { attempt }: Save): boolean {
  return record?.at.by === attempt || record?.rt?.by === attempt;
}

/** A token of a primary grant that was not stored is ended; the grant of a refresh lives on. One that may have been stored is not ended (M10). */
function dropped(
  state: AttemptState,
  { grant, token, write }: AttemptStep & { readonly do: 'save' },
  result: AttemptResult,
): AttemptState {
  const spentNothing = grant === 'refresh' ? write.rt === undefined : state.doubtful === undefined;
  const next = released(state, spentNothing);
  const mayStand = result.kind !== 'refused' || result.repeated === true;
  const isEnded = grant === 'primary' && !mayStand && state.plan.configuration.exchange.end !== null;
  return isEnded && token !== undefined ? { ...next, step: { do: 'end', token, then: next.step } } : next;
}

/** Where something newer stands, the failure says nothing. */
function afterFail(
  state: AttemptState,
  { failed, write }: AttemptStep & { readonly do: 'fail' },
  result: AttemptResult,
): AttemptState {
  const isStale =
    result.kind === 'refused' || (result.kind === 'applied' && result.record.lw !== `${write.attempt}:fail`);
  return finished(state, isStale ? AGAIN : { kind: 'failed', failed });
}

/** Failures in a row are counted on from the record as it was acquired: what was read before may be behind it. */
function failedHere({ plan, base }: AttemptState, failure: ExchangeFailure, tools: WriteTools): Failed {
  return failedAttempt(failure, { configuration: plan.configuration, seen: required(base).record }, tools);
}

function failing(state: AttemptState, failed: Failed): AttemptState {
  const unspent = state.doubtful === undefined;
  const write = failOf(state.plan, required(state.base), { failed, unspent, refusesRt: state.refusedRt });
  return { ...state, step: { do: 'fail', write, failed } };
}

/** Before the next request: the lease goes back, and an admission that was not used. */
function leaving(state: AttemptState): AttemptState {
  return settling(released(state, state.doubtful === undefined), { kind: 'untried' });
}

/** Nothing more will be sent. */
function released(state: AttemptState, unspent: boolean): AttemptState {
  const step: AttemptStep = {
    do: 'release',
    write: { kind: 'release', attempt: state.plan.attempt, unspent },
    then: AGAIN,
  };
  return { ...state, step };
}

function finished(state: AttemptState, end: AttemptEnd): AttemptState {
  return { ...state, step: { do: 'finish', end } };
}

function required(base: AttemptBase | undefined): AttemptBase {
  if (base === undefined) throw new TypeError('Nothing was acquired.');
  return base;
}
