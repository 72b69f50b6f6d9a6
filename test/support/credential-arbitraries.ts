/** Random records of the credential guard and transitions, for the property that every store's `apply` is the pure function. */
import fc, { type Arbitrary } from 'fast-check';
import type { CredentialRecord, CredentialTransition } from '../../src/token/credential-record.ts';

const attempt = fc.constantFrom('attempt-1', 'attempt-2', '$x');
const foreignText = fc.constantFrom('', '$$NOW', '{"$set":1}', "';--", 'a.b');

/** Clearly before or after `now`. */
function instant(now: number): Arbitrary<number> {
  return fc.constantFrom(-3_600_000, -60_000, 60_000, 3_600_000).map((offsetMs) => now + offsetMs);
}

/** Any record that could stand in a store. */
export function credentialRecordArbitrary(id: string, now: number): Arbitrary<CredentialRecord> {
  const times = instant(now);
  const refusal = fc.record(
    { at: times, code: foreignText, message: foreignText, http: fc.constantFrom(400, 401) },
    { requiredKeys: ['at', 'code', 'message'] },
  );
  return fc.record(
    {
      id: fc.constant(id),
      tries: fc.nat(4),
      worked: fc.boolean(),
      lease: fc.record({ attempt, until: times }),
      refused: refusal,
      next_at: times,
      updated_at: times,
    },
    { requiredKeys: ['id', 'tries', 'worked', 'updated_at'] },
  );
}

/** Any write. */
export const credentialTransitionArbitrary: Arbitrary<CredentialTransition> = fc.oneof(
  fc.record({
    kind: fc.constant('admit' as const),
    attempt,
    ttlMs: fc.constantFrom(1, 30_000, 120_000),
    person: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('settle' as const),
    attempt,
    outcome: fc.oneof(
      fc.record({ kind: fc.constantFrom('worked' as const, 'untried' as const, 'unanswered' as const) }),
      fc.record({
        kind: fc.constant('refused' as const),
        refusal: fc.record({ code: foreignText, message: foreignText }),
      }),
    ),
  }),
  fc.record({ kind: fc.constant('reset' as const) }),
);
