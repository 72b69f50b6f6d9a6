/** Options are said in three places: the schema, the defaults, and the documentation of the interface. They say the same. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SETTINGS } from '../../src/cli/settings.ts';
import { DEFAULT_OPTIONS, type EverbearerOptions } from '../../src/options.ts';
import { flagName, variableName } from '../../src/option-names.ts';
import { resolveOptions } from '../../src/resolve-options.ts';
import schema from '../../schemas/options.schema.json' with { type: 'json' };
import { readPage, ROOT } from './pages.ts';

interface Described {
  readonly description: string;
  readonly default?: unknown;
  readonly type?: string;
}

const PROPERTIES = Object.entries<Described>(schema.properties);
const source = readFileSync(join(ROOT, 'src/options.ts'), 'utf8');

/** Each field of the interface with the comment above it. */
const documented = new Map(
  [...source.matchAll(/\/\*\* (?<comment>[^\n]*) \*\/\n {2}readonly (?<name>\w+)\?:/g)].map(({ groups }) => [
    groups?.['name'],
    groups?.['comment'] ?? '',
  ]),
);

test('the schema and the interface have the same options', () => {
  const names = PROPERTIES.map(([name]) => name);
  const ofInterface = [...documented.keys()].filter((name) => names.includes(name ?? ''));
  expect(ofInterface).toEqual(names);
  // The compiler holds the other direction: a name that the interface has not is an error here.
  const complete = { ...DEFAULT_OPTIONS, keyFile: '', spool: '' } satisfies Required<EverbearerOptions>;
  expect(Object.keys(complete).toSorted()).toEqual(names.toSorted());
});

describe.each(PROPERTIES)('%s', (name, described) => {
  test("the schema's default is the program's", () => {
    expect(described.default).toEqual((DEFAULT_OPTIONS as Readonly<Record<string, unknown>>)[name]);
  });

  test('the interface says its default', () => {
    const comment = documented.get(name) ?? '';
    expect(comment).toMatch(/Default /);
    if (described.default === undefined) return;
    expect(comment.replaceAll(/(?<=\d),(?=\d)/g, '')).toContain(`Default ${shown(described.default)}`);
  });

  test('docs/cli.md has it', () => {
    const page = readPage('docs/cli.md');
    expect(page).toContain(`\`${variableName(name)}\``);
    const isFlag = SETTINGS.some(({ option }) => option === name);
    expect(page.includes(`| \`${flagName(name)}`)).toBe(isFlag);
  });

  test('its variable is read, and is weaker than the option', () => {
    const values: Readonly<Record<string, readonly [string, unknown]>> = {
      integer: ['70', 70],
      array: ['a.example, 10.0.0.0/8', ['a.example', '10.0.0.0/8']],
    };
    const texts: Readonly<Record<string, string>> = {
      store: 'sqlite:v',
      validate: 'warn',
      renewal: 'inline',
      onStoreUnavailable: 'fail',
    };
    const [text, value] = values[described.type ?? ''] ?? [texts[name] ?? 'v', texts[name] ?? 'v'];
    const environment = { [variableName(name)]: text };
    expect(resolveOptions({}, environment)).toMatchObject({ [name]: value });
    const given = { ...DEFAULT_OPTIONS, keyFile: 'k', spool: 'off' }[name as keyof EverbearerOptions];
    expect(resolveOptions({ [name]: given }, environment)).toMatchObject({ [name]: given });
  });
});

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'none';
  return value === 64 * 1024 * 1024 ? '64 MiB' : typeof value === 'number' ? String(value) : `\`${String(value)}\``;
}

test.each<readonly [string, EverbearerOptions | object, Readonly<Record<string, string>>, RegExp]>([
  ['an option', { tokenWaitMs: -1 }, {}, /^The option tokenWaitMs must be >= 0\.$/],
  [
    'a variable',
    {},
    { EVERBEARER_VALIDATE: 'no' },
    /^The variable EVERBEARER_VALIDATE must be one of strict, warn, off\.$/,
  ],
  ['an option that there is not', { tokenWait: 1 }, {}, /^The option tokenWait is not known\.$/],
  [
    'a store, without repeating it',
    { store: 'mysql://u:geheim@h' },
    {},
    /^The option store must be sqlite:<path> or mongodb:\/\/…\.$/,
  ],
])('%s that is wrong is named in the spelling that was used', (_title, options, environment, message) => {
  expect(() => resolveOptions(options, environment)).toThrow(
    expect.objectContaining({ code: 'bad_request', message: expect.stringMatching(message) }),
  );
});
