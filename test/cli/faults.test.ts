/** What an operator meets: keys and stores that are not as they should be. Whatever fails, nothing is made or changed. */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Provider } from '../../src/demo/provider.ts';
import { runCliProcess, temporaryFolder, type CliOptions, type CliResult } from './support/cli-process.ts';
import { BOOKSHOP, shopValues, startShop, VERSION_ID } from './support/shop.ts';

let provider: Provider;
let cwd: string;
/** A store that holds a secret, and its key file, as they were made. */
let [store, keys, pristineKeys] = ['', '', ''];

const everbearer = async (args: readonly string[], options: Partial<CliOptions> = {}): Promise<CliResult> =>
  await runCliProcess(args, { cwd, ...options });

beforeAll(async () => {
  provider = await startShop();
  cwd = await temporaryFolder((clean) => {
    afterAll(clean);
  });
  store = join(cwd, 'store/everbearer.db');
  keys = `${store}.keys.json`;
  writeFileSync(join(cwd, 'bookshop.json'), JSON.stringify(BOOKSHOP));
  const from = JSON.stringify(shopValues(provider));
  const made = await everbearer(
    ['import', 'bookshop.json', '--as', 'shop', '--from', '-', '--store', `sqlite:${store}`],
    {
      stdin: from,
    },
  );
  expect(made.exit, made.stderr).toBe(0);
  pristineKeys = readFileSync(keys, 'utf8');
});
afterAll(() => provider.close());

describe('the key file of a store that holds secrets', () => {
  beforeEach(() => {
    writeFileSync(keys, pristineKeys, { mode: 0o600 });
    chmodSync(keys, 0o600);
  });

  const foreign = (): string => JSON.stringify({ active: 'k1', keys: { k1: Buffer.alloc(32, 7).toString('base64') } });

  const VERBS_BY_FAULT: Readonly<Record<string, readonly string[]>> = {
    'is of another store': ['integrations', 'show', 'shop'],
    'is open to its group': ['doctor'],
  };
  const secretKey = (): string => {
    const { keys: held } = JSON.parse(pristineKeys) as { readonly keys: Readonly<Record<string, string>> };
    return Object.values(held)[0] ?? '';
  };

  test.each<readonly [string, () => void, RegExp]>([
    ['is missing', () => rmSync(keys), /does not exist/],
    ['is of another store', () => writeFileSync(keys, foreign()), /key file of another store/],
    ['is half-written', () => writeFileSync(keys, pristineKeys.slice(0, pristineKeys.length / 2)), /cut short/],
    ['is empty', () => writeFileSync(keys, ''), /cut short/],
    [
      'names an active key that it has not',
      () => writeFileSync(keys, pristineKeys.replace(/"active": "\w+"/, '"active": "k0"')),
      /active key/,
    ],
    ['holds a key that is too short', () => writeFileSync(keys, '{"active":"a","keys":{"a":"AAAA"}}'), /32 bytes/],
    ['is open to its group', () => chmodSync(keys, 0o640), /other users.*\n.*chmod 600/],
    [
      'is a folder',
      () => {
        rmSync(keys);
        mkdirSync(keys);
      },
      /is a folder/,
    ],
  ])('%s: exit 3, says what to do, and nothing is made', async (title, spoil, message) => {
    // Every verb opens the store the same way; one of each kind will do.
    const args = VERBS_BY_FAULT[title] ?? ['run', 'shop', 'listBooks'];
    spoil();
    const before = readdirSync(dirname(store)).toSorted();
    const run = await everbearer([...args, '--store', `sqlite:${store}`]);
    expect(run.exit).toBe(3);
    expect(run.stderr + run.stdout).toMatch(message);
    expect(run.stderr + run.stdout).not.toContain(secretKey());
    expect(
      readdirSync(dirname(store))
        .filter((name) => !/-(?:wal|shm)$/.test(name))
        .toSorted(),
    ).toEqual(before.filter((name) => !/-(?:wal|shm)$/.test(name)));
    rmSync(keys, { recursive: true, force: true });
  });

  test('that is whole again opens it as before: nothing was lost', async () => {
    const run = await everbearer(['run', 'shop', 'listBooks', '--store', `sqlite:${store}`]);
    expect(run.exit, run.stderr).toBe(0);
  });

  test('may stand elsewhere: --key-file, EVERBEARER_KEY_FILE', async () => {
    const elsewhere = join(cwd, 'elsewhere.json');
    copyFileSync(keys, elsewhere);
    chmodSync(elsewhere, 0o600);
    rmSync(keys);
    const show = ['integrations', 'show', 'shop', '--store', `sqlite:${store}`];
    expect((await everbearer([...show, '--key-file', elsewhere])).exit).toBe(0);
    expect((await everbearer(show, { env: { EVERBEARER_KEY_FILE: elsewhere } })).exit).toBe(0);
    const wrong = { EVERBEARER_KEY_FILE: '/nowhere/keys.json' };
    expect((await everbearer([...show, '--key-file', elsewhere], { env: wrong })).exit, 'flag before variable').toBe(0);
    expect((await everbearer(show, { env: wrong })).exit).toBe(3);
    expect(existsSync(keys)).toBe(false);
  });
});

