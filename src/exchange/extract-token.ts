/** From the answers of a phase to the token's fields. */
import { own } from '../kernel/json.ts';
import { parsePointer, valueAt } from '../kernel/json-pointer.ts';
import type { Answer } from './answer.ts';
import type { PhaseName } from './compiled-exchange.ts';
import type { Exchange, Extraction } from './exchange.ts';
import type { ExchangedToken } from './exchange-outcome.ts';
import type { PresentedToken } from './exchange-request.ts';
import { dataOf, readValue, textOf } from './extraction.ts';
import type { JsonpathQuery } from './foreign-formats.ts';
import { numberOf } from './instant.ts';
import { nothingAt } from './step-response.ts';
import type { Verdict } from './verdict.ts';

/** The answers of the phase that ran, by step name; `last` is the one of its last step. */
export interface PhaseAnswers {
  readonly phase: PhaseName;
  readonly byStep: ReadonlyMap<string, Answer>;
  readonly last: Answer;
  readonly jsonpath?: JsonpathQuery;
}

export type TokenFields = Omit<ExchangedToken, 'lifetime' | 'refreshBeforeMs'>;

export type ExtractedToken =
  { readonly ok: true; readonly fields: TokenFields } | { readonly ok: false; readonly verdict: Verdict };

export interface ExtractTokenOptions {
  /** Longest usable access token, bytes. Default 16 KiB. */
  readonly maxTokenBytes?: number;
}

const DEFAULT_MAX_TOKEN_BYTES = 16_384;
const OWN_FIELDS: readonly string[] = ['access_token', 'refresh_token', 'token_type', 'scope'];
/** Types that need a proof with every request; sent as a bearer token they are refused (RFC 6749 §7.1). */
const UNUSABLE_TYPES: readonly string[] = ['mac', 'pop', 'hok', 'dpop'];

/** An empty refresh token is none (F11). */
export function extractToken(
  exchange: Exchange,
  answers: PhaseAnswers,
  options: ExtractTokenOptions = {},
): ExtractedToken {
  const accessToken = fieldOf(exchange, answers, 'access_token');
  if (accessToken === undefined) return { ok: false, verdict: missingToken(exchange, answers) };
  const tokenType = fieldOf(exchange, answers, 'token_type');
  const verdict =
    unusableToken(accessToken, options.maxTokenBytes ?? DEFAULT_MAX_TOKEN_BYTES) ?? unusableType(exchange, tokenType);
  if (verdict !== undefined) return { ok: false, verdict };
  const refreshToken = fieldOf(exchange, answers, 'refresh_token');
  const scope = scopeOf(rawField(exchange, answers, 'scope'));
  const refreshMs = refreshLifetimeMs(standardFieldsOf(exchange, answers));
  return {
    ok: true,
    fields: {
      access_token: accessToken,
      ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
      ...(tokenType === undefined ? {} : { token_type: tokenType }),
      ...(scope === undefined ? {} : { scope }),
      ...(refreshMs === undefined ? {} : { refresh_expires_in_ms: refreshMs }),
      extra: extraOf(exchange, answers),
    },
  };
}

/**
 * What the steps that are done have brought, though the phase failed.
 * @param complete whether all of them are done: only then is the last answer that of the last step
 */
