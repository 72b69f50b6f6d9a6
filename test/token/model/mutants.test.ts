/** Each rule that may not be weakened (M1 to M12) is left out once, and is missed. */
import { describe, expect, test } from 'vitest';
import { CONFIGURATIONS } from './configurations.ts';
import { counterExampleText, explore } from './explore.ts';
import { MUTANTS } from './mutants.ts';

const ROOM_MS = 120_000;

describe('a protocol without one of its rules breaks', () => {
  const titled = MUTANTS.map((mutant) => [`${mutant.rule}: ${mutant.what} → ${mutant.caughtBy}`, mutant] as const);
  test.each(titled)('test 48: %s', { timeout: ROOM_MS }, (_title, { protocol, configuration, caughtBy }) => {
    const { counterExample } = explore(protocol, CONFIGURATIONS[configuration]!.settings);
    expect(counterExample?.invariant, counterExample && counterExampleText(counterExample)).toBe(caughtBy);
  });

  test('test 48: every one of the twelve has a mutant', () => {
    const rules = new Set(MUTANTS.map(({ rule }) => rule));
    expect([...rules]).toEqual(Array.from({ length: 12 }, (_, index) => `M${index + 1}`));
  });
});
