/** The main job in one command, as a newcomer runs it first. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { finished, runCliProcess, startCli, temporaryFolder } from './support/cli-process.ts';
import { VERSION_ID } from './support/shop.ts';

vi.setConfig({ testTimeout: 60_000 });

interface Summary {
  readonly versionId: string;
  readonly tokens: { readonly retrieved: number; readonly refreshed: number };
  readonly tasks: { readonly ok: number; readonly failed: number };
  readonly operations: { readonly run: number; readonly skipped: number };
}

let cwd: string;
beforeEach(async () => {
  cwd = await temporaryFolder();
});

const PLAIN = {
  openapi: '3.0.0',
  info: { title: 'Plain', version: '1' },
  paths: { '/ping': { get: { operationId: 'ping', responses: { 200: { description: 'ok' } } } } },
};

describe('demo --once', () => {
  test('retrieves and refreshes, no task fails, and nothing of the user is touched', async () => {
    mkdirSync(join(cwd, 'keys'));
    const env = {
      EVERBEARER_STORE: `sqlite:${join(cwd, 'mine/store.db')}`,
      EVERBEARER_KEY_FILE: join(cwd, 'keys/mine.json'),
      TMPDIR: join(cwd, 'tmp'),
    };
    mkdirSync(env.TMPDIR);
    const began = performance.now();
    const run = await runCliProcess(['demo', '--once', '--json'], { cwd, env });
    expect(run.exit, run.stderr).toBe(0);
    expect(performance.now() - began).toBeLessThan(25_000);
    const { versionId, tokens, tasks, operations } = run.json() as Summary;
    expect({ versionId, failed: tasks.failed, operations }).toEqual({
      versionId: VERSION_ID,
      failed: 0,
      operations: { run: 6, skipped: 0 },
    });
    expect(tokens.retrieved).toBe(1);
    expect(tokens.refreshed).toBeGreaterThanOrEqual(1);
    expect(tasks.ok).toBeGreaterThan(6);
    expect(existsSync(join(cwd, 'mine'))).toBe(false);
    expect(readdirSync(join(cwd, 'keys'))).toEqual([]);
    expect(readdirSync(env.TMPDIR).filter((name) => name.startsWith('everbearer-'))).toEqual([]);
  });

  test('a document without a flow gets one in the copy of the demo, and is told so', async () => {
    writeFileSync(join(cwd, 'plain.json'), JSON.stringify(PLAIN));
    const run = await runCliProcess(['demo', 'plain.json', '--once', '--json'], { cwd });
    expect(run.exit, run.stderr).toBe(0);
    expect(run.json()).toMatchObject({ versionId: 'Plain:1', operations: { run: 1, skipped: 0 } });
    expect(run.stderr).toContain('scheme named "demo"');
  });
});

describe('a document that the demo cannot run', () => {
  test.each<readonly [string, string, object]>([
    ['without operations', JSON.stringify({ ...PLAIN, paths: {} }), { code: 'document_refused' }],
    ['that is broken', 'openapi: 3.0.0\ninfo: [\n', { code: 'document_refused', line: 3 }],
    ['that is none', '{"a": 1}', { code: 'document_refused' }],
  ])('%s is exit 4', async (_title, text, error) => {
    writeFileSync(join(cwd, 'document.txt'), text);
    const run = await runCliProcess(['demo', 'document.txt', '--once', '--json'], { cwd });
    expect(run.exit).toBe(4);
    expect(run.json()).toMatchObject({ error });
  });

  test('because it is a directory, or is not there, is exit 2', async () => {
    for (const source of ['.', 'nowhere.yaml']) {
      const run = await runCliProcess(['demo', source, '--once', '--json'], { cwd });
      expect(run.exit).toBe(2);
      expect(run.json()).toMatchObject({ error: { code: 'bad_request' } });
    }
  });
});

test('without --once it runs until Ctrl-C, one event a line, then sums up', async () => {
  const child = startCli(['demo', '--json'], { cwd });
  const done = finished(child);
  let told = '';
  child.stdout?.on('data', (chunk: Buffer) => (told += chunk.toString()));
  while (!told.includes('token_refreshed')) await once(child.stdout ?? child, 'data');
  child.kill('SIGINT');
  const { exit, stdout } = await done;
  expect(exit).toBe(0);
  const documents = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly type?: string });
  expect(documents.slice(0, -1).map(({ type }) => type)).toEqual(
    expect.arrayContaining(['token_retrieved', 'token_refreshed']),
  );
  expect(documents.at(-1)).toMatchObject({ versionId: VERSION_ID, tasks: { failed: 0 } });
});
