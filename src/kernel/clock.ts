/** The port for time and chance. Tests step it; only `io/system-clock.ts` knows the real ones. */
export interface Clock {
  /** Wall time, epoch milliseconds. For people and for absolute instants. */
  now(): number;
  /** Milliseconds that never step back, from an arbitrary start. For durations and deadlines. */
  monotonic(): number;
  /** Resolves after `ms`, or rejects with the signal's reason. Durations beyond 2^31-1 ms are legal. */
  sleep(ms: number, signal?: AbortSignal, options?: SleepOptions): Promise<void>;
  /** Resolves when the events that have arrived by now have all been looked at: what many of them want can then be done once. */
  endOfTurn(): Promise<void>;
  /** A number in [0, 1), for jitter. */
  random(): number;
  /** A random identifier, unique for all practical purposes (UUID). */
  uuid(): string;
}

export interface SleepOptions {
  /** Nobody waits for it: a process that has nothing else to do ends without it. Default false. */
  readonly background?: boolean;
}
