/** How long a token lives: the ladder of token-lifecycle §3.3, one function a rung. The first that gives a lifetime ends it; what the others found odd is noted. */
import { parseDurationMs } from '../kernel/duration.ts';
import { own } from '../kernel/json.ts';
import { jwtPayload } from '../kernel/jwt-payload.ts';
import type { Lifetime, LifetimeSource } from './exchange-outcome.ts';
import type { ExpiryRule, Extraction } from './exchange.ts';
import { epochMs, nextTimeOfDay, numberOf, readInstant } from './instant.ts';

export interface LifetimeQuestion {
  readonly rule?: ExpiryRule;
  /** Reads a configured place in the answers. */
  readonly read: (extraction: Extraction) => unknown;
  /** The object that held the access token: where the standard fields stand. */
  readonly holder: unknown;
  readonly accessToken: string;
  /** The answer's `Date`, epoch ms. */
  readonly date?: number;
  /** Our own wall clock at sending, epoch ms: used where the answer brings no clock. */
  readonly now: number;
  readonly lastKnownMs?: number;
  readonly defaultMs?: number;
}

type Rung = (question: LifetimeQuestion) => Lifetime | { readonly note: string } | undefined;

const TEN_YEARS_MS = 3_653 * 86_400_000;
const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
const MINUTE_MS = 60_000;

const RUNGS: readonly Rung[] = [
  (question) => configuredLifetime(question),
  (question) => configuredInstant(question),
  ({ rule }) => fixed('configured', parseDurationMs(rule?.after ?? '')),
  (question) => configuredTimeOfDay(question),
  (question) => relative('expires_in', own(question.holder, 'expires_in'), 's', question),
  (question) => absolute('expires_on', own(question.holder, 'expires_on'), question),
  (question) => absolute('expires_at', own(question.holder, 'expires_at'), question),
  // ASP.NET's OAuth server writes ".expires" beside "expires_in".
  (question) => absolute('expires_at', own(question.holder, '.expires'), question),
  (question) => jwtLifetime(question),
  ({ lastKnownMs }) => fixed('last_known', lastKnownMs),
  ({ defaultMs }) => fixed('default', defaultMs),
];

/** The lifetime counted from the instant of sending; `unknown` without `ms` where nothing says it. */
export function resolveLifetime(question: LifetimeQuestion): Lifetime {
  const notes: string[] = [];
  for (const rung of RUNGS) {
    const found = rung(question);
    if (found?.note !== undefined) notes.push(found.note);
    if (found !== undefined && 'source' in found) return noted(found, notes);
  }
  return noted({ source: 'unknown' }, notes);
}

function noted(lifetime: Lifetime, notes: readonly string[]): Lifetime {
  const { note: _, ...bare } = lifetime;
  return notes.length === 0 ? bare : { ...bare, note: notes.join('; ') };
}

function fixed(source: LifetimeSource, ms: number | undefined): Lifetime | undefined {
  return ms === undefined ? undefined : { source, ms };
}

/** A relative lifetime (RFC 6749 §5.1), with what providers put there instead. */
function relative(
  source: LifetimeSource,
  value: unknown,
  unit: keyof typeof UNIT_MS,
  question: LifetimeQuestion,
): ReturnType<Rung> {
  if (value === undefined || value === null) return undefined;
  const number = numberOf(value);
  if (number === undefined) return { note: `${source} is no number` };
  const instant = unit === 'ms' && number < 1e12 ? undefined : epochMs(number);
  if (instant !== undefined) return fromInstant(source, instant, question, `${source} held an absolute instant`);
  if (unit === 's' && isMilliseconds(number, question)) {
    return clamped(source, number, `${source} was in milliseconds, as the token's own exp says`);
  }
  return clamped(source, number * UNIT_MS[unit]);
}

