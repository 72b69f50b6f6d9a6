import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: ['test/real/**', 'test/long/**'],
        },
      },
      { test: { name: 'real', include: ['test/real/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 300_000 } },
      { test: { name: 'long', include: ['test/long/**/*.test.ts'], testTimeout: 600_000, hookTimeout: 300_000 } },
    ],
  },
});
