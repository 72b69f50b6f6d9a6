/** What is made once and used often, with an end to it. */

export interface BoundedCacheOptions {
  /** Entries kept; the oldest that was not used since it was last looked at goes first. */
  readonly maxEntries: number;
}

interface Entry<Value> {
  readonly value: Value;
  used: boolean;
}

export class BoundedCache<Key, Value> {
  readonly #maxEntries: number;
  /** A use only leaves a mark, for it is on the path of every call; whoever has one when room is made gets behind the others and loses it. */
  readonly #entries = new Map<Key, Entry<Value>>();

  constructor({ maxEntries }: BoundedCacheOptions) {
    this.#maxEntries = maxEntries;
  }

  get size(): number {
    return this.#entries.size;
  }

  find(key: Key): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    entry.used = true;
    return entry.value;
  }

  /** @returns what had to go for it */
  set(key: Key, value: Value): Value | undefined {
    this.#entries.delete(key);
    const gone = this.#entries.size < this.#maxEntries ? undefined : this.#makeRoom();
    this.#entries.set(key, { value, used: false });
    return gone;
  }

  delete(key: Key): void {
    this.#entries.delete(key);
  }

  /** Takes everything out. */
  drain(): readonly Value[] {
    const values = [...this.#entries.values()].map(({ value }) => value);
    this.#entries.clear();
    return values;
  }

  #makeRoom(): Value | undefined {
    for (const [key, entry] of this.#entries) {
      this.#entries.delete(key);
      if (!entry.used) return entry.value;
      entry.used = false;
      this.#entries.set(key, entry);
    }
    return undefined;
  }
}
