/** From a step's answer to its outputs, or to the verdict why there are none. Pure: an answer in, a value out. */
import type { Json } from '../kernel/json.ts';
import { valueAt } from '../kernel/json-pointer.ts';
import { firstHeader, type Answer } from './answer.ts';
import { oauthErrorOf, verdictOnRefusal } from './classification.ts';
import type { Condition, ErrorRule, Step } from './exchange.ts';
import { dataOf, describeReading, needsData, readValue, textOf, type Reading } from './extraction.ts';
import type { JsonpathQuery } from './foreign-formats.ts';
import type { GrantKind } from './grant-kind.ts';
import { likelyTokenPointer } from './likely-token-pointer.ts';
import type { Outputs } from './step-context.ts';
import type { Verdict } from './verdict.ts';

export type StepResult =
  { readonly ok: true; readonly outputs: Outputs } | { readonly ok: false; readonly verdict: Verdict };

export interface StepReading {
  readonly grant: GrantKind;
  /** Where the request went. */
  readonly url: URL;
  readonly jsonpath?: JsonpathQuery;
}

/** Success = status rule, no `unless`, no error rule, every output found (F22). */
export function processStepResponse(step: Step, answer: Answer, reading: StepReading): StepResult {
  const refusal = refusalOf(step, answer, reading);
  return refusal === undefined ? readOutputs(step, answer, reading) : { ok: false, verdict: refusal };
}

function refusalOf(step: Step, answer: Answer, reading: StepReading): Verdict | undefined {
  const rule = step.errors?.find(({ when }) => holds(when, answer));
  if (rule !== undefined) return verdictOfRule(rule, answer, reading);
  if (!hasSuccessStatus(step, answer.status)) {
    return isRedirect(answer) ? redirected(answer, reading.url) : verdictOnRefusal(answer, reading.grant);
  }
  if (answer.encodingProblem !== undefined) return undecodable(answer.encodingProblem);
  if (step.success?.unless !== undefined && holds(step.success.unless, answer)) return refusedInside(answer, reading);
  // A member called "error" means nothing where a document brings its own rules.
  const judgesItself = step.success?.unless !== undefined || step.errors !== undefined;
  return !judgesItself && oauthErrorOf(answer) !== undefined ? verdictOnRefusal(answer, reading.grant) : undefined;
}

function hasSuccessStatus(step: Step, status: number): boolean {
  return step.success?.status?.includes(status) ?? (status >= 200 && status <= 299);
}

/** Whether everything that a condition names holds. */
export function holds(condition: Condition, answer: Answer): boolean {
  if (condition.status !== undefined && !condition.status.includes(answer.status)) return false;
  const value = condition.pointer === undefined ? answer.text : valueAt(dataOf(answer), condition.pointer);
  if (condition.contains !== undefined && !contains(value, condition.contains)) return false;
  if (condition.pointer === undefined) return condition.status !== undefined || condition.contains !== undefined;
  return condition.equals === undefined ? value !== undefined && value !== null : isSame(value, condition.equals);
}

function contains(value: unknown, part: string): boolean {
  return (textOf(value) ?? '').toLowerCase().includes(part.toLowerCase());
}

function isSame(value: unknown, expected: Json): boolean {
  return value === expected || JSON.stringify(value) === JSON.stringify(expected);
}

/** A rule of the document is definite: who wrote it knows the provider. */
function verdictOfRule(rule: ErrorRule, answer: Answer, reading: StepReading): Verdict {
  const detail = rule.message === undefined ? undefined : textOf(readValue(rule.message, answer, reading.jsonpath));
  const failure = rule.class === 'refresh_token' && reading.grant !== 'refresh' ? 'credentials' : rule.class;
  return {
    class: failure,
    error: oauthErrorOf(answer) ?? `http_${answer.status}`,
    advice: RULE_ADVICE[failure],
    definite: true,
    ...(detail === undefined ? {} : { detail }),
  };
}

const RULE_ADVICE: Readonly<Record<ErrorRule['class'], string>> = {
  credentials: 'The credentials are refused. Check them.',
  configuration: 'The provider refuses the request for another reason than the credentials.',
  transient: 'It is tried again later.',
  refresh_token: 'The refresh token is no longer accepted.',
};

/** The document says that this answer, though its status is fine, means no. */
function refusedInside(answer: Answer, reading: StepReading): Verdict {
  const verdict = verdictOnRefusal(answer, reading.grant);
  if (oauthErrorOf(answer) !== undefined) return verdict;
  const failure = {
    client: 'configuration',
    login: 'credentials',
    refresh: 'refresh_token',
    end: 'configuration',
  } as const;
  return { ...verdict, class: failure[reading.grant], error: 'refused', advice: REFUSED_ADVICE, definite: true };
}

const REFUSED_ADVICE = 'The answer says no although its status is fine. Check the credentials.';

function isRedirect(answer: Answer): boolean {
  return answer.status >= 300 && answer.status <= 399 && answer.status !== 304;
}

/** A redirect is never followed: it would carry the secret to wherever it points (F28). Only its host is told. */
function redirected(answer: Answer, from: URL): Verdict {
  const location = firstHeader(answer.headers, 'location') ?? '';
  const host = URL.canParse(location, from.href) ? new URL(location, from).host : 'no URL';
  return {
    class: 'configuration',
    error: 'redirect',
    advice: 'Redirects are not followed: the credentials would go along. If the new address is right, set it as {url}.',
    detail: `Location: ${host}`,
    definite: true,
  };
}

function undecodable(problem: string): Verdict {
  const advice = `The answer ${problem}. It is tried again later; if that goes on, check {url}.`;
  return { class: 'transient', error: 'encoding', advice, definite: false };
}

function readOutputs(step: Step, answer: Answer, reading: StepReading): StepResult {
  const outputs: Record<string, Json> = {};
  for (const [name, output] of Object.entries(step.outputs ?? {})) {
    const value = readValue(output, answer, reading.jsonpath);
    if (value === undefined || value === null || value === '') {
      return { ok: false, verdict: nothingAt(output, answer, `the output "${name}"`) };
    }
    outputs[name] = value as Json;
  }
  return { ok: true, outputs };
}

/** The verdict on a successful answer in which something is not where it should be (F24: a page of a proxy; F23: another path). */
export function nothingAt(reading: Reading, answer: Answer, what: string): Verdict {
  const { kind } = answer.body;
  if (kind === 'html' || (needsData(reading) && dataOf(answer) === undefined)) {
    return {
      class: 'transient',
      error: 'not_json',
      advice: NOT_JSON[kind === 'html' || kind === 'empty' ? kind : 'text'],
      definite: false,
    };
  }
  const likely = likelyTokenPointer(dataOf(answer));
  const perhaps = likely === undefined ? '' : ` Perhaps it is at ${likely}.`;
  return {
    class: 'configuration',
    error: 'no_token',
    advice: `There is no value for ${what} at ${describeReading(reading)}.${perhaps} Correct the exchange's path (docs/exchanges.md).`,
    definite: false,
  };
}

const NOT_JSON = {
  html: 'The answer is an HTML page: a proxy, a sign-in or a maintenance page may have answered instead. It is tried again later; if that goes on, check {url}.',
  empty: 'The answer is empty. It is tried again later; if that goes on, check {url}.',
  text: 'The answer is no JSON, form or XML, or only a part of it: something on the way may have answered, or cut it. It is tried again later; if that goes on, check {url}. Where the whole body is the token, let the exchange read it with "text": true.',
} as const;
