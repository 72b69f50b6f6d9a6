/** How far clocks are apart that were read over a network. */
import type { MemberClock } from '../store.ts';

export interface ClockComparison {
  /** The two that are the furthest apart, as `host:port`. */
  readonly members: readonly string[];
  /** By how much they are at least, milliseconds: what their answers' ways may account for is not held against them. */
  readonly apartMs: number;
  /** Members that did not answer. */
  readonly silent: readonly string[];
}

export function compareClocks(clocks: readonly MemberClock[]): ClockComparison {
  const silent = clocks.filter(({ aheadMs }) => aheadMs === undefined).map(({ member }) => member);
  const pairs = clocks.flatMap((one) => clocks.map((other) => ({ apartMs: leastApart(one, other), one, other })));
  const [furthest] = pairs.toSorted((a, b) => b.apartMs - a.apartMs);
  if (furthest === undefined || furthest.apartMs <= 0) return { members: [], apartMs: 0, silent };
  return { members: [furthest.one.member, furthest.other.member], apartMs: furthest.apartMs, silent };
}

/** How much the first is ahead of the second at least. */
function leastApart({ aheadMs: first }: MemberClock, { aheadMs: second }: MemberClock): number {
  return first === undefined || second === undefined ? 0 : first.least - second.most;
}
