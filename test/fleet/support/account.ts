/** What is known of a fleet's token requests, from its three sides: the provider's log, the events, and whoever disturbed it. */
import type { TokenRequestEntry } from '../../../src/demo/request-log.ts';
import type { EverbearerEvent } from '../../../src/kernel/event.ts';

/** What was done to the fleet, by whoever runs it. */
export interface Incident {
  /** Epoch milliseconds, of the clock that the provider's log has. */
  readonly at: number;
  /**
   * `killed`: SIGKILL · `stopped`: stood still until `until` · `provider-cut`, `store-cut`: connections broke or were refused until `until` ·
   * `edited`: a person changed the token, or the account.
   */
  readonly kind: 'killed' | 'stopped' | 'provider-cut' | 'store-cut' | 'edited';
  readonly until?: number;
  /** The process that it befell. */
  readonly actor?: string;
  readonly integration?: string;
  /** Named point of the protocol, where it was there. */
  readonly point?: string;
}

export interface Account {
  readonly requests: readonly TokenRequestEntry[];
  readonly events: readonly EverbearerEvent[];
  readonly incidents: readonly Incident[];
  /** Refresh tokens that the store holds at the end, as the provider's fingerprints. */
  readonly held: ReadonlySet<string>;
}

/** A request, and the event that tells of it. */
export interface Pair {
  readonly request: TokenRequestEntry;
  readonly event?: EverbearerEvent;
}

/** An answer arrives, or is given up, within this long; and its event is told. Milliseconds. */
export const SETTLED_WITHIN_MS = 15_000;

/** Whether it was going on at that instant, or near enough to touch a request of then. */
export function isDuring({ at, until = at }: Incident, instant: number): boolean {
  return at <= instant + SETTLED_WITHIN_MS && until >= instant - SETTLED_WITHIN_MS;
}
