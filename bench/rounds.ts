/** Throughput of several contenders, measured side by side: in every round each has its turn, so that what disturbs one disturbs all. */

/** The i-th call of a contender; its answer is not looked at. */
export type Call = (i: number) => Promise<unknown>;

export interface RoundsOptions {
  /** Calls in flight. */
  readonly concurrency: number;
  /** Default 9. */
  readonly rounds?: number;
  /** One contender's turn, milliseconds. Default 600. */
  readonly turnMs?: number;
}

/** @returns calls a second, a row a contender in the given order, a column a round */
export async function measureRounds(
  calls: readonly Call[],
  { concurrency, rounds = 9, turnMs = 600 }: RoundsOptions,
): Promise<readonly (readonly number[])[]> {
  const rates = calls.map((): number[] => []);
  for (const call of calls) await turn(call, concurrency, turnMs);
  for (let round = 0; round < rounds; round += 1) {
    // Another one begins each time: nobody always runs behind the same neighbour's garbage.
    for (let step = 0; step < calls.length; step += 1) {
      const index = (round + step) % calls.length;
      const call = calls[index];
      if (call !== undefined) rates[index]?.push(await turn(call, concurrency, turnMs));
    }
  }
  return rates;
}

async function turn(call: Call, concurrency: number, turnMs: number): Promise<number> {
  const began = performance.now();
  let made = 0;
  const worker = async (): Promise<void> => {
    while (performance.now() - began < turnMs) await call(made++);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return (made * 1_000) / (performance.now() - began);
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** The median over the rounds of one contender's rate to another's in the same round. */
export function medianRatio(rates: readonly number[], others: readonly number[]): number {
  return median(rates.map((rate, round) => rate / (others[round] ?? Number.NaN)));
}
