import { builtinModules } from 'node:module';
import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { CORE_FOLDERS, PURE_BUILTINS, WORLD_PACKAGES } from './core-boundary.config.js';

const CORE = CORE_FOLDERS.map((folder) => `src/${folder}/**/*.ts`);

const NAMED_EXPORTS_ONLY = [
  { selector: 'ExportDefaultDeclaration', message: 'Export by name: one thing has one name everywhere.' },
  { selector: "ExportSpecifier[exported.name='default']", message: 'Export by name, not as default.' },
];

const NO_AMBIENT_TIME = [
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Take the time from the Clock port.' },
  { selector: "CallExpression[callee.name='Date']", message: 'Take the time from the Clock port.' },
  { selector: 'ImportExpression', message: 'The core loads nothing at run time: import statically.' },
];

const AMBIENT_GLOBALS = [
  'process',
  'fetch',
  'WebSocket',
  'EventSource',
  'XMLHttpRequest',
  'BroadcastChannel',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'clearTimeout',
  'clearInterval',
  'clearImmediate',
  'performance',
  'crypto',
  'console',
  'navigator',
  'localStorage',
  'sessionStorage',
  'global',
];

const AMBIENT_PROPERTIES = [
  { object: 'Date', property: 'now', message: 'Take the time from the Clock port.' },
  { object: 'Math', property: 'random', message: 'Take randomness from a port.' },
  { object: 'AbortSignal', property: 'timeout', message: 'A hidden timer: take the delay from the Clock port.' },
  ...AMBIENT_GLOBALS.map((property) => ({
    object: 'globalThis',
    property,
    message: 'The core does no I/O: take it from a port.',
  })),
];

const WORLD_BUILTINS = builtinModules
  .map((name) => name.replace(/^node:/, ''))
  .filter((name) => !name.startsWith('_') && !PURE_BUILTINS.includes(name));

const CORE_IMPORTS = {
  patterns: [
    {
      regex: `^node:(?!(?:${PURE_BUILTINS.join('|')})$)`,
      allowTypeImports: true,
      message: 'The core does no I/O: take the effect from a port.',
    },
    {
      regex: `^(?:${WORLD_BUILTINS.join('|')})$`,
      allowTypeImports: true,
      message: 'The core does no I/O: take the effect from a port.',
    },
    {
      regex: `^(?:${WORLD_PACKAGES.join('|')})(?:/.*)?$`,
      message: 'Drivers, clients and terminals belong to io/, adapters/ and cli/.',
    },
  ],
};

export default defineConfig(
  { ignores: ['dist/', 'coverage/', '.cache/', '.everbearer/', 'test/**/fixtures/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error', reportUnusedInlineConfigs: 'error' } },
  js.configs.recommended,
  { files: ['.ci/*.js'], languageOptions: { globals: { console: 'readonly', process: 'readonly' } } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: 'error',
      'no-restricted-syntax': ['error', ...NAMED_EXPORTS_ONLY],
      'object-shorthand': 'error',
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true, argsIgnorePattern: '^_' }],
      // An async port method without an await is how a plain implementation turns a throw into a rejection.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/return-await': ['error', 'always'],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    },
  },
  {
    files: ['src/**/*.ts', 'adapters/**/*.ts'],
    ignores: ['src/cli/**', 'src/demo/**'],
    rules: { 'no-console': 'error' },
  },
  {
    files: CORE,
    rules: {
      'no-restricted-globals': [
        'error',
        ...AMBIENT_GLOBALS.map((name) => ({ name, message: 'The core does no I/O: take it from a port.' })),
      ],
      'no-restricted-properties': ['error', ...AMBIENT_PROPERTIES],
      'no-restricted-syntax': ['error', ...NAMED_EXPORTS_ONLY, ...NO_AMBIENT_TIME],
      '@typescript-eslint/no-restricted-imports': ['error', CORE_IMPORTS],
    },
  },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    rules: {
      // Tests poke at what a type says cannot be; asymmetric matchers (expect.any) are typed any.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
    },
  },
  {
    files: ['*.config.ts', '*.config.js', '.dependency-cruiser.js'],
    rules: { 'no-restricted-syntax': 'off' },
  },
);
