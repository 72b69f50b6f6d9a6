/** Where requests wait until somebody says go: a named point for tests, instead of a pause. */
export class HoldGate {
  readonly #waiting = new Set<() => void>();

  /** How many wait now. */
  get held(): number {
    return this.#waiting.size;
  }

  /** Resolves on the next {@link release}, or when the signal aborts. */
  async wait(signal?: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const go = (): void => resolve(undefined);
    this.#waiting.add(go);
    signal?.addEventListener('abort', go, { once: true });
    try {
      await promise;
    } finally {
      this.#waiting.delete(go);
      signal?.removeEventListener('abort', go);
    }
  }

  release(): void {
    for (const go of this.#waiting) go();
  }
}
