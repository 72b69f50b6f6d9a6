/** An attempt at the credential guard: waits for its turn, and says afterwards what came of the try. */
import type { AttemptResult } from './attempt.ts';
import { leaseTtlMs, type AttemptPlan } from './attempt-plan.ts';
import type { CredentialOutcome } from './credential-record.ts';
import { findCredentialBar } from './credential-transitions.ts';
import type { FlightPorts } from './flight-ports.ts';

/** How long an attempt waits for another one that presents the same credentials. */
const ADMISSION_WAIT_MS = 5_000;
const ADMISSION_POLL_MS = 100;
const SETTLE_TRIES = 5;

type GuardPorts = Pick<FlightPorts, 'clock' | 'credentials'>;

/** Where the guard cannot be asked nothing is sent: it is as if another attempt were at it. */
export async function askAdmission(
  { clock, credentials }: GuardPorts,
  plan: AttemptPlan,
  closing: AbortSignal,
): Promise<AttemptResult> {
  const { attempt, configuration, person } = plan;
  const admit = { kind: 'admit', attempt, ttlMs: leaseTtlMs(plan), person } as const;
  const until = clock.monotonic() + ADMISSION_WAIT_MS;
  for (;;) {
    const result = await credentials.apply(configuration.credentialId ?? '', admit).catch(() => undefined);
    // The second half: the reply to an earlier one was lost.
    if (result?.applied === true || result?.record?.lease?.attempt === attempt) return { kind: 'admitted' };
    const bar = result === undefined ? undefined : findCredentialBar(result.record, result.now, person);
    if (result !== undefined && bar !== undefined && bar.kind !== 'busy')
      return { kind: 'barred', bar, now: result.now };
    if (clock.monotonic() >= until || closing.aborted) return { kind: 'barred', bar: { kind: 'busy' }, now: 0 };
    await clock.sleep(ADMISSION_POLL_MS * (0.5 + clock.random()), closing).catch(() => undefined);
  }
}

/** What cannot be told stays counted: that is the safe side. A process that ends tries no more than once. */
export async function settleCredential(
  { clock, credentials }: GuardPorts,
  { attempt, configuration }: AttemptPlan,
  outcome: CredentialOutcome,
  closing: AbortSignal,
): Promise<void> {
  for (let tried = 0; tried < SETTLE_TRIES; tried += 1) {
    try {
      await credentials.apply(configuration.credentialId ?? '', { kind: 'settle', attempt, outcome });
      return;
    } catch {
      if (closing.aborted) return;
      await clock.sleep(100 * 2 ** tried, closing).catch(() => undefined);
    }
  }
}
