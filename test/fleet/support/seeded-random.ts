/** Chance that can be had again: the same seed, the same course. */
export interface SeededRandom {
  readonly seed: number;
  /** In [0, 1). */
  next(): number;
  /** In [low, high). */
  between(low: number, high: number): number;
  /** One of them. @throws Error where there is none */
  pick<T>(choices: readonly T[]): T;
}

/** @param seed default: `FLEET_SEED`, else another one each time */
export function createSeededRandom(seed: number = givenSeed()): SeededRandom {
  let state = seed >>> 0;
  /** Mulberry32. */
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
  return {
    seed,
    next,
    between: (low, high) => low + next() * (high - low),
    pick(choices) {
      const choice = choices[Math.floor(next() * choices.length)];
      if (choice === undefined) throw new Error('There is nothing to choose from.');
      return choice;
    },
  };
}

function givenSeed(): number {
  const given = process.env['FLEET_SEED'];
  return given === undefined ? Date.now() % 0x1_0000_0000 : Number(given);
}
