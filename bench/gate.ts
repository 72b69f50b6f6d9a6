/** What a bench promises, and how `bench/smoke.ts` tells that it is kept. */

/** One figure. */
export interface Gate {
  readonly name: string;
  readonly value: number;
  readonly better: 'higher' | 'lower';
  /** What the product promises on a quiet machine. */
  readonly goal: number;
  /** What must hold on any: the goal, with room for the noise of a shared machine. */
  readonly gate: number;
}

export function holds({ value, better, gate }: Gate): boolean {
  return better === 'higher' ? value >= gate : value <= gate;
}

/** Of two runs of one figure, for noise can only make it worse. */
export function betterOf(first: Gate, second: Gate): Gate {
  const isHigher = second.value > first.value;
  return isHigher === (first.better === 'higher') ? second : first;
}