/** Only where the JWT says so: 3,600,000 seconds is a lifetime that exists (F14). */
function isMilliseconds(number: number, question: LifetimeQuestion): boolean {
  const jwt = jwtTimes(question.accessToken);
  if (jwt.exp === undefined) return false;
  const lifetime = jwt.exp - (jwt.iat ?? answerClock(question).at);
  const near = Math.max(MINUTE_MS, 0.05 * lifetime);
  return lifetime > 0 && Math.abs(number - lifetime) <= near && Math.abs(number * 1_000 - lifetime) > near;
}

function absolute(source: LifetimeSource, value: unknown, question: LifetimeQuestion): ReturnType<Rung> {
  if (value === undefined || value === null) return undefined;
  const instant = readInstant(value);
  if (instant === undefined) return { note: `${source} is no instant` };
  return fromInstant(
    source,
    instant.at,
    question,
    instant.note === undefined ? undefined : `${source}: ${instant.note}`,
  );
}

function configuredLifetime(question: LifetimeQuestion): ReturnType<Rung> {
  const rule = question.rule?.in;
  return rule === undefined ? undefined : relative('configured', question.read(rule), rule.unit, question);
}

function configuredInstant(question: LifetimeQuestion): ReturnType<Rung> {
  const at = question.rule?.at;
  const value = at === undefined ? undefined : question.read(at);
  if (at === undefined || value === undefined || value === null) return undefined;
  const instant = readInstant(value, at.format ?? 'iso', at.zone);
  if (instant === undefined) return { note: 'the configured instant does not have its format' };
  return fromInstant('configured', instant.at, question, instant.note);
}

function configuredTimeOfDay(question: LifetimeQuestion): ReturnType<Rung> {
  const daily = question.rule?.daily;
  if (daily === undefined) return undefined;
  const clock = answerClock(question);
  const at = nextTimeOfDay(daily.time, daily.zone, clock.at);
  return at === undefined
    ? { note: 'the configured time of day does not exist' }
    : clamped('configured', at - clock.at);
}

function jwtLifetime(question: LifetimeQuestion): ReturnType<Rung> {
  const { exp } = jwtTimes(question.accessToken);
  return exp === undefined ? undefined : fromInstant('jwt_exp', exp, question);
}

/** An instant becomes a lifetime by the clock of who wrote it, so that our own may be wrong. */
function fromInstant(source: LifetimeSource, at: number, question: LifetimeQuestion, note?: string): Lifetime {
  const clock = answerClock(question);
  const notes = [note, clock.ours ? 'the answer brought no clock, ours was used' : undefined];
  return clamped(source, at - clock.at, ...notes.filter((text) => text !== undefined));
}

function clamped(source: LifetimeSource, ms: number, ...notes: readonly string[]): Lifetime {
  const told = ms <= 0 ? ['it was over on arrival'] : ms > TEN_YEARS_MS ? ['it was cut to ten years'] : [];
  const all = [...notes, ...told];
  const lifetime = { source, ms: Math.round(Math.min(TEN_YEARS_MS, Math.max(0, ms))) };
  return all.length === 0 ? lifetime : { ...lifetime, note: all.join('; ') };
}

/**
 * The clock of the answer: the JWT's `iat`, or the `Date` header where that is later. A provider that gives the same token until it expires (F20) signed it
 * long ago: counted from `iat` alone its last minute would look like a whole hour. A `Date` at which the token were already over is no clock.
 */
function answerClock(question: LifetimeQuestion): { readonly at: number; readonly ours: boolean } {
  const { iat, exp } = jwtTimes(question.accessToken);
  const { date, now } = question;
  const later = date !== undefined && (iat === undefined || (date > iat && (exp === undefined || date < exp)));
  if (later) return { at: date, ours: false };
  return iat === undefined ? { at: now, ours: true } : { at: iat, ours: false };
}

/** `iat` and `exp` (RFC 7519 §4.1), epoch ms; some write milliseconds. */
function jwtTimes(token: string): { readonly iat?: number; readonly exp?: number } {
  const claims = jwtPayload(token);
  const iat = epochMs(numberOf(claims?.['iat']) ?? 0);
  const exp = epochMs(numberOf(claims?.['exp']) ?? 0);
  return { ...(iat === undefined ? {} : { iat }), ...(exp === undefined ? {} : { exp }) };
}
