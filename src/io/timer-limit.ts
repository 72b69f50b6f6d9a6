/** Longest delay that `setTimeout` takes, milliseconds; anything longer would fire at once. */
export const LONGEST_TIMER_MS: number = 2 ** 31 - 1;
