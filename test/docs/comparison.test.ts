/** docs/comparison.md shows every contender in every workload: a row that is missing would flatter somebody. */
import { describe, expect, test } from 'vitest';
import { CONTENDERS } from '../../bench/peers/contenders.ts';
import { WORKLOADS } from '../../bench/peers/workloads.ts';
import { readPage } from './pages.ts';

const PAGE = readPage('docs/comparison.md');
const TITLES = Object.values(CONTENDERS).map(({ title }) => title);

/** The text below a heading, up to the next one. */
function section(heading: string): string {
  const [, below = ''] = PAGE.split(`\n### ${heading}\n`);
  return below.split('\n### ')[0] ?? '';
}

/** The cells of each row of its table, without head and rule. */
function rows(text: string): readonly (readonly string[])[] {
  const lines = text.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

describe('the comparison', () => {
  test.each(WORKLOADS)('$title: says what happens, and has a row a contender', ({ title, text }) => {
    expect(section(title)).toContain(text);
    expect(rows(section(title)).map(([name]) => name)).toEqual(TITLES);
  });

  test('has figures in every cell, and no section that nobody measures', () => {
    const cells = WORKLOADS.flatMap(({ title }) => rows(section(title))).flatMap((row) => row.slice(1));
    expect(cells).toHaveLength(WORKLOADS.length * TITLES.length * 5);
    expect(cells.filter((cell) => !/^(?:\d+|\d+ of \d+|–)$/.test(cell))).toEqual([]);
    expect([...PAGE.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading)).toEqual(
      WORKLOADS.map(({ title }) => title),
    );
  });

  test.each(TITLES)('says how %s is used', (title) => {
    const name = title.replace(/(?:,| \d).*$/, '');
    expect(PAGE).toContain(`- **${name}**`);
  });
});
