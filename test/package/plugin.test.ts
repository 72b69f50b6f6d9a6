import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEverbearer } from '../../src/index.ts';
import type { Everbearer } from '../../src/index.ts';
import { VERSION } from '../../src/version.ts';
import { READY_EXCHANGES } from '../../src/exchange/ready-exchanges.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): unknown => JSON.parse(readFileSync(join(root, path), 'utf8'));

interface Manifest {
  readonly version: string;
  readonly description: string;
  readonly requires: { readonly node: string };
  readonly tasks: readonly { readonly id: string; readonly entry: string }[];
  readonly dynamicTasks: { readonly schemaTemplate: string };
  readonly credentials: readonly { readonly exchange?: string }[];
  readonly migrations: Readonly<Record<string, { readonly directory: string; readonly current: number }>>;
}

const manifest = read('plugin.json') as Manifest;

describe('plugin.json', () => {
  let everbearer: Everbearer;
  beforeAll(async () => {
    everbearer = await createEverbearer({
      store: `sqlite:${join(tmpdir(), `plugin-${crypto.randomUUID()}`, 'store.db')}`,
    });
  });
  afterAll(async () => {
    await everbearer.close();
  });

  test('is as its schema says', () => {
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(
      read('schemas/plugin.schema.json') as object,
    );
    expect(validate(manifest), JSON.stringify(validate.errors)).toBe(true);
  });

  test('and the program say what package.json says', () => {
    const { version, description, engines } = read('package.json') as {
      readonly version: string;
      readonly description: string;
      readonly engines: { readonly node: string };
    };
    expect(VERSION).toBe(version);
    expect(manifest).toMatchObject({ version, description, requires: { node: engines.node } });
  });

  test.each([...manifest.tasks.map(({ entry }) => entry), manifest.dynamicTasks.schemaTemplate])(
    '%s is a call of the public API',
    (entry) => {
      const called = entry
        .split('.')
        .reduce<unknown>((object, name) => (object as Record<string, unknown>)[name], everbearer);
      expect(called).toBeTypeOf('function');
    },
  );

  test('every file that it refers to exists', () => {
    const references = JSON.stringify(manifest).matchAll(/"(?:\$ref|\$schema)":"(\.[^"]+)"/g);
    const missing = [...references].map(([, path]) => path ?? '').filter((path) => !existsSync(join(root, path)));
    expect(missing).toEqual([]);
  });

  test('every exchange that it names is shipped', () => {
    const named = manifest.credentials.flatMap(({ exchange }) => (exchange === undefined ? [] : [exchange]));
    expect(named.filter((id) => !READY_EXCHANGES.has(id))).toEqual([]);
  });

  test.each(Object.entries(manifest.migrations))(
    'the newest migration of %s is the one it says',
    (_store, { directory, current }) => {
      const numbers = readdirSync(join(root, directory)).flatMap((file) => /^(\d{4})-/.exec(file)?.[1] ?? []);
      expect(Math.max(...numbers.map(Number))).toBe(current);
    },
  );
});
