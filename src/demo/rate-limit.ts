/** Which requests of the last second were let in. */
export class RateLimit {
  #admitted: number[] = [];

  /**
   * @param now epoch milliseconds
   * @param perSecond requests that any second may have
   * @returns milliseconds until there is room again; 0: this one is let in
   */
  admit(now: number, perSecond: number): number {
    this.#admitted = this.#admitted.filter((at) => at > now - 1_000);
    const oldest = this.#admitted.at(-perSecond);
    if (this.#admitted.length >= perSecond) return (oldest ?? now) + 1_000 - now;
    this.#admitted.push(now);
    return 0;
  }
}
