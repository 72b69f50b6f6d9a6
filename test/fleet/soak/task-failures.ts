/** Why a task of a soak failed. Pure. */
import { isDuring, SETTLED_WITHIN_MS, type Account, type Incident } from '../support/account.ts';
import type { Reconciliation } from '../support/reconciliation.ts';
import { SOAK_INTEGRATIONS } from './soak-integrations.ts';

export interface TaskFailure {
  /** When it was begun and when it had failed, epoch milliseconds. */
  readonly at: number;
  readonly until: number;
  readonly integration: string;
  /** The process. */
  readonly actor: string;
  /** Status or error code. */
  readonly outcome: string;
}

/** A lease that nobody gives back, the watch after it, the longest pause after a failure: so long may a token be missed. Milliseconds. */
const MISSED_FOR_MS = 75_000;
/** The lease of a refresh token that is all there is lasts longer. */
const MISSED_WITHOUT_PASSWORD_MS = 165_000;

type Explain = (failure: TaskFailure, account: Account, reconciled: Reconciliation) => string | undefined;

/** Outcomes that are not here are never right. */
const EXPLANATIONS: Readonly<Record<string, Explain>> = {
  api_unreachable: (failure, account) => cutOrStopped(failure, account, 'provider-cut'),
  store_unavailable: (failure, account) => cutOrStopped(failure, account, 'store-cut') ?? toldOutage(failure, account),
  token_unavailable: whyUnavailable,
  /** Sent with a token that had ended while the process stood still, and too late to be sent again. */
  401: ({ at, until, actor }, { incidents }) =>
    incidents.find(
      (each) => each.kind === 'stopped' && each.actor === actor && each.at <= until && (each.until ?? 0) >= at,
    )?.kind,
  token_blocked: whyBlocked,
};

/** @returns nothing where nobody knows */
export function whyFailed(failure: TaskFailure, account: Account, reconciled: Reconciliation): string | undefined {
  return EXPLANATIONS[failure.outcome]?.(failure, account, reconciled);
}

function cutOrStopped(
  { at, until, actor }: TaskFailure,
  { incidents }: Account,
  cut: Incident['kind'],
): string | undefined {
  const during = incidents.filter((incident) => isDuring(incident, at) || isDuring(incident, until));
  if (during.some(({ kind }) => kind === cut)) return cut;
  return during.some((incident) => incident.kind === 'stopped' && incident.actor === actor) ? 'stopped' : undefined;
}

/** The provider gave none, or whoever was to fetch it is gone. */
function whyUnavailable({ at, until, integration }: TaskFailure, { requests, incidents }: Account): string | undefined {
  const from = at - (isRefreshTokenOnly(integration) ? MISSED_WITHOUT_PASSWORD_MS : MISSED_FOR_MS);
  const isMet = requests.some(
    (request) =>
      request.client_id === integration && request.fault !== undefined && request.at >= from && request.at <= until,
  );
  if (isMet) return 'provider fault';
  return incidents.find((incident) => incident.at <= until && (incident.until ?? incident.at) >= from)?.kind;
}

/** A read came later than its deadline, and the process has said so itself. */
function toldOutage({ at, until, actor }: TaskFailure, { events }: Account): string | undefined {
  const isTold = events.some((event) => {
    if (event.type !== 'store_outage' || event.actor !== actor) return false;
    const ended = Date.parse(event.at);
    return ended >= at - SETTLED_WITHIN_MS && ended - (event.latency_ms ?? 0) <= until;
  });
  return isTold ? 'store outage that was told' : undefined;
}

/** Without a password: its refresh token was lost. With one: so many tries went unanswered that it is not risked. */
function whyBlocked(failure: TaskFailure, account: Account, { lost }: Reconciliation): string | undefined {
  const { integration, until } = failure;
  if (!isRefreshTokenOnly(integration)) return whyPasswordClosed(failure, account);
  const isLost = lost.some(
    ({ what, because }) => what.client_id === integration && what.at <= until && because !== undefined,
  );
  return isLost ? 'refresh token lost' : undefined;
}

/** Two tries without an answer since the last that somebody has heard of; of those whose process died or stood still nobody tells. */
function whyPasswordClosed({ integration, until }: TaskFailure, { events, incidents }: Account): string | undefined {
  const tries = events
    .filter(({ integration: of, details }) => of === integration && details?.['grant'] === 'password')
    .map(({ type, outcome, at }) => ({ type, outcome, at: Date.parse(at) }))
    .filter(({ at }) => at <= until);
  const answered = tries.filter(({ type, outcome }) => type === 'token_retrieved' && outcome === 'ok');
  const since = Math.max(0, ...answered.map(({ at }) => at));
  const told = tries.filter(({ type, at }) => type === 'token_failed' && at >= since);
  const untold = incidents.filter(
    ({ kind, at }) => (kind === 'killed' || kind === 'stopped') && at >= since && at <= until,
  );
  return told.length + untold.length >= 2 ? 'password tried twice without an answer' : undefined;
}

function isRefreshTokenOnly(integration: string): boolean {
  return SOAK_INTEGRATIONS.some(({ name, refreshTokenOnly }) => name === integration && refreshTokenOnly);
}
