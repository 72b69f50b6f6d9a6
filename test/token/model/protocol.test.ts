/** The model check of the token protocol: see README.md. `MODEL=deep` gives each configuration more faults, edits and workers. */
import { describe, expect, test } from 'vitest';
import { CONFIGURATIONS } from './configurations.ts';
import { counterExampleText, explore } from './explore.ts';
import { PROTOCOL } from './protocol.ts';

const IS_DEEP = process.env['MODEL'] === 'deep';
const ROOM_MS = IS_DEEP ? 3_600_000 : 120_000;

describe('every interleaving holds G1 to G4, G6, M10 and liveness', () => {
  test.each(Object.entries(CONFIGURATIONS))('test 48: %s', { timeout: ROOM_MS }, (_name, { settings, deeper }) => {
    const { counterExample, states } = explore(PROTOCOL, IS_DEEP ? { ...settings, ...deeper } : settings);
    expect(counterExample && counterExampleText(counterExample)).toBeUndefined();
    expect(states).toBeGreaterThan(1_000);
  });
});
