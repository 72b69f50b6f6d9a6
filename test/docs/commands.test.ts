/** Every block of commands in README.md and docs/ is run, against the simulated provider, and the output that is shown is compared; every program is run too. */
import { execFile } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { VERBS } from '../../src/cli/verbs.ts';
import type { Provider } from '../../src/demo/provider.ts';
import { plainEnvironment } from '../cli/support/cli-process.ts';
import { startShop } from '../cli/support/shop.ts';
import { blocksOf, PAGES, readPage, ROOT, type CodeBlock } from './pages.ts';

/** Commands whose run is another test's: a clean clone installs, the suite is running already. */
const ELSEWHERE: readonly string[] = ['npm ci', 'npm test'];
/** What never ends by itself is run so that it does. */
const ENDING = new Map([['npm run demo', 'npm run -s demo -- --once']]);

interface Story {
  readonly commands: CodeBlock;
  /** What is shown of their output, if anything is. */
  readonly shown?: CodeBlock;
}

/** Each block of commands, with the block of output that follows it. */
function stories(page: string): readonly Story[] {
  const blocks = blocksOf(page);
  return blocks.flatMap((commands, index) => {
    if (commands.language !== 'sh') return [];
    const next = blocks[index + 1];
    return [next?.language === 'text' ? { commands, shown: next } : { commands }];
  });
}

/** Lines of the shown output that the real one has not, in this order. Numbers, times and masks differ; `…` stands for anything. */
function missingLines(shown: string, real: string): readonly string[] {
  const rest = comparable(real);
  return comparable(shown).filter((line) => {
    const at = rest.indexOf(line);
    if (at >= 0) rest.splice(0, at + 1);
    return at < 0;
  });
}

function comparable(text: string): string[] {
  return text
    .split('\n')
    .map((line) =>
      line
        .replaceAll(/…\w{4}\b/g, '…')
        .replaceAll(/\d+/g, '#')
        .trim(),
    )
    .filter((line) => line !== '' && line !== '…');
}

/** The block as a script, without what is run elsewhere. */
function script({ code }: CodeBlock): string {
  const lines = code.split('\n').map((line) =>
    line
      .split(' && ')
      .filter((command) => !ELSEWHERE.includes(command.trim()))
      .map((command) => ENDING.get(command.trim()) ?? command)
      .join(' && '),
  );
  return lines.join('\n').trim();
}

const STORIES = PAGES.flatMap(stories).filter(({ commands }) => script(commands) !== '');

/** They find what the commands of their page have made. */
const PROGRAMS = PAGES.flatMap(blocksOf).filter(({ language }) => language === 'ts');

describe('the documentation', () => {
  const folder = mkdtempSync(join(tmpdir(), 'everbearer-docs-'));
  const values = join(folder, 'bookshop-integration.json');
  let provider: Provider;

  /** The provider in the place of the hosts that the pages name: these are all the placeholders there are. */
  const here = (text: string): string =>
    text
      .replaceAll('https://bookshop.example/oauth/token', provider.tokenUrl)
      .replaceAll('https://bookshop.example/api', provider.apiUrl)
      .replaceAll('PROVIDER=http://127.0.0.1:40911', `PROVIDER=${provider.origin}`)
      .replaceAll('@bookshop-integration.json', `@${values}`);

  beforeAll(async () => {
    provider = await startShop();
    const [json] = blocksOf('docs/getting-started.md').filter(({ language }) => language === 'json');
    writeFileSync(values, here(json?.code ?? ''), { mode: 0o600 });
  });
  afterAll(async () => {
    await provider.close();
    await rm(folder, { recursive: true });
  });

  /** Each page has a store of its own: whoever reads one needs no other. */
  const environment = (page: string): NodeJS.ProcessEnv => {
    const path = `${join(ROOT, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`;
    return plainEnvironment({
      PATH: path,
      EVERBEARER_STORE: `sqlite:${join(folder, page.replaceAll(/\W/g, '-'), 'store.db')}`,
    });
  };

  test.each(STORIES.map((story) => ({ ...story, at: `${story.commands.page}:${story.commands.line}` })))(
    '$at: the commands work, and print what is shown',
    async ({ commands, shown }) => {
      const { stdout, stderr } = await promisify(execFile)(
        'bash',
        ['-c', `set -euo pipefail; exec 2>&1\n${here(script(commands))}`],
        { cwd: ROOT, env: environment(commands.page) },
      );
      expect(stderr).toBe('');
      expect(stdout).not.toBe('');
      if (shown !== undefined) expect(missingLines(shown.code, stdout)).toEqual([]);
    },
    120_000,
  );

  test.each(PROGRAMS.map((program) => ({ ...program, at: `${program.page}:${program.line}` })))(
    '$at: the program works',
    async ({ page, line, code }) => {
      const file = join(folder, `program-${line}.ts`);
      const index = JSON.stringify(join(ROOT, 'src/index.ts'));
      writeFileSync(file, code.replaceAll("'everbearer'", index));
      await promisify(execFile)(process.execPath, [file], { cwd: folder, env: environment(page) });
    },
  );

  test('has commands and programs', () => {
    const scripts = STORIES.map(({ commands }) => script(commands));
    expect(scripts).toContain('npm run -s demo -- --once');
    expect(scripts.join('\n').match(/everbearer --/g)?.length).toBeGreaterThan(8);
    expect(PROGRAMS.length).toBeGreaterThan(0);
    expect(STORIES.filter(({ shown }) => shown !== undefined).length).toBeGreaterThan(2);
  });

  test('names no verb that there is not; nor do the messages', () => {
    const known = VERBS.map(({ name }) => name);
    const isKnown = (words: string): boolean =>
      known.some((name) => `${words} `.startsWith(`${name} `) || name.split(' ')[0] === words);
    const sources = globSync('{src,adapters}/**/*.ts', { cwd: ROOT });
    const texts = [...PAGES.filter((page) => page !== 'docs/roadmap.md'), ...sources].map((file) => [
      file,
      readPage(file),
    ]);
    const unknown = texts.flatMap(([file = '', text = '']) =>
      [...text.matchAll(/everbearer (?:-- )?([a-z]+(?: [a-z]+)?)/g)]
        .map(([, words = '']) => words)
        .filter((words) => !isKnown(words))
        .map((words) => `${file}: everbearer ${words}`),
    );
    expect(unknown).toEqual([]);
  });

  test('has no link that leads nowhere', () => {
    const broken = PAGES.flatMap((page) => {
      const text = readPage(page).replaceAll(/^```.*?^```/gms, '');
      const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link]) => link ?? '');
      return links.filter((link) => !existsSync(join(ROOT, dirname(page), link))).map((link) => `${page} → ${link}`);
    });
    expect(broken).toEqual([]);
  });
});