export function fieldsOfDoneSteps(exchange: Exchange, answers: PhaseAnswers, complete: boolean): PresentedToken {
  const names = Object.keys({ ...exchange.extract, ...exchange.refreshExtract }).filter((name) => {
    const from = extractionOf(exchange, answers.phase, name)?.from;
    return complete || (from !== undefined && answers.byStep.has(from));
  });
  const extra = Object.fromEntries(
    names.flatMap((name) => {
      const value = fieldOf(exchange, answers, name);
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
  return { ...extra, extra };
}

/** Reads as `extract` says; a step that this phase does not have means its last one. */
export function readFrom(extraction: Extraction, answers: PhaseAnswers): unknown {
  return readValue(extraction, answerFor(extraction, answers), answers.jsonpath);
}

function answerFor(extraction: Extraction, answers: PhaseAnswers): Answer {
  return (extraction.from === undefined ? undefined : answers.byStep.get(extraction.from)) ?? answers.last;
}

function extractionOf(exchange: Exchange, phase: PhaseName, name: string): Extraction | undefined {
  const refreshed = phase === 'refresh' ? (own(exchange.refreshExtract, name) as Extraction | undefined) : undefined;
  return refreshed ?? (own(exchange.extract, name) as Extraction | undefined);
}

function rawField(exchange: Exchange, answers: PhaseAnswers, name: string): unknown {
  const extraction = extractionOf(exchange, answers.phase, name);
  return extraction === undefined ? undefined : readFrom(extraction, answers);
}

function fieldOf(exchange: Exchange, answers: PhaseAnswers, name: string): string | undefined {
  return textOf(rawField(exchange, answers, name));
}

function extraOf(exchange: Exchange, answers: PhaseAnswers): Readonly<Record<string, string>> {
  const names = [...Object.keys(exchange.extract), ...Object.keys(exchange.refreshExtract ?? {})];
  const extra = names.filter((name) => !OWN_FIELDS.includes(name));
  return Object.fromEntries(
    extra.flatMap((name) => {
      const value = fieldOf(exchange, answers, name);
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

/** The object in which the access token stood: its standard neighbours (`expires_in`, …) are this token's, those elsewhere may be another's. */
export function standardFieldsOf(exchange: Exchange, answers: PhaseAnswers): unknown {
  const extraction = extractionOf(exchange, answers.phase, 'access_token') ?? exchange.extract.access_token;
  const data = dataOf(answerFor(extraction, answers));
  const segments = parsePointer(extraction.pointer ?? '') ?? [];
  return segments.length > 1
    ? valueAt(data, extraction.pointer?.slice(0, extraction.pointer.lastIndexOf('/')) ?? '')
    : data;
}

/** Text, or a list of texts. */
function scopeOf(value: unknown): string | undefined {
  if (!Array.isArray(value)) return textOf(value);
  const scopes = value.filter((item) => typeof item === 'string' && item !== '');
  return scopes.length === 0 ? undefined : scopes.join(' ');
}

/** What Keycloak, Microsoft and Intuit call it, in seconds. 0 (Keycloak's offline tokens) means that it does not expire. */
function refreshLifetimeMs(fields: unknown): number | undefined {
  const names = ['refresh_expires_in', 'refresh_token_expires_in', 'x_refresh_token_expires_in'];
  const seconds = names.map((name) => numberOf(own(fields, name))).find((value) => value !== undefined);
  return seconds === undefined || seconds <= 0 || seconds > 1e9 ? undefined : seconds * 1_000;
}

function missingToken(exchange: Exchange, answers: PhaseAnswers): Verdict {
  const extraction = extractionOf(exchange, answers.phase, 'access_token') ?? exchange.extract.access_token;
  return nothingAt(extraction, answerFor(extraction, answers), 'the access token');
}

/** F63: what can't stand in a header can't be a token. */
function unusableToken(token: string, maxBytes: number): Verdict | undefined {
  const bytes = Buffer.byteLength(token, 'utf8');
  if (bytes > maxBytes) {
    return tokenInvalid(
      `The access token has ${bytes} bytes, more than the limit of ${maxBytes}. Ask the provider for a smaller one (fewer scopes, roles or groups), or raise the limit.`,
    );
  }
  if (/^[\x20-\x7e\xa0-\xff]+$/.test(token)) return undefined;
  return tokenInvalid(
    "The access token holds a line break, a control character or a character beyond Latin-1, which no header can carry. Correct the exchange's path.",
  );
}

function unusableType(exchange: Exchange, tokenType: string | undefined): Verdict | undefined {
  const sendsBearer = exchange.apply.some(({ value }) => /^bearer /i.test(value));
  if (!sendsBearer || tokenType === undefined || !UNUSABLE_TYPES.includes(tokenType.toLowerCase())) return undefined;
  return tokenInvalid(
    'The token is of a type that needs a proof with every request and is no bearer token. Ask the provider for bearer tokens.',
  );
}

function tokenInvalid(advice: string): Verdict {
  return { class: 'configuration', error: 'token_invalid', advice, definite: false };
}
