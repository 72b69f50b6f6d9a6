/** What a bench promises, and how `bench/smoke.ts` tells that it is kept. */

/** One figure. Where `goal` is the larger one, more is better; where it is the smaller, less is. */
export interface Gate {
  readonly name: string;
  readonly value: number;
  /** What the product promises on a quiet machine. */
  readonly goal: number;
  /** What must hold on any: the goal, less the noise of a shared machine. */
  readonly gate: number;
}

export function holds({ value, goal, gate }: Gate): boolean {
  return isMoreBetter({ goal, gate }) ? value >= gate : value <= gate;
}

/** Of two runs of one figure, for noise can only make it worse. */
export function betterOf(first: Gate, second: Gate): Gate {
  return second.value > first.value === isMoreBetter(first) ? second : first;
}

function isMoreBetter({ goal, gate }: Pick<Gate, 'goal' | 'gate'>): boolean {
  return goal >= gate;
}
