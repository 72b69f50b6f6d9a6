/** What a provider, or something on the way to it, gets wrong. Each fault turns the answer that would have been into another. */
import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { Json } from '../kernel/json.ts';
import { isObject } from '../kernel/json.ts';
import { emptyAnswer, jsonAnswer, textAnswer } from './answer.ts';
import type { Answer } from './answer.ts';
import type { GrantName } from './provider-behaviour.ts';

export type FaultName =
  | 'status'
  | 'html'
  | 'redirect'
  | 'error'
  | 'invalid_grant'
  | 'invalid_client'
  | 'error-in-200'
  | 'empty'
  | 'answer'
  | 'never'
  | 'reset'
  | 'answer-lost'
  | 'closed'
  | 'truncated'
  | 'half'
  | 'no-access-token'
  | 'slow'
  | 'drip'
  | 'hold'
  | 'huge'
  | 'form'
  | 'text'
  | 'bom'
  | 'utf-16'
  | 'gzip'
  | 'br';

/** The endpoint that a fault is at; the log-in, its second step and the log-out belong to the provider's own way of signing in. */
export type FaultPlace = 'token' | 'api' | 'login' | 'session_token' | 'logout';

export interface Fault {
  readonly name: FaultName;
  /** Requests that it meets; `always` until the script is cleared. Default 1. */
  readonly times?: number | 'always';
  /** Which requests it meets. Default `token`. */
  readonly at?: FaultPlace;
  /** Only this grant. Default any. */
  readonly grant?: GrantName | 'login' | undefined;
  /**
   * Whether the request takes effect before its answer goes wrong, as when a proxy fails behind an authorization server that has rotated already.
   * Default: true where the fault is about an answer that exists (`answer-lost`, `truncated`, `form`, `gzip`, …), else false.
   */
  readonly processed?: boolean;
  /** Default as the fault's name says. */
  readonly status?: number;
  /** Added to the answer's headers. */
  readonly headers?: Readonly<Record<string, string>>;
  /** `Retry-After`: seconds; or, as a text, sent as it is. */
  readonly retryAfter?: number | string;
  /** `Retry-After` as an HTTP date so many milliseconds from now. */
  readonly retryAfterDateMs?: number;
  /** For `error`, `error-in-200`. */
  readonly error?: string;
  readonly errorDescription?: string;
  /** For `slow` (default 1,000) and `drip` (default 1,000 a byte). */
  readonly delayMs?: number;
  /** For `redirect`. */
  readonly location?: string;
  /** For `huge` (default 50 MiB), and for `gzip` and `br`, whose answer is filled up to it before it is compressed (default: it isn't). */
  readonly bytes?: number;
  /** For `answer`. Default empty. */
  readonly body?: string;
  /** For `answer`. Default `application/json`. */
  readonly contentType?: string;
}

interface FaultRow {
  /** Default of {@link Fault.processed}. */
  readonly processed: boolean;
  /** @param answer what would have been sent; an empty 200 where the request was not processed */
  readonly spoil: (answer: Answer, fault: Fault, now: number) => Answer;
}

const HTML =
  '<!DOCTYPE html><html><head><title>Sign in to the network</title></head><body><h1>Welcome</h1></body></html>';

