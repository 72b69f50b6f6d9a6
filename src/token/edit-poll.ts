/**
 * Asks the store again and again what was edited, so that what this process has opened is not used long after an edit elsewhere
 * (docs/token-lifecycle.md, "Bounded check"). The cursor is the store's own clock: a worker's wrong one can't make it miss an edit.
 */
import type { Clock } from '../kernel/clock.ts';
import { repeat } from '../kernel/repeat.ts';
import { within } from '../kernel/settle.ts';
import { ageMs, localInstant, type LocalInstant } from './local-instant.ts';

/** From the beginning of one poll to the beginning of the next, give or take a fifth. */
const INTERVAL_MS = 2_000;
const JITTER = 0.2;
/** A poll that takes longer has failed. */
const DEADLINE_MS = 2_000;
/** So long after its beginning a poll proves that no earlier edit was missed. */
const HEALTHY_MS = 2_500;
/** An edit can show up later than the instant that it bears: members of a replica set don't have one clock. */
const OVERLAP_MS = 5_000;
const PAGE_SIZE = 1_000;
/** Beyond them looking at everything again is cheaper. */
const MOST_PAGES = 10;

export interface EditedSince<E> {
  /** The store's clock, epoch milliseconds. */
  readonly now: number;
  /** The oldest first. */
  readonly edited: readonly E[];
}

export interface EditPollOptions<E extends { readonly at: number }> {
  readonly editedSince: (since: number, limit: number) => Promise<EditedSince<E>>;
  /** One edit is told more than once. */
  readonly onEdited: (edited: readonly E[]) => void;
  /** Edits may have been missed, or are too many to be told: nothing that is opened is sure. */
  readonly onGap: () => void;
  /** At the end of each poll, also of one that failed: how long ago the last one began that succeeded, milliseconds; without any, this process. */
  readonly onLag: (lagMs: number) => void;
}

export interface EditPoll {
  /** Whether every edit that is older than 2.5 s has been told. */
  isHealthy(): boolean;
  stop(): void;
}

/** The first poll comes after one interval. It keeps no process alive. */
export function createEditPoll<E extends { readonly at: number }>(
  clock: Clock,
  { editedSince, onEdited, onGap, onLag }: EditPollOptions<E>,
): EditPoll {
  const createdAt = clock.monotonic();
  let cursor: number | undefined;
  let provenAt: LocalInstant | undefined;

  /** @returns the cursor of the next poll */
  async function readThrough(from: number): Promise<number> {
    let since = from;
    let began: number | undefined;
    for (let page = 1; ; page += 1) {
      const { now, edited } = await editedSince(since, PAGE_SIZE);
      began ??= now;
      onEdited(edited);
      const next = nextPage(edited, since, page);
      if (next === 'end') return began;
      if (next === 'gap') {
        onGap();
        return began;
      }
      since = next.since;
    }
  }

  /** The first one asks for the store's clock alone. What was edited since this process began is told with the overlap, where that reaches back so far. */
  async function findCursor(): Promise<number> {
    const { now } = await editedSince(clock.now(), 1);
    if (clock.monotonic() - createdAt >= OVERLAP_MS) onGap();
    return now;
  }

  async function readOn(): Promise<number> {
    return await readThrough((cursor ?? (await findCursor())) - OVERLAP_MS);
  }

  async function poll(): Promise<void> {
    const began = localInstant(clock);
    const read = await within(clock, readOn(), DEADLINE_MS);
    if (read === undefined) return;
    cursor = read;
    provenAt = began;
  }

  async function pollAndTell(): Promise<void> {
    await poll().finally(() => onLag(clock.monotonic() - (provenAt?.monotonic ?? createdAt)));
  }

  const repetition = repeat(clock, { intervalMs: () => intervalMs(clock.random()), work: pollAndTell });

  return {
    isHealthy: () => provenAt !== undefined && ageMs(clock, provenAt) < HEALTHY_MS,
    stop: () => repetition.stop(),
  };
}

/** @param random in [0, 1) */
export function intervalMs(random: number): number {
  return INTERVAL_MS * (1 - JITTER + 2 * JITTER * random);
}

/** What comes after a page: nothing, another one, or, where going on would lead nowhere, a gap. */
export function nextPage(
  edited: readonly { readonly at: number }[],
  since: number,
  page: number,
): 'end' | 'gap' | { readonly since: number } {
  const last = edited.at(-1);
  if (last === undefined || edited.length < PAGE_SIZE) return 'end';
  return last.at <= since || page >= MOST_PAGES ? 'gap' : { since: last.at };
}
