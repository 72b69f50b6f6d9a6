/** What the pure core may touch: read by the linter (globals, built-ins) and by the import rules. */

/** The folders of `src/` that decide and never do: effects reach them through ports. */
export const CORE_FOLDERS = ['kernel', 'openapi', 'model', 'exchange', 'token', 'integration', 'task'];

/** Node built-ins that only compute. All others touch the world; `node:crypto` is reached through a port. */
export const PURE_BUILTINS = [
  'assert',
  'assert/strict',
  'buffer',
  'events',
  'path/posix',
  'string_decoder',
  'util',
  'util/types',
];

/** Packages that talk to a network, a disk, a terminal or whoever watches the process. */
export const WORLD_PACKAGES = [
  'mongodb',
  'undici',
  'pino',
  'prom-client',
  '@opentelemetry',
  'commander',
  'cli-progress',
  'yauzl',
  '@inquirer',
];
