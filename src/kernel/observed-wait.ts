/** Waiting for a token, counted. */
import type { Clock } from './clock.ts';
import type { Metrics } from './metrics.ts';

/**
 * One of the waiters until the work ends; then its wait is told, as `failed` where the work throws or gives nothing (`undefined`: the time was over).
 * Only for calls that do wait: one that is served at once would make the times look short.
 */
export async function observeWait<T>(
  { clock, metrics }: { readonly clock: Clock; readonly metrics: Metrics },
  work: () => Promise<T>,
): Promise<T> {
  const began = clock.monotonic();
  let outcome: 'ok' | 'failed' = 'failed';
  metrics.add('everbearer_token_waiters', {}, 1);
  try {
    const result = await work();
    if (result !== undefined) outcome = 'ok';
    return result;
  } finally {
    metrics.add('everbearer_token_waiters', {}, -1);
    metrics.observe('everbearer_token_wait_seconds', { outcome }, (clock.monotonic() - began) / 1_000);
  }
}
