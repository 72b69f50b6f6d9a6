/** What every CredentialStore does: `apply` is the pure `applyCredentialTransition`, by the store's clock, and in one piece. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CredentialOutcome, CredentialTransition } from '../../../src/token/credential-record.ts';
import { applyCredentialTransition } from '../../../src/token/credential-transitions.ts';
import { credentialRecordArbitrary, credentialTransitionArbitrary } from '../../support/credential-arbitraries.ts';
import { type OpenStore, type StoreUnderTest, uniqueName } from './store-under-test.ts';

const RUNS = 200;
/** A settling by nobody: shows the record and writes nothing. */
const LOOK: CredentialTransition = { kind: 'settle', attempt: 'nobody', outcome: { kind: 'worked' } };

export function credentialStoreContract(name: string, open: OpenStore): void {
  describe(`${name}: credentials`, () => {
    let opened: StoreUnderTest;
    let offsetMs = 0;
    beforeAll(async () => {
      opened = await open({ clockOffsetMs: () => offsetMs });
    });
    afterAll(async () => {
      await opened.dispose();
    });
    const credentials = () => opened.store.credentials;

    test(
      'test 48: apply is applyCredentialTransition at the instant that it answers with',
      { timeout: 60_000 },
      async () => {
        const id = uniqueName('property');
        const written = { applied: 0, refused: 0 };
        const cases = fc.tuple(credentialRecordArbitrary(id, Date.now()), credentialTransitionArbitrary);
        await fc.assert(
          fc.asyncProperty(cases, async ([record, transition]) => {
            await opened.putCredential(record);
            const result = await credentials().apply(id, transition);
            const expected = applyCredentialTransition(id, record, transition, result.now);
            written[result.applied ? 'applied' : 'refused'] += 1;
            expect(result).toEqual({ applied: expected !== undefined, now: result.now, record: expected ?? record });
            expect((await credentials().apply(id, LOOK)).record).toEqual(expected ?? record);
          }),
          { numRuns: RUNS },
        );
        expect(Math.min(written.applied, written.refused)).toBeGreaterThan(RUNS / 10);
      },
    );

    test('a credential that nobody tried has no record; the first admission makes it', async () => {
      const id = uniqueName('cred:$x');
      for (const transition of [LOOK, { kind: 'reset' } as const]) {
        const none = await credentials().apply(id, transition);
        expect(none).toEqual({ applied: false, now: expect.any(Number) });
        expect(Math.abs(none.now - Date.now())).toBeLessThan(60_000);
      }
      const admitted = await credentials().apply(id, admit('a-1'));
      expect(admitted).toEqual({
        applied: true,
        now: admitted.now,
        record: applyCredentialTransition(id, undefined, admit('a-1'), admitted.now),
      });
    });

    test('of 20 admissions at once from two connections exactly one is made', async () => {
      const other = await opened.another();
      const known = uniqueName('known');
      await credentials().apply(known, admit('before'));
      await credentials().apply(known, settle('before', { kind: 'worked' }));
      for (const id of [uniqueName('new'), known]) {
        const results = await Promise.all(
          Array.from({ length: 20 }, (_, i) =>
            (i % 2 === 0 ? credentials() : other.credentials).apply(id, admit(`a-${i}`)),
          ),
        );
        const winners = results.filter(({ applied }) => applied);
        expect(winners).toHaveLength(1);
        const { record } = await other.credentials.apply(id, LOOK);
        expect(record).toEqual(winners[0]?.record);
        expect(record?.tries).toBe(1);
      }
    });

    test('a write that loses a race is made on what the winner left: none is lost', async () => {
      const id = uniqueName('raced');
      const other = await opened.another();
      await credentials().apply(id, admit('a-1'));
      const stores = [credentials(), other.credentials, credentials(), other.credentials];
      const resets = stores.map(async (store) => await store.apply(id, { kind: 'reset' }));
      const settled = credentials().apply(id, settle('a-1', { kind: 'worked' }));
      for (const { applied } of await Promise.all(resets)) expect(applied).toBe(true);
      const { record } = await credentials().apply(id, LOOK);
      expect(record).toMatchObject({ tries: 0, worked: (await settled).applied });
      expect(record).not.toHaveProperty('lease');
    });

    test('an admission whose reply was lost shows as its own when it is asked for again', async () => {
      const id = uniqueName('lost');
      await credentials().apply(id, admit('a-1'));
      const again = await credentials().apply(id, admit('a-1'));
      expect(again).toMatchObject({ applied: false, record: { tries: 1, lease: { attempt: 'a-1' } } });
    });

    test('a lease keeps others out until the clock of the store has passed it; the try stays counted', async () => {
      const id = uniqueName('leased');
      try {
        await credentials().apply(id, admit('a-1'));
        offsetMs = 29_000;
        expect((await credentials().apply(id, admit('a-2'))).applied).toBe(false);
        offsetMs = 31_000;
        expect(await credentials().apply(id, admit('a-2'))).toMatchObject({ applied: true, record: { tries: 2 } });
      } finally {
        offsetMs = 0;
      }
    });
  });
}

function admit(attempt: string): CredentialTransition {
  return { kind: 'admit', attempt, ttlMs: 30_000, person: false };
}

function settle(attempt: string, outcome: CredentialOutcome): CredentialTransition {
  return { kind: 'settle', attempt, outcome };
}