export const FAULTS: Readonly<Record<FaultName, FaultRow>> = {
  /** A bare status: 429, 500, 502, 503, 504, … */
  status: { processed: false, spoil: (_answer, fault) => textAnswer(fault.status ?? 503, 'text/plain', 'unavailable') },
  /** A page where JSON was expected: a captive portal, a firewall. */
  html: { processed: false, spoil: (_answer, fault) => textAnswer(fault.status ?? 200, 'text/html', HTML) },
  redirect: {
    processed: false,
    spoil: (_answer, fault) => emptyAnswer(fault.status ?? 302, { location: fault.location ?? '/elsewhere' }),
  },
  /** An OAuth error (RFC 6749 §5.2). */
  error: { processed: false, spoil: (_answer, fault) => oauthError(fault, 'invalid_request', 400) },
  invalid_grant: { processed: false, spoil: (_answer, fault) => oauthError(fault, 'invalid_grant', 400) },
  /** Seen as 400, 401, 403, and 200. */
  invalid_client: { processed: false, spoil: (_answer, fault) => oauthError(fault, 'invalid_client', 401) },
  'error-in-200': {
    processed: false,
    spoil: (_answer, fault) => jsonAnswer(fault.status ?? 200, { ok: false, error: fault.error ?? 'internal_error' }),
  },
  /** Whatever a test wants to be said. */
  answer: {
    processed: false,
    spoil: (_answer, { status = 200, contentType = 'application/json', body = '' }) =>
      textAnswer(status, contentType, body),
  },
  empty: { processed: false, spoil: (_answer, fault) => emptyAnswer(fault.status ?? 200) },
  never: { processed: false, spoil: (answer) => ({ ...answer, delivery: { kind: 'never' } }) },
  reset: { processed: false, spoil: (answer) => ({ ...answer, delivery: { kind: 'reset' } }) },
  /** The authorization server has done its part, and nobody hears of it. */
  'answer-lost': { processed: true, spoil: (answer) => ({ ...answer, delivery: { kind: 'reset' } }) },
  /** The same without haste: the connection is ended in good order, and nothing was said. */
  closed: { processed: true, spoil: (answer) => ({ ...answer, delivery: { kind: 'closed' } }) },
  truncated: { processed: true, spoil: (answer) => ({ ...answer, delivery: { kind: 'truncated' } }) },
  /** Half of the body, whose length says that this is all of it: something on the way has cut it. */
  half: {
    processed: true,
    spoil: (answer) => ({ ...answer, body: answer.body.subarray(0, Math.floor(answer.body.byteLength / 2)) }),
  },
  /** A success that lacks what it is for; a new refresh token comes all the same. */
  'no-access-token': {
    processed: true,
    spoil: (answer) => ({
      ...answer,
      body: Buffer.from(JSON.stringify({ ...jsonFields(answer), access_token: undefined })),
    }),
  },
  slow: {
    processed: true,
    spoil: (answer, fault) => ({ ...answer, delivery: { kind: 'whole', delayMs: fault.delayMs ?? 1_000 } }),
  },
  drip: {
    processed: true,
    spoil: (answer, fault) => ({ ...answer, delivery: { kind: 'drip', everyMs: fault.delayMs ?? 1_000 } }),
  },
  /** Held back until `release()`. Not processed: the request itself waits, and is processed then. */
  hold: { processed: true, spoil: (answer) => ({ ...answer, delivery: { kind: 'hold' } }) },
  huge: {
    processed: true,
    spoil: (answer, fault) => ({ ...answer, delivery: { kind: 'padded', bytes: fault.bytes ?? 50 * 1024 * 1024 } }),
  },
  form: {
    processed: true,
    spoil: (answer) =>
      rewrite(answer, 'application/x-www-form-urlencoded', new URLSearchParams(textFields(answer)).toString()),
  },
  /** The access token and nothing else. */
  text: { processed: true, spoil: (answer) => rewrite(answer, 'text/plain', textFields(answer)['access_token'] ?? '') },
  bom: { processed: true, spoil: (answer) => ({ ...answer, body: Buffer.concat([UTF8_BOM, answer.body]) }) },
  'utf-16': {
    processed: true,
    spoil: (answer) =>
      rewrite(answer, 'application/json; charset=utf-16', Buffer.from(`\uFEFF${textOf(answer)}`, 'utf16le')),
  },
  gzip: { processed: true, spoil: (answer, fault) => coded(answer, 'gzip', gzipSync(filledUp(answer, fault))) },
  br: { processed: true, spoil: (answer, fault) => coded(answer, 'br', brotliCompressSync(filledUp(answer, fault))) },
};

const UTF8_BOM = Uint8Array.of(0xef, 0xbb, 0xbf);

export function isProcessed(fault: Fault): boolean {
  return fault.processed ?? FAULTS[fault.name].processed;
}

/** @param now epoch milliseconds, for dates */
export function spoilAnswer(answer: Answer, fault: Fault, now: number): Answer {
  const spoiled = FAULTS[fault.name].spoil(answer, fault, now);
  const status = fault.status ?? spoiled.status;
  return { ...spoiled, status, headers: { ...spoiled.headers, ...retryAfter(fault, now), ...fault.headers } };
}

/** A fault as it comes over HTTP. */
export function parseFault(value: unknown): Fault | undefined {
  if (!isObject(value) || typeof value['name'] !== 'string' || !Object.hasOwn(FAULTS, value['name'])) return undefined;
  return value as unknown as Fault;
}

function retryAfter({ retryAfter: value, retryAfterDateMs }: Fault, now: number): Readonly<Record<string, string>> {
  if (value !== undefined) return { 'retry-after': String(value) };
  return retryAfterDateMs === undefined ? {} : { 'retry-after': new Date(now + retryAfterDateMs).toUTCString() };
}

function oauthError({ error, errorDescription, status }: Fault, name: string, usual: number): Answer {
  const content: Record<string, Json> = { error: error ?? name };
  if (errorDescription !== undefined) content['error_description'] = errorDescription;
  return jsonAnswer(status ?? usual, content, { 'cache-control': 'no-store' });
}

function rewrite(answer: Answer, contentType: string, body: string | Uint8Array): Answer {
  return { ...answer, headers: { ...answer.headers, 'content-type': contentType }, body: Buffer.from(body) };
}

function coded(answer: Answer, coding: string, body: Uint8Array): Answer {
  return { ...answer, headers: { ...answer.headers, 'content-encoding': coding }, body };
}

/** Blanks are legal after JSON. */
function filledUp({ body }: Answer, { bytes = 0 }: Fault): Uint8Array {
  return Buffer.concat([body, Buffer.alloc(Math.max(0, bytes - body.byteLength), ' ')]);
}

function textOf(answer: Answer): string {
  return Buffer.from(answer.body).toString();
}

function jsonFields(answer: Answer): Readonly<Record<string, unknown>> {
  const fields: unknown = answer.body.byteLength === 0 ? {} : JSON.parse(textOf(answer));
  return isObject(fields) ? fields : {};
}

function textFields(answer: Answer): Record<string, string> {
  return Object.fromEntries(Object.entries(jsonFields(answer)).map(([key, value]) => [key, String(value)]));
}
