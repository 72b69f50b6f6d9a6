import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FINDING_CODES } from '../../src/openapi/finding-codes.ts';

const SOURCES = join(import.meta.dirname, '../../src');
const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.endsWith('finding-codes.ts'),
);
const text = files.map((file) => readFileSync(join(SOURCES, file), 'utf8')).join('\n');

it.each(Object.keys(FINDING_CODES))('%s is found by somebody', (code) => {
  expect(text).toContain(`'${code}'`);
});

it.each(Object.entries(FINDING_CODES))('%s says what it means in whole sentences', (_code, { meaning }) => {
  expect(meaning).toMatch(/^[A-Z].*[.]$/s);
});
