/** At most one run of a task per key; callers that come meanwhile share it. A rejection is shared too, and not kept. */
export interface SingleFlight<T> {
  /** The run in flight for the key, else a new one. */
  run(key: string, task: () => Promise<T>): Promise<T>;
  current(key: string): Promise<T> | undefined;
  /** Resolves when nothing is in flight any more. */
  idle(): Promise<void>;
}

export function createSingleFlight<T>(): SingleFlight<T> {
  const flights = new Map<string, Promise<T>>();
  return {
    run(key, task) {
      const running = flights.get(key);
      if (running !== undefined) return running;
      const flight = task().finally(() => {
        if (flights.get(key) === flight) flights.delete(key);
      });
      flights.set(key, flight);
      return flight;
    },
    current: (key) => flights.get(key),
    async idle() {
      while (flights.size > 0) await Promise.allSettled(flights.values());
    },
  };
}