test('an empty store gets its key file; folder, store and keys are open to nobody else', async () => {
  expect((await everbearer(['models', 'list', '--store', 'sqlite:fresh/e.db'])).exit).toBe(0);
  const modes = ['', 'e.db', 'e.db.keys.json'].map((name) => statSync(join(cwd, 'fresh', name)).mode & 0o777);
  expect(modes).toEqual([0o700, 0o600, 0o600]);
  const again = await everbearer(['models', 'list', '--json', '--store', 'sqlite:fresh/e.db']);
  expect(again.json()).toEqual({ items: [] });
});

describe('a store that cannot be used: exit 6', () => {
  test.each<readonly [string, () => string, RegExp]>([
    ['a directory', () => cwd, /is a directory/],
    ['a file that is no database', () => join(cwd, 'bookshop.json'), /not a SQLite database/],
    ['a path through a file', () => join(cwd, 'bookshop.json/e.db'), /cannot be/],
  ])('%s', async (_title, path, message) => {
    const before = readFileSync(join(cwd, 'bookshop.json'));
    const run = await everbearer(['models', 'list', '--json', '--store', `sqlite:${path()}`]);
    expect(run.exit).toBe(6);
    expect(run.json()).toMatchObject({
      error: { code: 'store_unavailable', message: expect.stringMatching(message), hint: expect.any(String) },
    });
    expect(readFileSync(join(cwd, 'bookshop.json')).equals(before)).toBe(true);
  });

  test('a folder that may not be written', async () => {
    const folder = await temporaryFolder();
    chmodSync(folder, 0o555);
    const run = await everbearer(['models', 'list', '--json', '--store', `sqlite:${folder}/e.db`], {
      asNobody: true,
      cwd: '/',
    });
    expect(run.exit, run.stderr).toBe(6);
    expect(run.json()).toMatchObject({ error: { code: 'store_unavailable' } });
    expect(readdirSync(folder)).toEqual([]);
    chmodSync(folder, 0o755);
  });

  test('doctor says so too, and looks no further', async () => {
    const run = await everbearer(['doctor', '--json', '--store', `sqlite:${cwd}`]);
    expect(run.exit).toBe(6);
    const { checks } = run.json() as { readonly checks: readonly { readonly check: string; readonly ok: boolean }[] };
    expect(checks.at(-1)).toMatchObject({ check: 'store', ok: false, hint: expect.any(String) });
  });

  test('a MongoDB that does not answer: a hint, and never its password', async () => {
    writeFileSync(join(cwd, 'mongo-keys.json'), pristineKeys, { mode: 0o600 });
    const url = 'mongodb://someone:geheimes-wort@127.0.0.1:1/e?serverSelectionTimeoutMS=300';
    for (const args of [['models', 'list'], ['migrate'], ['doctor']]) {
      const run = await everbearer([...args, '--key-file', 'mongo-keys.json'], { env: { EVERBEARER_STORE: url } });
      expect(run.exit, args.join(' ')).toBe(6);
      expect(run.stdout + run.stderr).toContain('Check that MongoDB runs');
      expect(run.stdout + run.stderr).not.toContain('geheim');
    }
  });
});

describe('MongoDB without a key file', () => {
  test('is exit 3 before the server is asked, and none is made', async () => {
    const run = await everbearer(['models', 'list', '--json', '--store', 'mongodb://u:geheim@127.0.0.1:1/e']);
    expect(run.exit).toBe(3);
    expect(run.json()).toMatchObject({
      error: { code: 'configuration_missing', hint: expect.stringContaining('--key-file') },
    });
    const named = ['models', 'list', '--store', 'mongodb://127.0.0.1:1/e', '--key-file', 'none.json'];
    expect((await everbearer(named)).exit).toBe(3);
    expect(existsSync(join(cwd, 'none.json'))).toBe(false);
  });
});

describe('doctor on a machine without a store', () => {
  test('says that there is none yet, and makes none', async () => {
    const run = await everbearer(['doctor', '--json', '--store', 'sqlite:not-yet/e.db']);
    expect(run.exit).toBe(0);
    expect(run.json()).toMatchObject({ ok: true });
    expect(existsSync(join(cwd, 'not-yet'))).toBe(false);
  });
});

test('a document that may not be read is exit 2', async () => {
  const folder = await temporaryFolder();
  chmodSync(folder, 0o777);
  writeFileSync(join(folder, 'closed.json'), JSON.stringify(BOOKSHOP), { mode: 0o000 });
  const run = await everbearer(['import', join(folder, 'closed.json'), '--json', '--store', `sqlite:${folder}/e.db`], {
    asNobody: true,
    cwd: folder,
  });
  expect(run.exit).toBe(2);
  expect(run.json()).toMatchObject({ error: { code: 'bad_request', document: join(folder, 'closed.json') } });
});

test('a setting that is wrong is named in the spelling that was used, exit 2', async () => {
  const run = await everbearer(['models', 'list'], { env: { EVERBEARER_TOKEN_WAIT_MS: 'soon' } });
  expect(run.exit).toBe(2);
  expect(run.stderr).toContain('The variable EVERBEARER_TOKEN_WAIT_MS must be a whole number.');
});

test(`${VERSION_ID} is still there after all of it`, async () => {
  writeFileSync(keys, pristineKeys, { mode: 0o600 });
  chmodSync(keys, 0o600);
  const list = await everbearer(['models', 'list', '--json', '--store', `sqlite:${store}`]);
  expect(list.json()).toMatchObject({ items: [{ versionId: VERSION_ID }] });
});
