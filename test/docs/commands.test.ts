/** Every command in README.md and the getting-started page is run, against the simulated provider in the place of the example's hosts. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Provider } from '../../src/demo/provider.ts';
import { startShop } from '../product/product-under-test.ts';

const root = join(import.meta.dirname, '../..');
const PAGES = [
  'README.md',
  ...readdirSync(join(root, 'docs'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
];

/** Commands whose run is another test's: a clean clone installs, the suite is running already. */
const ELSEWHERE = new Set(['npm ci', 'npm test']);
/** What never ends by itself is run so that it does. */
const ENDING = new Map([['npm run demo', 'npm run -s demo -- --once']]);

function blocks(page: string, language: string): readonly string[] {
  const text = readFileSync(join(root, page), 'utf8');
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, block]) => block ?? '');
}

function commands(page: string): readonly string[] {
  return blocks(page, 'sh')
    .flatMap((block) => block.split('\n'))
    .flatMap((line) => line.replace(/\s+#.*$/, '').split(' && '))
    .map((command) => command.trim())
    .filter((command) => command !== '' && !ELSEWHERE.has(command))
    .map((command) => ENDING.get(command) ?? command);
}

describe('the commands of the documentation', () => {
  const folder = mkdtempSync(join(tmpdir(), 'everbearer-docs-'));
  const values = join(folder, 'bookshop-integration.json');
  let provider: Provider;

  const here = (text: string): string =>
    text
      .replaceAll('https://bookshop.example/oauth/token', provider.tokenUrl)
      .replaceAll('https://bookshop.example/api', provider.apiUrl)
      .replaceAll('@bookshop-integration.json', `@${values}`);

  beforeAll(async () => {
    provider = await startShop();
    writeFileSync(values, here(blocks('docs/getting-started.md', 'json')[0] ?? ''), { mode: 0o600 });
  });
  afterAll(async () => {
    await provider.close();
    await rm(folder, { recursive: true });
  });

  test.each(PAGES.flatMap((page) => commands(page).map((command) => ({ page, command }))))(
    '$page: $command',
    async ({ command }) => {
      const path = `${dirname(process.execPath)}:${join(root, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`;
      const { stdout, stderr } = await promisify(execFile)('bash', ['-c', here(command)], {
        cwd: root,
        env: { ...process.env, PATH: path, EVERBEARER_STORE: `sqlite:${join(folder, 'store.db')}` },
      });
      expect(stdout + stderr).not.toBe('');
    },
    60_000,
  );

  test('there are some', () => {
    expect(commands('README.md')).toContain('npm run -s demo -- --once');
    expect(commands('docs/getting-started.md').length).toBeGreaterThan(8);
  });

  test('every link between the pages leads somewhere', () => {
    const broken = PAGES.flatMap((page) => {
      const text = readFileSync(join(root, page), 'utf8').replaceAll(/^```.*?^```/gms, '');
      const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link]) => link ?? '');
      return links.filter((link) => !existsSync(join(root, dirname(page), link))).map((link) => `${page} → ${link}`);
    });
    expect(broken).toEqual([]);
  });
});
