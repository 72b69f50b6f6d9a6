/** What is told of a failed exchange: which host said what, and what to change. Everything of others' making passes the redaction. */
import type { HttpResponseHead } from '../kernel/http-client.ts';
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
  /** The beginning of an answer that never was complete. */
  readonly head?: HttpResponseHead;
  /** What a person changes to change the URL, e.g. `token_url`. */
  readonly urlSetting: string;
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
    ...headFacts(answer ?? facts.head, known),
    ...(answer === undefined ? {} : sampleOf(answer, known)),
    ...(retryMs === undefined ? {} : { retryAfterMs: retryMs }),
    ...(facts.refreshToken === undefined ? {} : { refresh_token: facts.refreshToken }),
  };
}

function headFacts(
  head: HttpResponseHead | undefined,
  known: readonly KnownValue[],
): Pick<ExchangeFailure, 'status' | 'contentType'> {
  if (head === undefined) return {};
  const mediaType = /^[\w.+-]{1,40}\/[\w.+-]{1,60}/.exec(head.contentType ?? '')?.[0].toLowerCase();
  const contentType = mediaType === undefined ? undefined : publicWord(mediaType, known);
  return { status: head.status, ...(contentType === undefined ? {} : { contentType }) };
}

function sampleOf(answer: Answer, known: readonly KnownValue[]): Pick<ExchangeFailure, 'sample'> {
  const sample = redactSample(sampleText(answer), known);
  return sample === '' ? {} : { sample };
}

/** A success that was not understood may hold the token at a place nobody looks at: then only its shape is told. */
function sampleText({ status, body, text }: Answer): string {
  if (status < 200 || status > 299) return text;
  if ('data' in body) return JSON.stringify(shapeOf(body.data));
  return body.kind === 'text' ? shapeOfText(text.trim()) : text;
}

/** One word may be the token itself; of what begins as JSON and does not end as such every value may be; of prose, a word with a digit in it. */
function shapeOfText(text: string): string {
  if (/^[{["]/.test(text)) return text.replace(BROKEN_JSON_VALUE, shapeOfValue);
  if (/^\S+$/.test(text) && !text.startsWith('<')) return `one word of ${text.length} characters`;
  return text.replace(/[\w.~+/=-]{8,}/g, (word) => (/\d/.test(word) ? '[redacted]' : word));
}

/** A string, also one that is cut off, with the colon that makes it a name; or a number. */
const BROKEN_JSON_VALUE = /"(?:[^"\\]|\\.)*(?:"|$)(?<colon>\s*:)?|-?\d[\w.+-]*/gs;

function shapeOfValue(value: string, colon: string | undefined): string {
  if (colon !== undefined) return value;
  return value.startsWith('"') ? '"string"' : 'number';
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
  return `${whatHappened(verdict.error, facts)}${quoted}. ${verdict.advice.replaceAll('{url}', () => facts.urlSetting)}`;
}

function whatHappened(error: string, { step, url, answer, head }: FailureFacts): string {
  const where = `(step "${step}")`;
  if (url === undefined) return `The token request could not be made ${where}`;
  if (answer === undefined && head !== undefined) return `${url.host} answered ${head.status}, but ${error} ${where}`;
  if (answer === undefined) return `The token request to ${url.host} failed ${where}: ${error}`;
  const code = error === `http_${answer.status}` ? '' : ` ${error}`;
  return `${url.host} answered ${answer.status}${code} ${where}`;
}

/** A short word of a provider's may be shown as it is, unless it is more than a word. */
function publicWord(word: string, known: readonly KnownValue[]): string | undefined {
  return word.length <= 80 && redactText(word, known) === word ? word : undefined;
}
