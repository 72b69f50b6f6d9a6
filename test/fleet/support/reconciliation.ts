/**
 * Holds the authorization server's own log against the events that Everbearer told: every token request has its event, every event its request, and every
 * refresh token that was issued a story with a known end. Pure.
 *
 * Requests name their process by `User-Agent`, events by `actor`; an integration's requests carry its name as `client_id`.
 */
import type { TokenRequestEntry } from '../../../src/demo/request-log.ts';
import type { EverbearerEvent } from '../../../src/kernel/event.ts';
import { isDuring, SETTLED_WITHIN_MS, type Account, type Incident, type Pair } from './account.ts';
import { doubleRefreshesOf } from './double-refresh.ts';
import { fatesOf, type RefreshTokenFate } from './refresh-token-fate.ts';
import { pairInOrder } from './pair-in-order.ts';

/** A request, and what explains that something is amiss with it; nothing: nobody knows. */
export interface Explained<T> {
  readonly what: T;
  readonly because?: string;
}

export interface Reconciliation {
  /** Requests that have their event. */
  readonly paired: number;
  readonly withoutEvent: readonly Explained<TokenRequestEntry>[];
  /** Events of requests that the provider knows nothing of, with an answer, or while nothing kept requests from arriving. */
  readonly withoutRequest: readonly EverbearerEvent[];
  readonly replays: readonly Explained<TokenRequestEntry>[];
  readonly familyRevocations: number;
  /** Issued, never stored, never presented. */
  readonly lost: readonly Explained<TokenRequestEntry>[];
  /** Stored, and given up for a newer grant without having been presented. */
  readonly superseded: readonly Explained<TokenRequestEntry>[];
  /** Renewed although the token before it was young. */
  readonly doubleRefreshes: readonly Explained<TokenRequestEntry>[];
  /** How many of all these nothing explains. */
  readonly unexplained: number;
}

export function reconcile(account: Account): Reconciliation {
  const { pairs, unpaired } = pairAll(account);
  const unheard = unpaired.filter((event) => !hasAnswer(event) && mayNotHaveArrived(event, account));
  const withoutRequest = unpaired.filter((event) => !unheard.includes(event));
  const withoutEvent = pairs
    .filter(({ event }) => event === undefined)
    .map(({ request }) => explained(request, whyUntold(request, account)));
  const fates = fatesOf(pairs, account, unheard);
  const ofFate = (fate: RefreshTokenFate['fate']): readonly Explained<TokenRequestEntry>[] =>
    fates.filter((each) => each.fate === fate).map(({ request, because }) => explained(request, because));
  const [lost, superseded] = [ofFate('lost'), ofFate('superseded')];
  const replays = account.requests
    .filter(({ replayed }) => replayed === true)
    .map((request) => explained(request, whyReplayed(request, lost)));
  const doubleRefreshes = doubleRefreshesOf(pairs, account).map(({ request, because }) => explained(request, because));
  const amiss = [...withoutEvent, ...lost, ...superseded, ...replays, ...doubleRefreshes];
  return {
    paired: pairs.length - withoutEvent.length,
    withoutEvent,
    withoutRequest,
    replays,
    familyRevocations: account.requests.filter(({ family_revoked }) => family_revoked === true).length,
    lost,
    superseded,
    doubleRefreshes,
    unexplained: amiss.filter(({ because }) => because === undefined).length + withoutRequest.length,
  };
}

function explained<T>(what: T, because: string | undefined): Explained<T> {
  return because === undefined ? { what } : { what, because };
}

/** By so much may the store's clock be behind the provider's, milliseconds. */
const EARLIER_BY_MS = 500;
/** An attempt with its answer, its save and a process that stands still. Events that wait for a store may take any time. Milliseconds. */
const TOLD_WITHIN_MS = 45_000;

/** One process sends one request of an integration after another, and tells them in that order. */
function pairAll({ requests, events, incidents }: Account): {
  readonly pairs: readonly Pair[];
  readonly unpaired: readonly EverbearerEvent[];
} {
  const told = Map.groupBy(events.filter(isOfRequest), (event) => lineOf(event.integration, event.actor));
  const sent = Map.groupBy(requests, (request) => lineOf(request.client_id, request.user_agent));
  const pairs: Pair[] = [];
  const unpaired: EverbearerEvent[] = [];
  for (const line of new Set([...told.keys(), ...sent.keys()])) {
    const matched = pairInOrder(sent.get(line) ?? [], told.get(line) ?? [], (request, event) =>
      tells(request, event, incidents),
    );
    pairs.push(...matched.pairs.map(([request, event]) => ({ request, event })));
    pairs.push(...matched.leftOver.map((request) => ({ request })));
    unpaired.push(...matched.rightOver);
  }
  return { pairs: pairs.toSorted((a, b) => a.request.sequence - b.request.sequence), unpaired };
}

function lineOf(integration: string | undefined, actor: string | undefined): string {
  return JSON.stringify([integration ?? null, actor ?? null]);
}

const OF_REQUESTS: ReadonlySet<EverbearerEvent['type']> = new Set([
  'token_retrieved',
  'token_refreshed',
  'token_refused',
  'token_failed',
]);

/** Of a request that was sent, as far as the process knew. */
function isOfRequest({ type, details }: EverbearerEvent): boolean {
  return OF_REQUESTS.has(type) && details?.['sent'] !== false;
}

function hasAnswer({ details }: EverbearerEvent): boolean {
  return details?.['status'] !== undefined;
}

/** Sent into a wire that broke, or by a process that stood still until it did. */
function mayNotHaveArrived({ at, actor }: EverbearerEvent, { incidents }: Account): boolean {
  return incidents.some(
    (incident) =>
      isDuring(incident, Date.parse(at)) &&
      (incident.kind === 'provider-cut' || (incident.kind === 'stopped' && incident.actor === actor)),
  );
}

/** Whether the event may be that of the request: the same grant, the same answer where one arrived, and told at its time. */
function tells(request: TokenRequestEntry, { details, at }: EverbearerEvent, incidents: readonly Incident[]): boolean {
  if (details?.['grant'] !== request.grant) return false;
  if (details?.['status'] !== undefined && details['status'] !== request.status) return false;
  const laterMs = Date.parse(at) - request.at;
  if (laterMs < -EARLIER_BY_MS) return false;
  return laterMs < TOLD_WITHIN_MS || incidents.some((each) => each.kind === 'store-cut' && isDuring(each, request.at));
}

/** A process that dies tells nothing of its last request; nor does one that ends before the store is back. */
function whyUntold(request: TokenRequestEntry, { requests, incidents }: Account): string | undefined {
  const isLast = !requests.some(
    (later) =>
      later.sequence > request.sequence &&
      later.user_agent === request.user_agent &&
      later.client_id === request.client_id,
  );
  const killed = incidents.find(({ kind, actor }) => kind === 'killed' && actor === request.user_agent);
  if (killed === undefined || !isLast || killed.at < request.at - SETTLED_WITHIN_MS) return undefined;
  return `its process was killed${killed.point === undefined ? '' : ` at ${killed.point}`}`;
}

/** Only where the successor of what was presented is known to be lost. */
function whyReplayed(
  { client_id, presented, sequence }: TokenRequestEntry,
  lost: readonly Explained<TokenRequestEntry>[],
): string | undefined {
  const successor = lost.find(
    ({ what }) => what.client_id === client_id && what.presented === presented && what.sequence < sequence,
  );
  return successor?.because === undefined ? undefined : `its successor was lost: ${successor.because}`;
}
