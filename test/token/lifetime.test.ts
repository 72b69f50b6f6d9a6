import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { floorBetweenObtainsMs, spreadOf, tokenTimes } from '../../src/token/lifetime.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

describe('when a token is renewed', () => {
  test.each([
    { lifetime: 5 * SECOND, softFrom: 3.5 * SECOND, softTo: 4 * SECOND, hard: 4.5 * SECOND },
    { lifetime: 20 * SECOND, softFrom: 14 * SECOND, softTo: 16 * SECOND, hard: 18 * SECOND },
    { lifetime: 60 * SECOND, softFrom: 43 * SECOND, softTo: 49 * SECOND, hard: 55 * SECOND },
    { lifetime: HOUR, softFrom: 47 * MINUTE, softTo: 53 * MINUTE, hard: 59 * MINUTE },
  ])(
    'a life of $lifetime ms: soft between $softFrom and $softTo, hard at $hard',
    ({ lifetime, softFrom, softTo, hard }) => {
      const earliest = tokenTimes(0, lifetime, { spread: 0.999_999 });
      const latest = tokenTimes(0, lifetime, { spread: 0 });
      expect(latest.hard_at).toBe(hard);
      expect(earliest.soft_at).toBeGreaterThanOrEqual(softFrom);
      expect(latest.soft_at).toBe(softTo);
    },
  );

  test("an exchange's refreshBefore sets the soft point and shortens the hard window", () => {
    const times = tokenTimes(0, HOUR, { spread: 0.5, refreshBeforeMs: 30 * SECOND });
    expect(times).toEqual({ issued_at: 0, expires_at: HOUR, soft_at: HOUR - 30 * SECOND, hard_at: HOUR - 15 * SECOND });
  });

  test('an unknown lifetime has no end, and a soft point at 55 minutes', () => {
    expect(tokenTimes(0, undefined, { spread: 0.5 })).toEqual({ issued_at: 0, soft_at: 55 * MINUTE });
  });

  test('a lifetime of 0 is over at once and not before it began', () => {
    expect(tokenTimes(7, 0, { spread: 0.5 })).toEqual({ issued_at: 7, expires_at: 7, soft_at: 7, hard_at: 7 });
  });

  test('any lifetime: issued ≤ soft ≤ hard ≤ end', () => {
    fc.assert(
      fc.property(fc.nat(400 * 24 * HOUR), fc.double({ min: 0, max: 0.999, noNaN: true }), (lifetime, spread) => {
        const { issued_at, soft_at = 0, hard_at = 0, expires_at = 0 } = tokenTimes(1_000, lifetime, { spread });
        expect([issued_at, soft_at, hard_at, expires_at]).toEqual(
          [issued_at, soft_at, hard_at, expires_at].toSorted((a, b) => a - b),
        );
      }),
    );
  });

  test('the spread of random identities covers [0, 1)', () => {
    const spreads = Array.from({ length: 2_000 }, () => spreadOf(crypto.randomUUID()));
    const deciles = new Set(spreads.map((spread) => Math.floor(spread * 10)));
    expect([...deciles].toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test.each([
    { lifetime: 5 * SECOND, floor: 1.25 * SECOND },
    { lifetime: HOUR, floor: 3 * MINUTE },
    { lifetime: 0, floor: 1_000 },
  ])('the floor between obtains for $lifetime ms is $floor ms', ({ lifetime, floor }) => {
    expect(floorBetweenObtainsMs(lifetime)).toBe(floor);
  });
});
