import { CORE_FOLDERS, PURE_BUILTINS, WORLD_PACKAGES } from './core-boundary.config.js';

/**
 * Import direction: which folders of `src/` a folder may import, besides itself and `errors.ts`.
 * `openapi` and `exchange` don't know each other; they meet in `integration`. A new folder gets its line here first:
 * `no-unlisted-folder` refuses it otherwise.
 */
const MAY_IMPORT = {
  kernel: [],
  openapi: ['kernel'],
  model: ['kernel', 'openapi'],
  exchange: ['kernel'],
  token: ['kernel', 'exchange'],
  integration: ['kernel', 'openapi', 'model', 'exchange', 'token'],
  task: ['kernel', 'openapi', 'model', 'exchange', 'token', 'integration'],
  formats: ['kernel', 'openapi', 'model', 'exchange', 'token', 'integration'],
  io: [...CORE_FOLDERS, 'formats'],
  demo: [...CORE_FOLDERS, 'io'],
  server: [...CORE_FOLDERS, 'formats'],
  pages: [],
};

/** Files directly in `src/` that say types and settings, for every folder that stands outside the core. */
const FACES = ['api', 'options', 'store'];

const list = (names) => `(?:${names.join('|')})`;

const folderRules = Object.entries(MAY_IMPORT).map(([folder, allowed]) => {
  const files = CORE_FOLDERS.includes(folder) || folder === 'pages' ? ['errors'] : ['errors', ...FACES];
  const folders = [folder, ...allowed];
  return {
    name: `${folder}-imports`,
    comment: `src/${folder}/ may import ${['itself', ...allowed].join(', ')} and ${files.join('.ts, ')}.ts of src/.`,
    severity: 'error',
    from: { path: `^src/${folder}/` },
    to: { path: '^(?:src|adapters|migrations)/', pathNot: `^src/(?:${list(folders)}/|${list(files)}\\.ts$)` },
  };
});

const storeRules = ['mongodb', 'sqlite'].map((store) => ({
  name: `store-${store}-imports`,
  comment: 'A store adapter implements ports over its driver and its own migrations; it knows no other adapter.',
  severity: 'error',
  from: { path: `^adapters/stores/${store}/` },
  to: {
    path: '^(?:src|adapters|migrations)/',
    pathNot: `^adapters/stores/${store}/|^migrations/${store}/|^src/(?:${list(CORE_FOLDERS)}/|${list(['errors', ...FACES])}\\.ts$)`,
  },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...folderRules,
    ...storeRules,
    {
      name: 'no-unlisted-folder',
      comment: 'Every folder of src/ has its line in MAY_IMPORT; cli/ joins everything and needs none.',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: `^src/${list([...Object.keys(MAY_IMPORT), 'cli'])}/` },
      to: {},
    },
    {
      name: 'errors-is-a-leaf',
      comment: 'errors.ts is imported by all and imports none of us.',
      severity: 'error',
      from: { path: '^src/errors\\.ts$' },
      to: { path: '^(?:src|adapters|migrations)/' },
    },
    {
      name: 'faces-know-the-core-only',
      comment: 'api.ts, options.ts and store.ts name the core; they join nothing.',
      severity: 'error',
      from: { path: `^src/${list(FACES)}\\.ts$` },
      to: {
        path: '^(?:src|adapters|migrations)/',
        pathNot: `^src/(?:${list(CORE_FOLDERS)}/|${list(['errors', ...FACES])}\\.ts$)`,
      },
    },
    {
      name: 'library-without-program',
      comment: 'Who imports the library gets no command line, server, demo or engine with it.',
      severity: 'error',
      from: { path: '^src/(?:index|everbearer)\\.ts$' },
      to: { path: '^src/(?:cli|server|demo|pages)/|^adapters/engines/' },
    },
    {
      name: 'only-the-root-joins',
      comment: 'io/ and adapters/stores/ implement ports: everbearer.ts and cli/ join them, the demo borrows io/.',
      severity: 'error',
      from: { path: '^(?:src|adapters)/', pathNot: '^src/(?:everbearer\\.ts$|(?:io|cli|demo)/)|^adapters/stores/' },
      to: { path: '^src/io/|^adapters/stores/' },
    },
    {
      name: 'engines-see-the-public-face',
      comment: 'An engine adapter imports src/index.ts and its own folder, never another engine.',
      severity: 'error',
      from: { path: '^adapters/engines/([^/]+)/' },
      to: {
        path: '^(?:src|adapters|migrations)/',
        pathNot: '^src/index\\.ts$|^adapters/engines/$1/',
      },
    },
    {
      name: 'core-does-no-io',
      comment: 'The core takes effects through ports: no Node built-in that touches the world, no driver.',
      severity: 'error',
      from: { path: `^src/${list(CORE_FOLDERS)}/` },
      to: {
        dependencyTypes: ['core'],
        dependencyTypesNot: ['type-only'],
        pathNot: `^(?:node:)?${list(PURE_BUILTINS)}$`,
      },
    },
    {
      name: 'core-knows-no-driver',
      comment: 'Drivers, clients and terminals belong to io/, adapters/ and cli/; their types too.',
      severity: 'error',
      from: { path: `^src/${list(CORE_FOLDERS)}/` },
      to: { path: `(?:^|node_modules/)${list(WORLD_PACKAGES)}(?:/|$)` },
    },
    {
      name: 'migrations-get-the-handle',
      comment:
        "A migration is frozen once released: it gets the database as a parameter and imports a driver's types only.",
      severity: 'error',
      from: { path: '^migrations/([^/]+)/' },
      to: { pathNot: '^migrations/$1/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'migrations-know-none-of-us',
      comment: 'What a migration imported from us would change under it.',
      severity: 'error',
      from: { path: '^migrations/' },
      to: { path: '^(?:src|adapters)/' },
    },
    {
      name: 'no-cycle',
      comment: 'Also not through types: a cycle says that two files are one subject, or that a third is missing.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphan',
      comment: 'A file that neither imports nor is imported is dead.',
      severity: 'error',
      from: { path: '^(?:src|adapters)/', orphan: true },
      to: {},
    },
    {
      name: 'shipped-without-dev',
      comment: 'What is shipped needs nothing from devDependencies, tests or benchmarks.',
      severity: 'error',
      from: { path: '^(?:src|adapters|migrations)/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'shipped-without-tests',
      severity: 'error',
      from: { path: '^(?:src|adapters|migrations)/' },
      to: { path: '^(?:test|bench|docs|examples|\\.ci)/' },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'declared',
      comment: 'Every package that is imported stands in package.json.',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules'] },
    exclude: { path: ['^dist/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types', 'default'] },
  },
};
