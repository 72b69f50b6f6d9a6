import { defineConfig } from 'vitest/config';

/** Where `.ci/run` wants the results as JSON, beside what a person reads. */
const results = process.env['TEST_RESULTS'];

/**
 * `fast` is what `npm test` runs. `real` talks to real authorization servers, `long` takes minutes by nature: each has its
 * own script. Whole-corpus runs are `fast` tests that look at CORPUS=whole.
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
          exclude: ['test/real/**', 'test/long/**'],
          // Room for a busy two-core machine; a test that needs it when alone is too slow for this project.
          testTimeout: 20_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: { name: 'real', include: ['test/real/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 300_000 },
      },
      {
        test: { name: 'long', include: ['test/long/**/*.test.ts'], testTimeout: 600_000, hookTimeout: 300_000 },
      },
    ],
  },
});
