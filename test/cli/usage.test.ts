import { describe, expect, test } from 'vitest';
import { SETTINGS } from '../../src/cli/settings.ts';
import { VERBS } from '../../src/cli/verbs.ts';
import { runFake } from './support/fake-terminal.ts';

describe('wrong usage is exit 2 with a suggestion, and with --json an error document on standard output', () => {
  test.each<readonly [string, RegExp, RegExp]>([
    ['imprt x', /Unknown command 'imprt'/, /Did you mean import\?/],
    ['models lst', /Unknown command 'lst'/, /Did you mean list\?/],
    ['import x --drr-run', /Unknown option '--drr-run'/, /Did you mean --dry-run\?/],
    ['run a b --token-wait-m 5', /Unknown option '--token-wait-m'/, /--token-wait-ms/],
    ['import', /Missing required argument 'source'/, /everbearer import --help/],
    ['token set', /Missing required argument 'name'/, /everbearer token set --help/],
    [
      'import x secret-word',
      /Too many arguments for 'import'\. Expected 1 argument but got 2\.(?:\n|$)/,
      /import --help/,
    ],
    ['models', /models needs one more word/, /models list, models show/],
    ['token', /token needs one more word/, /token show/],
    ['--store x models list', /Unknown option '--store'/, /verb comes first/],
    ['events --limit x', /'--limit <count>'.*whole number/, /events --help/],
    ['events --limit -1', /whole number/, /events --help/],
    ['import x --max-bytes 0', /at least 1/, /import --help/],
    ['run a b --validate x', /strict, warn, off/, /run --help/],
    ['run a b --token-timeout-ms 10001', /from 1 to 10000/, /run --help/],
    ['models list --store nonsense', /--store must be sqlite:<path> or mongodb:/, /^$/],
    ['models list --store=', /--store must be/, /^$/],
    ['models list --key-file=', /--key-file must be/, /^$/],
  ])('everbearer %s', async (line, message, hint) => {
    const args = line.split(' ');
    const text = await runFake(args);
    expect(text).toMatchObject({ exit: 2, stdout: '', options: undefined });
    expect(text.stderr).toMatch(message);
    expect(text.stderr).not.toContain('secret-word');

    const json = await runFake([...args, '--json']);
    expect(json).toMatchObject({ exit: 2, stderr: '', options: undefined });
    const { error } = JSON.parse(json.stdout) as { readonly error: Readonly<Record<string, string>> };
    expect(error).toMatchObject({ code: 'bad_request', message: expect.stringMatching(message) });
    expect(error['hint'] ?? '').toMatch(hint);
  });

  test('a store URL that is wrong is not repeated: it holds a password', async () => {
    for (const line of [
      ['models', 'list', '--store', 'mongo://u:geheim@h'],
      ['models', 'list', 'mongodb://u:geheim@h', 'x'],
    ]) {
      const { exit, stderr } = await runFake(line);
      expect(exit).toBe(2);
      expect(stderr).not.toContain('geheim');
    }
  });
});

describe('help', () => {
  test.each(['', 'help', '--help', '-h'])('everbearer %s lists every verb, exit 0', async (line) => {
    const { exit, stdout, stderr } = await runFake(line.split(' ').filter(Boolean));
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    for (const { name } of VERBS) expect(stdout).toContain(` ${name.split(' ')[0] ?? ''} `);
    expect(stdout).toContain('Start with: everbearer demo');
  });

  test.each(VERBS.map(({ name }) => name))(
    '%s --help has its flags and an example, and opens nothing',
    async (name) => {
      const { exit, stdout, options } = await runFake([...name.split(' '), '--help']);
      const verb = VERBS.find((candidate) => candidate.name === name);
      expect({ exit, options }).toEqual({ exit: 0, options: undefined });
      for (const { flags } of verb?.flags ?? []) expect(stdout).toContain(flags);
      for (const example of verb?.examples ?? []) expect(stdout).toContain(`$ everbearer ${example}`);
      expect(stdout).toContain('--json');
    },
  );

  test('everbearer help run is everbearer run --help', async () => {
    expect((await runFake(['help', 'run'])).stdout).toBe((await runFake(['run', '--help'])).stdout);
  });

  test('--version is the version alone', async () => {
    expect(await runFake(['--version'])).toMatchObject({ exit: 0, stdout: '9.8.7\n' });
  });
});

describe('every verb', () => {
  test.each(VERBS)('$name: its examples are of it, and its settings exist', ({ name, examples, settings }) => {
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) expect(`${example} `.startsWith(`${name} `), example).toBe(true);
    expect(settings.filter((option) => !SETTINGS.some((setting) => setting.option === option))).toEqual([]);
  });

  test.each(VERBS.map(({ name }) => name))('%s takes --json, --store and every other setting', async (name) => {
    const verb = VERBS.find((candidate) => candidate.name === name);
    const args = (verb?.arguments ?? []).map(({ name: argument }) => argument);
    const values = { integer: '70', list: 'a,b', text: 'sqlite:x' };
    const flags = SETTINGS.flatMap(({ flags: flag, kind, choices }) => [
      flag.split(' ')[0] ?? '',
      kind === 'choice' ? (choices?.at(-1) ?? '') : values[kind],
    ]);
    // The last flag is unknown, so that the parser reads all of them and the verb is not run.
    const { stdout } = await runFake([...name.split(' '), ...args, ...flags, '--json', '--no-such-flag']);
    expect(JSON.parse(stdout)).toMatchObject({ error: { message: "Unknown option '--no-such-flag'." } });
  });
});

describe('settings: flag before variable before default', () => {
  const LIST = { models: { list: async () => ({ items: [] }) } };

  test('without any, only what the command line itself says is given on', async () => {
    const { options } = await runFake(['models', 'list'], LIST);
    expect(options).toEqual({ actor: 'cli', renewal: 'inline' });
  });

  test('each flag becomes the option of its name', async () => {
    const { options, exit } = await runFake(
      [
        ...['models', 'list', '--store', 'sqlite:a.db', '--key-file', 'k.json', '--egress', 'a.example, 10.0.0.0/8'],
        ...['--egress', 'b.example:8443', '--token-wait-ms', '0', '--task-timeout-ms', '1', '--token-timeout-ms', '2'],
        ...['--connect-timeout-ms', '3', '--max-response-bytes', '4', '--validate', 'off', '--actor', 'deploy'],
      ],
      LIST,
    );
    expect(exit).toBe(0);
    expect(options).toEqual({
      store: 'sqlite:a.db',
      keyFile: 'k.json',
      egress: ['a.example', '10.0.0.0/8', 'b.example:8443'],
      tokenWaitMs: 0,
      taskTimeoutMs: 1,
      tokenTimeoutMs: 2,
      connectTimeoutMs: 3,
      maxResponseBytes: 4,
      validate: 'off',
      actor: 'deploy',
      renewal: 'inline',
    });
  });

  test('a variable beats what the command line itself says', async () => {
    const environment = { EVERBEARER_ACTOR: 'nightly', EVERBEARER_RENEWAL: 'background' };
    expect((await runFake(['models', 'list'], LIST, { environment })).options).toEqual({});
    const flagged = await runFake(['models', 'list', '--actor', 'me'], LIST, { environment });
    expect(flagged.options).toEqual({ actor: 'me' });
  });
});
