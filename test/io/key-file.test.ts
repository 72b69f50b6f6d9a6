import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { activateKey, addKey, createKeyFile, findKeyFile, readKeyFile } from '../../src/io/key-file.ts';

const KEY = Buffer.alloc(32, 7).toString('base64');
const refused = expect.objectContaining({ code: 'configuration_missing', hint: expect.any(String) });

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'everbearer-keys-'));
  path = join(folder, 'keys.json');
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function writeKeyFile(text: string, mode = 0o600): Promise<void> {
  await writeFile(path, text);
  await chmod(path, mode);
}

describe('reading', () => {
  test('gives every key and the active one', async () => {
    await writeKeyFile(JSON.stringify({ active: 'b', keys: { a: KEY, b: KEY } }));
    const { active, keys } = await readKeyFile(path);
    expect(active).toBe('b');
    expect([...keys.keys()]).toEqual(['a', 'b']);
    expect(keys.get('a')?.export()).toEqual(Buffer.alloc(32, 7));
  });

  test('a missing file is refused by read and undefined to find', async () => {
    await expect(readKeyFile(path)).rejects.toEqual(refused);
    await expect(findKeyFile(path)).resolves.toBeUndefined();
  });

  test.each([
    ['an empty file', ''],
    ['a file cut short', `{"active":"a","keys":{"a":"${KEY.slice(0, 20)}`],
    ['no keys', '{"active":"a"}'],
    ['an array', '[]'],
    ['keys as an array', `{"active":"0","keys":["${KEY}"]}`],
    ['an active key that is not there', `{"active":"b","keys":{"a":"${KEY}"}}`],
    ['an active key that an object inherits', `{"active":"constructor","keys":{"a":"${KEY}"}}`],
    ['a key of 16 bytes', `{"active":"a","keys":{"a":"${Buffer.alloc(16).toString('base64')}"}}`],
    ['a key that is not base64', `{"active":"a","keys":{"a":"${'!'.repeat(44)}"}}`],
    ['a key that is a number', '{"active":"a","keys":{"a":1}}'],
    ['a broken key beside a good one', `{"active":"a","keys":{"a":"${KEY}","b":""}}`],
    ['a key id with a line break', `{"active":"a\\n","keys":{"a\\n":"${KEY}"}}`],
    ['megabytes', ' '.repeat(100_000)],
  ])('%s is refused, and nothing of it is shown', async (_name, text) => {
    await writeKeyFile(text);
    const error = (await readKeyFile(path).catch((thrown: unknown) => thrown)) as Error;
    expect(error).toEqual(refused);
    expect(error.cause).toBeUndefined();
    if (text.includes(KEY)) expect(`${error.message}${JSON.stringify(error)}`).not.toContain(KEY.slice(0, 8));
    expect(await readFile(path, 'utf8')).toBe(text);
  });

  test.each([0o640, 0o604, 0o620, 0o644, 0o666])('mode %o is refused with the way to close it', async (mode) => {
    await writeKeyFile(JSON.stringify({ active: 'a', keys: { a: KEY } }), mode);
    await expect(readKeyFile(path)).rejects.toMatchObject({
      code: 'configuration_missing',
      hint: expect.stringContaining('chmod 600'),
    });
  });

  test('a folder is refused', async () => {
    await mkdir(path);
    await expect(readKeyFile(path)).rejects.toEqual(refused);
  });
});

describe('making', () => {
  test('writes a file of mode 0600 that holds one active key, and leaves nothing else behind', async () => {
    const { active, keys } = await createKeyFile(path);
    expect([...keys.keys()]).toEqual([active]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['keys.json']);
    expect((await readKeyFile(path)).keys.get(active)?.equals(keys.get(active)!)).toBe(true);
  });

  test('an existing file is read, never replaced', async () => {
    const text = JSON.stringify({ active: 'a', keys: { a: KEY } });
    await writeKeyFile(text);
    expect((await createKeyFile(path)).active).toBe('a');
    expect(await readFile(path, 'utf8')).toBe(text);
  });

  test('of processes that make it at once all get the same key', async () => {
    const script = `
      import { createKeyFile } from ${JSON.stringify(join(import.meta.dirname, '../../src/io/key-file.ts'))};
      const { active, keys } = await createKeyFile(${JSON.stringify(path)});
      console.log(active + ' ' + keys.get(active).export().toString('hex'));`;
    const run = promisify(execFile);
    const outputs = await Promise.all(
      Array.from(
        { length: 4 },
        async () => (await run(process.execPath, ['--input-type=module', '-e', script])).stdout,
      ),
    );
    expect(new Set(outputs).size).toBe(1);
    expect(await readdir(folder)).toEqual(['keys.json']);
  });

  test('a folder that does not exist is refused and not made', async () => {
    await expect(createKeyFile(join(folder, 'none', 'keys.json'))).rejects.toEqual(refused);
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('rotation', () => {
  test('a new key is active at once, or waits until it is activated; the old ones stay', async () => {
    const first = await createKeyFile(path);
    const second = await addKey(path, true);
    const third = await addKey(path, false);
    const after = await readKeyFile(path);
    expect(after.active).toBe(second);
    expect([...after.keys.keys()]).toEqual([first.active, second, third]);
    expect(after.keys.get(first.active)?.equals(first.keys.get(first.active)!)).toBe(true);

    await activateKey(path, third);
    expect((await readKeyFile(path)).active).toBe(third);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['keys.json']);
  });

  test('a key that is not in the file cannot be activated', async () => {
    await createKeyFile(path);
    await expect(activateKey(path, 'other')).rejects.toMatchObject({ code: 'not_found' });
  });

  test('a missing file is not made by it', async () => {
    await expect(addKey(path, true)).rejects.toEqual(refused);
    expect(await readdir(folder)).toEqual([]);
  });
});
