/** How long after a change a worker still began calls with what was before it. */
export interface StalenessOptions {
  /** What a call sees. */
  readonly look: () => Promise<string>;
  /** What it sees after the change. */
  readonly after: string;
  /** The change: resolves when it is acknowledged. */
  readonly change: () => Promise<unknown>;
}

const GIVE_UP_MS = 60_000;

/**
 * Calls follow each other without a pause from before the change until one sees it.
 * @returns milliseconds from the acknowledgement to the beginning of the last call that saw what was before; 0 where none began after it
 */
export async function stalenessOf({ look, after, change }: StalenessOptions): Promise<number> {
  let acknowledgedAt = Number.POSITIVE_INFINITY;
  const changing = change().then(() => (acknowledgedAt = performance.now()));
  const givesUpAt = performance.now() + GIVE_UP_MS;
  let lastStaleAt = 0;
  for (;;) {
    const began = performance.now();
    if ((await look()) === after) break;
    lastStaleAt = began;
    if (began > givesUpAt) throw new Error(`Not seen within ${GIVE_UP_MS} ms.`);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await changing;
  return Math.max(0, lastStaleAt - acknowledgedAt);
}
