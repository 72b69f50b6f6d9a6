/** What is made once and used often, with an end: compiled plans and validators by model and operation. */

export interface BoundedCacheOptions {
  /** Entries kept; the one used longest ago goes first. */
  readonly maxEntries: number;
}

export class BoundedCache<Value> {
  readonly #maxEntries: number;
  /** In the order of use: a Map remembers insertion, so use means taking out and putting back. */
  readonly #entries = new Map<string, Value>();

  constructor({ maxEntries }: BoundedCacheOptions) {
    this.#maxEntries = maxEntries;
  }

  get size(): number {
    return this.#entries.size;
  }

  find(key: string): Value | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  set(key: string, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#maxEntries) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}
