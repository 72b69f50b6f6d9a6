/** The port for events. */
import type { EverbearerEvent, NewEvent } from './event.ts';
import type { Page, PageOptions } from './page.ts';

export interface EventQuery extends PageOptions {
  readonly integration?: string;
  /** `newest` (default) lists backwards from now; `oldest` forwards, for following. */
  readonly order?: 'newest' | 'oldest';
}

/** @throws EverbearerError `store_unavailable` from every call */
export interface EventStore {
  append(event: NewEvent): Promise<void>;
  list(query?: EventQuery): Promise<Page<EverbearerEvent>>;
}
