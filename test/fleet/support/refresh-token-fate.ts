/** What became of each refresh token that the provider issued. Pure. */
import type { TokenRequestEntry } from '../../../src/demo/request-log.ts';
import { isDuring, type Account, type Incident, type Pair } from './account.ts';

export interface RefreshTokenFate {
  readonly request: TokenRequestEntry;
  /** `lived`: it was presented, or is held · `lost`: it was not stored · `superseded`: it was stored, and another grant was made in its place. */
  readonly fate: 'lived' | 'lost' | 'superseded';
  readonly because?: string;
}

/** A lease and the time in which its end is noticed, milliseconds. */
const LEASE_AND_SLACK_MS = 60_000;
/** Faults of the provider in which it has done its part and nobody hears of it. */
const ANSWER_LOST: ReadonlySet<string> = new Set(['answer-lost', 'truncated', 'never', 'reset', 'slow']);

export function fatesOf(pairs: readonly Pair[], account: Account): readonly RefreshTokenFate[] {
  const presented = new Set(account.requests.map((request) => request.presented));
  const isAlive = (token: string): boolean => presented.has(token) || account.held.has(token);
  return pairs.flatMap((pair, index) => {
    const token = pair.request.refresh_token;
    if (token === undefined) return [];
    return isAlive(token) ? [lived(pair)] : [fateOf(pair, successorOf(pair, pairs.slice(index + 1)), account)];
  });
}

/** The next token of the same integration. */
function successorOf({ request }: Pair, later: readonly Pair[]): Pair | undefined {
  return later.find((pair) => pair.request.client_id === request.client_id && pair.request.outcome === 'issued');
}

function lived({ request }: Pair): RefreshTokenFate {
  return { request, fate: 'lived' };
}

function fateOf(pair: Pair, successor: Pair | undefined, account: Account): RefreshTokenFate {
  const { request, event } = pair;
  const fate = event?.details?.['saved'] === true ? 'superseded' : 'lost';
  const because = fate === 'lost' ? whyLost(pair, account) : whySuperseded(pair, successor, account);
  return because === undefined ? { request, fate } : { request, fate, because };
}

/** The windows that physics leave, and what a person undid. */
function whyLost({ request, event }: Pair, { incidents }: Account): string | undefined {
  const during = incidents.filter((incident) => isDuring(incident, request.at));
  const own = during.find(
    ({ kind, actor }) => (kind === 'killed' || kind === 'stopped') && actor === request.user_agent,
  );
  if (event === undefined && own?.kind === 'killed') return named('its process was killed with the answer', own);
  if (event?.details?.['status'] === undefined && ANSWER_LOST.has(request.fault ?? ''))
    return 'the answer was lost on its way';
  if (event?.details?.['status'] === undefined && during.some(({ kind }) => kind === 'provider-cut'))
    return 'the answer was lost with its connection';
  if (own?.kind === 'stopped') return named('its process stood still, and another went on', own);
  return during.some(({ kind, integration }) => kind === 'edited' && integration === request.client_id)
    ? 'a person changed the token while it was on its way'
    : undefined;
}

/** Somebody took it up and was not heard of again, so that the next one had to make another grant; or a person changed it. */
function whySuperseded(pair: Pair, successor: Pair | undefined, { incidents }: Account): string | undefined {
  const { client_id, at } = pair.request;
  const until = successor?.request.at ?? Infinity;
  const edited = incidents.some(
    (incident) =>
      incident.kind === 'edited' && incident.integration === client_id && incident.at >= at && incident.at <= until,
  );
  if (edited) return 'a person changed the token';
  if (!hasUntoldAttempt(pair, successor)) return undefined;
  const vanished = incidents.find(
    (incident) => incident.at <= until && (incident.until ?? incident.at) >= until - LEASE_AND_SLACK_MS,
  );
  return vanished === undefined ? undefined : named('who took it up was not heard of again', vanished);
}

/** Each acquire counts one epoch on, also that of an attempt that tells nothing. */
function hasUntoldAttempt(pair: Pair, successor: Pair | undefined): boolean {
  const [before, after] = [pair.event?.details?.['epoch'], successor?.event?.details?.['epoch']];
  return typeof before !== 'number' || typeof after !== 'number' || after > before + 1;
}

function named(what: string, { kind, point, actor }: Incident): string {
  return `${what} (${[kind, actor, point].filter((part) => part !== undefined).join(', ')})`;
}
