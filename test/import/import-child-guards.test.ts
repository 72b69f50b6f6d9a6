/** What the import child does to itself, tried in processes of their own. */
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

function run(imports: string, code: string): { readonly said: string; readonly signal: NodeJS.Signals | null } {
  const url = (file: string): string => JSON.stringify(new URL(`../../src/io/${file}`, import.meta.url).href);
  const script = imports.replaceAll(/'([^']+)'/g, (_all, file: string) => url(file)) + code;
  const { stdout, signal } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { timeout: 20_000 });
  return { said: stdout.toString().trim(), signal };
}

test.each([
  ['a socket', `(await import('node:net')).connect(1, '127.0.0.1')`],
  ['a request', `(await import('node:http')).get('http://127.0.0.1:1/')`],
  ['a TLS connection', `(await import('node:tls')).connect(1, '127.0.0.1')`],
  ['a fetch', `await fetch('http://127.0.0.1:1/')`],
  ['a look-up', `(await import('node:dns')).lookup('localhost', () => {})`],
  ['a datagram', `(await import('node:dgram')).createSocket('udp4')`],
  ['a server', `(await import('node:net')).createServer().listen(0)`],
])('%s is refused', (_title, attempt) => {
  const { said } = run(
    `import { lockNetwork } from 'import-child-lock.ts';`,
    `lockNetwork();
     process.on('uncaughtException', (error) => { console.log(error.message); process.exit(); });
     try { ${attempt}; } catch (error) { console.log(error.message); process.exit(); }`,
  );
  expect(said).toBe('The import process has no network.');
});

test('the watchdog ends a process whose main thread never returns', () => {
  const { signal } = run(
    `import { watched } from 'import-child-watchdog.ts';`,
    `await watched(300, async () => { for (;;); });`,
  );
  expect(signal).toBe('SIGKILL');
});

test('the watchdog lets work that returns be', () => {
  const { said, signal } = run(
    `import { watched } from 'import-child-watchdog.ts';`,
    `console.log(await watched(200, async () => 'done'));
     await new Promise((resolve) => setTimeout(resolve, 400));
     console.log('still there');`,
  );
  expect(said).toBe('done\nstill there');
  expect(signal).toBeNull();
});
