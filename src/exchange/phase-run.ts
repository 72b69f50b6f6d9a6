/** One phase of an exchange under way: what its steps have given so far, and what is told when one fails. */
import type { HttpResponseHead } from '../kernel/http-client.ts';
import type { Json } from '../kernel/json.ts';
import type { Answer } from './answer.ts';
import type { CompiledExchange, CompiledStep, PhaseName } from './compiled-exchange.ts';
import { failureOf } from './failure.ts';
import type { ExchangeFailure } from './exchange-outcome.ts';
import type { ExchangeRequest, PresentedToken } from './exchange-request.ts';
import { fieldsOfDoneSteps, type PhaseAnswers } from './extract-token.ts';
import type { JsonpathQuery } from './foreign-formats.ts';
import { knownValues } from './known-values.ts';
import type { Outputs } from './step-context.ts';
import { urlSetting } from './step-url.ts';
import type { Verdict } from './verdict.ts';

/** Fixed for the phase. */
export interface PhasePlan {
  readonly compiled: CompiledExchange;
  readonly phase: PhaseName;
  readonly steps: readonly CompiledStep[];
  readonly request: ExchangeRequest;
  /** With the document's defaults. */
  readonly inputs: Readonly<Record<string, Json>>;
  readonly jsonpath?: JsonpathQuery;
}

/** Grows with every step. */
export interface PhaseProgress {
  readonly outputs: Readonly<Record<string, Outputs>>;
  readonly answers: ReadonlyMap<string, Answer>;
  /** Whether a byte may have been written. */
  readonly sent: boolean;
  /** Whether a step that may have been sent carried the refresh token. */
  readonly presentedRefreshToken: boolean;
  /** Of the step that is under way or was the last. */
  readonly step: string;
  readonly url?: URL;
  readonly answer?: Answer;
  /** The beginning of an answer that never was complete. */
  readonly head?: HttpResponseHead;
  /** Our wall clock when its request was sent, epoch ms. */
  readonly sentAt: number;
}

/** What a phase came to. */
export type PhaseRun =
  | { readonly ok: true; readonly progress: PhaseProgress }
  | { readonly ok: false; readonly progress: PhaseProgress; readonly failure: ExchangeFailure };

export function phaseStart(plan: PhasePlan, now: number): PhaseProgress {
  const step = plan.steps[0]?.step.name ?? plan.phase;
  return { outputs: {}, answers: new Map(), sent: false, presentedRefreshToken: false, step, sentAt: now };
}

/** The progress as it stands when the next step begins: nothing of the last one is told in its place. */
export function stepStart(progress: PhaseProgress, step: string, now: number): PhaseProgress {
  const { url: _url, answer: _answer, head: _head, ...rest } = progress;
  return { ...rest, step, sentAt: now };
}

/** The phase's failure at the step that is under way. */
export function failed(plan: PhasePlan, progress: PhaseProgress, verdict: Verdict): PhaseRun & { readonly ok: false } {
  const { url, answer, head, sentAt, step, sent, outputs } = progress;
  const { token = {} } = plan.request;
  const refreshToken = broughtRefreshToken(plan, progress);
  const known = knownValues({ declared: plan.compiled.exchange.inputs, inputs: plan.inputs, token, steps: outputs });
  const failure = failureOf(verdict, {
    step,
    ...(url === undefined ? {} : { url }),
    ...(answer === undefined ? {} : { answer }),
    ...(head === undefined ? {} : { head }),
    urlSetting: urlSettingOf(plan, step),
    sent,
    inDoubt: isInDoubt(plan, progress, verdict, refreshToken),
    known:
      refreshToken === undefined ? known : [...known, { name: 'refresh_token', value: refreshToken, secret: true }],
    now: sentAt,
    ...(refreshToken === undefined ? {} : { refreshToken }),
  });
  return { ok: false, progress, failure };
}

function urlSettingOf(plan: PhasePlan, name: string): string {
  const step = plan.steps.find((candidate) => candidate.step.name === name);
  return step === undefined ? 'the URL' : urlSetting(step, plan.inputs);
}

/** One that came although the phase failed (test 54): worth keeping, unless what it belongs to is about to be ended. */
function broughtRefreshToken(plan: PhasePlan, progress: PhaseProgress): string | undefined {
  const complete = progress.answers.size === plan.steps.length;
  const isKept =
    plan.phase === 'refresh' || (plan.phase === 'acquire' && complete && plan.compiled.exchange.end === null);
  return isKept ? tokenSoFar(plan, progress).refresh_token : undefined;
}

/** A successor settles it. So does a definite answer, unless an earlier step has already got through with the refresh token. */
function isInDoubt(
  plan: PhasePlan,
  progress: PhaseProgress,
  verdict: Verdict,
  refreshToken: string | undefined,
): boolean {
  if (refreshToken !== undefined && refreshToken !== plan.request.token?.refresh_token) return false;
  const spent = plan.steps.some((step) => progress.answers.has(step.step.name) && carriesRefreshToken(plan, step));
  return progress.presentedRefreshToken && (spent || !verdict.definite);
}

/** Whether a step of a refresh carries the refresh token: by its name, or (some providers swap headers) as the access token that it is. */
export function carriesRefreshToken(plan: PhasePlan, { paths }: CompiledStep): boolean {
  return plan.phase === 'refresh' && (paths.has('token.refresh_token') || paths.has('token.access_token'));
}

/** `undefined` before the first answer. */
export function answersOf(plan: PhasePlan, progress: PhaseProgress): PhaseAnswers | undefined {
  const last = [...progress.answers.values()].at(-1);
  if (last === undefined) return undefined;
  const { phase, jsonpath } = plan;
  return { phase, byStep: progress.answers, last, ...(jsonpath === undefined ? {} : { jsonpath }) };
}

/** The token's fields as far as steps that are done have brought them: what a failed phase leaves behind. */
export function tokenSoFar(plan: PhasePlan, progress: PhaseProgress): PresentedToken {
  const answers = answersOf(plan, progress);
  if (answers === undefined) return {};
  return fieldsOfDoneSteps(plan.request.exchange, answers, progress.answers.size === plan.steps.length);
}
