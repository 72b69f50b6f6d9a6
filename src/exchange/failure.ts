/** What is told of a failed exchange: which host said what, and what to change. Everything of others' making passes the redaction. */
import { isObject } from '../kernel/json.ts';
import { redactSample, redactText, type KnownValue } from '../kernel/redact.ts';
import type { Answer } from './answer.ts';
import type { ExchangeFailure } from './exchange-outcome.ts';
import { retryAfterMs } from './retry-after.ts';
import type { Verdict } from './verdict.ts';

export interface FailureFacts {
  readonly step: string;
  /** Absent where no URL could be made. */
  readonly url?: URL;
  readonly answer?: Answer;
  readonly sent: boolean;
  /** Whether a refresh token went out and nothing says what became of it (token-lifecycle §3.6). */
  readonly inDoubt: boolean;
  readonly known: readonly KnownValue[];
  readonly now: number;
  /** One that came although the access token was unusable. */
  readonly refreshToken?: string;
}

export function failureOf(verdict: Verdict, facts: FailureFacts): ExchangeFailure {
  const { answer, known } = facts;
  const error = publicWord(verdict.error, known) ?? (answer === undefined ? 'refused' : `http_${answer.status}`);
  const retryMs = answer === undefined ? undefined : retryAfterMs(answer.headers, facts.now);
  return {
    class: facts.inDoubt ? 'in_doubt' : verdict.class,
    error,
    message: sentence({ ...verdict, error }, facts),
    step: facts.step,
    origin: facts.url?.origin ?? '',
    sent: facts.sent,
    ...answerFacts(answer, known),
    ...(retryMs === undefined ? {} : { retryAfterMs: retryMs }),
    ...(facts.refreshToken === undefined ? {} : { refresh_token: facts.refreshToken }),
  };
}

function answerFacts(
  answer: Answer | undefined,
  known: readonly KnownValue[],
): Pick<ExchangeFailure, 'status' | 'contentType' | 'sample'> {
  if (answer === undefined) return {};
  const sample = redactSample(sampleText(answer), known);
  const mediaType = /^[\w.+-]{1,40}\/[\w.+-]{1,60}/.exec(answer.contentType ?? '')?.[0].toLowerCase();
  const contentType = mediaType === undefined ? undefined : publicWord(mediaType, known);
  return {
    status: answer.status,
    ...(contentType === undefined ? {} : { contentType }),
    ...(sample === '' ? {} : { sample }),
  };
}

/** A success that was not understood may hold the token at a place nobody looks at: then only its shape is told. */
function sampleText(answer: Answer): string {
  const isSuccess = answer.status >= 200 && answer.status <= 299;
  return isSuccess && 'data' in answer.body ? JSON.stringify(shapeOf(answer.body.data)) : answer.text;
}

/** The same structure, with the kind of each value in its place. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (!isObject(value)) return value === null ? null : typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, shapeOf(member)]));
}

function sentence(verdict: Verdict, facts: FailureFacts): string {
  const words = verdict.detail === undefined ? '' : redactText(verdict.detail, facts.known);
  const quoted = words === '' ? '' : `: "${words}"`;
  return `${whatHappened(verdict.error, facts)}${quoted}. ${verdict.advice}`;
}

function whatHappened(error: string, { step, url, answer }: FailureFacts): string {
  const where = `(step "${step}")`;
  if (url === undefined) return `The token request could not be made ${where}`;
  if (answer === undefined) return `The token request to ${url.host} failed ${where}: ${error}`;
  const code = error === `http_${answer.status}` ? '' : ` ${error}`;
  return `${url.host} answered ${answer.status}${code} ${where}`;
}

/** A short word of a provider's may be shown as it is, unless it is more than a word. */
function publicWord(word: string, known: readonly KnownValue[]): string | undefined {
  return word.length <= 80 && redactText(word, known) === word ? word : undefined;
}
