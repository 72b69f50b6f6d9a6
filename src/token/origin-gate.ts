/**
 * What a process sends to one token endpoint's origin: so many requests at once, the urgent ones first, and none but a probe while it is dead. Thousands of
 * integrations on one authorization server would otherwise each find out for themselves.
 */
import type { Clock } from '../kernel/clock.ts';
import type { Metrics } from '../kernel/metrics.ts';

/** What a request showed of the origin: an answer of any kind but a server's failure is a sign of life. */
export type OriginSign = 'alive' | 'dead' | 'nothing';

/** `urgent` before `early`: a renewal behind the callers can wait. */
export type OriginPriority = 'urgent' | 'early';

export interface OriginPass {
  /** What a request showed. */
  sign(sign: OriginSign): void;
  /** Gives the place back; the first time only. */
  leave(): void;
}

export interface OriginGate {
  /** Waits for a place. @returns when to come again, where the origin is dead. @throws the signal's reason */
  enter(
    origin: string,
    options: { readonly priority: OriginPriority; readonly person: boolean; readonly signal?: AbortSignal },
  ): Promise<OriginPass | { readonly retryAfterMs: number }>;
}

/** Requests to one origin at once. */
const PLACES = 8;
/** So many signs of death in a row close an origin. */
const MOST_DEAD = 5;
const CLOSED_FIRST_MS = 1_000;
/** A recovered origin is noticed within this. */
const CLOSED_MAX_MS = 30_000;

interface Origin {
  inside: number;
  dead: number;
  /** Monotonic. */
  closedUntil: number;
  probing: boolean;
  readonly waiting: Record<OriginPriority, (() => void)[]>;
}

export function createOriginGate(
  { monotonic, random }: Pick<Clock, 'monotonic' | 'random'>,
  metrics: Metrics,
): OriginGate {
  const origins = new Map<string, Origin>();

  const originOf = (name: string): Origin => {
    const known = origins.get(name);
    if (known !== undefined) return known;
    const made: Origin = { inside: 0, dead: 0, closedUntil: 0, probing: false, waiting: { urgent: [], early: [] } };
    origins.set(name, made);
    return made;
  };

  /** What stands in the way of all but a probe. */
  const closedFor = (origin: Origin): number =>
    origin.dead < MOST_DEAD ? 0 : Math.max(origin.closedUntil - monotonic(), origin.probing ? 1 : 0);

  /** Half open while a probe is under way. */
  function show(name: string, origin: Origin): void {
    const closed = [...origins.values()].filter(({ dead }) => dead >= MOST_DEAD);
    const probed = closed.filter(({ probing }) => probing).length;
    metrics.set('everbearer_breakers', { state: 'open' }, closed.length - probed);
    metrics.set('everbearer_breakers', { state: 'half_open' }, probed);
    if (origin.dead < MOST_DEAD) metrics.unset('everbearer_breaker_state', { origin: name });
    else metrics.set('everbearer_breaker_state', { origin: name }, origin.probing ? 1 : 2);
  }

  function sign(name: string, origin: Origin, shown: OriginSign): void {
    const wasClosed = origin.dead >= MOST_DEAD;
    count(origin, shown);
    if (wasClosed || origin.dead >= MOST_DEAD) show(name, origin);
  }

  function count(origin: Origin, shown: OriginSign): void {
    if (shown === 'alive') origin.dead = 0;
    if (shown !== 'dead') return;
    origin.dead += 1;
    const step = Math.min(CLOSED_MAX_MS, CLOSED_FIRST_MS * 2 ** Math.min(20, Math.max(0, origin.dead - MOST_DEAD)));
    origin.closedUntil = monotonic() + step * (0.5 + 0.5 * random());
  }

  function leave(name: string, origin: Origin): void {
    const next = origin.waiting.urgent.shift() ?? origin.waiting.early.shift();
    if (next !== undefined) next();
    else origin.inside -= 1;
    if (origin.inside === 0 && origin.dead === 0) origins.delete(name);
  }

  return {
    async enter(name, { priority, person, signal }) {
      const origin = originOf(name);
      if (origin.inside < PLACES) origin.inside += 1;
      else await turn(origin.waiting[priority], signal);
      const waitMs = person ? 0 : closedFor(origin);
      if (waitMs > 0) {
        leave(name, origin);
        return { retryAfterMs: Math.ceil(waitMs) };
      }
      const isProbe = origin.dead >= MOST_DEAD;
      if (isProbe) {
        origin.probing = true;
        show(name, origin);
      }
      let isInside = true;
      return {
        sign: (shown) => sign(name, origin, shown),
        leave: () => {
          if (!isInside) return;
          isInside = false;
          if (isProbe) {
            origin.probing = false;
            show(name, origin);
          }
          leave(name, origin);
        },
      };
    },
  };
}

/** Until a place is handed over. @throws the signal's reason */
async function turn(queue: (() => void)[], signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const go = (): void => resolve(undefined);
  const abort = (): void => {
    const index = queue.indexOf(go);
    if (index !== -1) queue.splice(index, 1);
    reject(signal?.reason);
  };
  queue.push(go);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    await promise;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}
