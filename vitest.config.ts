import { defineConfig } from 'vitest/config';

/** Where `.ci/run` wants the results as JSON, beside what a person reads. */
const results = process.env['TEST_RESULTS'];

/** Room for a busy two-core machine; a test that needs it when alone is too slow for these projects. */
const ROOM = { testTimeout: 20_000, hookTimeout: 60_000 };

/** Tests that hold something to a time: they run alone, after the others. */
const TIMED = [
  'test/cli/demo.test.ts',
  'test/corpus/**/*.test.ts',
  'test/import/document-source.test.ts',
  'test/import/hostile.test.ts',
  'test/lifecycle/closing.test.ts',
  'test/lifecycle/wrong-password.test.ts',
  'test/stores/mongodb-faults.test.ts',
];

/**
 * `fast` on all cores and then `timed` on one are what `npm test` runs. `real` talks to real authorization servers, `long`
 * takes minutes by nature, `fleet` runs many worker processes: each has its own script. Whole-corpus runs are the same tests, which look at CORPUS=whole.
 */
export default defineConfig({
  test: {
    reporters: results === undefined ? ['default'] : ['default', ['json', { outputFile: results }]],
    // Of the root alone: it runs once, whichever projects do, and they inherit what it provides.
    globalSetup: ['test/support/mongodb-global-setup.ts'],
    projects: [
      {
        test: {
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: ['test/real/**', 'test/long/**', 'test/fleet/**', ...TIMED],
          ...ROOM,
          // Vitest leaves a core to itself by default: half of a two-core machine.
          maxWorkers: '100%',
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: { name: 'timed', include: TIMED, ...ROOM, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
      {
        test: {
          name: 'real',
          sequence: { groupOrder: 2 },
          include: ['test/real/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'long',
          sequence: { groupOrder: 3 },
          include: ['test/long/**/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'fleet',
          sequence: { groupOrder: 4 },
          include: ['test/fleet/**/*.test.ts'],
          // A file has the machine to itself: it starts processes of its own.
          maxWorkers: 1,
          testTimeout: process.env['FLEET'] === 'full' ? 1_200_000 : 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
