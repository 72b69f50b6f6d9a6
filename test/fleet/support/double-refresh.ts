/** Tokens that were renewed although there was a young one: two processes did the same work, or somebody did not see the other's. Pure. */
import type { TokenRequestEntry } from '../../../src/demo/request-log.ts';
import { isDuring, type Account, type Incident, type Pair } from './account.ts';

export interface DoubleRefresh {
  /** The second one. */
  readonly request: TokenRequestEntry;
  readonly because?: string;
}

export function doubleRefreshesOf(pairs: readonly Pair[], account: Account): readonly DoubleRefresh[] {
  const { renewedAfterMs = 0 } = account;
  const issued = pairs.filter(({ request }) => request.outcome === 'issued');
  return issued.flatMap((pair, index) => {
    const before = issued.slice(0, index).findLast(({ request }) => request.client_id === pair.request.client_id);
    if (before === undefined || pair.request.at - beginOf(before) >= renewedAfterMs) return [];
    const because = whyAgain(before, pair, account);
    return [{ request: pair.request, ...(because === undefined ? {} : { because }) }];
  });
}

/** A token's life is counted from its attempt's acquire: its request may leave a busy process later. */
function beginOf({ request, event }: Pair): number {
  const begun = event === undefined ? Infinity : Date.parse(event.at) - (event.latency_ms ?? 0);
  return Math.min(request.at, begun);
}

/** Only a token that was not stored, or that a person did away with, is renewed at once. */
function whyAgain(before: Pair, { request, event }: Pair, { incidents, events }: Account): string | undefined {
  if (before.event?.details?.['saved'] !== true) return 'the token before it was not stored';
  if (event?.reason === 'person') return 'a person asked for it';
  const edited = ({ kind, integration, at }: Incident): boolean =>
    kind === 'edited' && integration === request.client_id && at >= before.request.at - 1_000 && at <= request.at;
  const isBetween = (at: number): boolean => at >= before.request.at && at <= request.at;
  const editTold = events.some(
    ({ type, integration, at }) =>
      type === 'token_edited' && integration === request.client_id && isBetween(Date.parse(at)),
  );
  if (editTold || incidents.some(edited)) return 'a person changed the token before it';
  const stood = ({ kind, actor }: Incident): boolean => kind === 'stopped' && actor === before.request.user_agent;
  return incidents.some((each) => stood(each) && isDuring(each, before.request.at))
    ? 'the process before it stood still with its request'
    : undefined;
}
