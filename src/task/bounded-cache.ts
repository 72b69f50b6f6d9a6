/** What is made once and used often, with an end: compiled plans and validators by model and operation. */

export interface BoundedCacheOptions {
  /** Entries kept; the oldest that was not used since it was last looked at goes first. */
  readonly maxEntries: number;
}

interface Entry<Value> {
  readonly value: Value;
  used: boolean;
}

export class BoundedCache<Value> {
  readonly #maxEntries: number;
  /** A use only leaves a mark, for it is on the path of every call; whoever has one when room is made gets behind the others and loses it. */
  readonly #entries = new Map<string, Entry<Value>>();

  constructor({ maxEntries }: BoundedCacheOptions) {
    this.#maxEntries = maxEntries;
  }

  get size(): number {
    return this.#entries.size;
  }

  find(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    entry.used = true;
    return entry.value;
  }

  set(key: string, value: Value): void {
    this.#entries.delete(key);
    if (this.#entries.size >= this.#maxEntries) this.#makeRoom();
    this.#entries.set(key, { value, used: false });
  }

  #makeRoom(): void {
    for (const [key, entry] of this.#entries) {
      this.#entries.delete(key);
      if (!entry.used) return;
      entry.used = false;
      this.#entries.set(key, entry);
    }
  }
}
