import { describe, expect, test } from 'vitest';
import { createLogger } from '../../src/io/logger.ts';
import type { LogLevel } from '../../src/io/logger.ts';
import type { LogFields } from '../../src/kernel/logger.ts';

function capture(level?: LogLevel): {
  lines: () => Record<string, unknown>[];
  logger: ReturnType<typeof createLogger>;
} {
  const written: string[] = [];
  const stream = { write: (line: string) => void written.push(line) };
  const logger = createLogger({ stream, ...(level === undefined ? {} : { level }) });
  return { logger, lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

test('a line is one JSON document with time, message and fields', () => {
  const { logger, lines } = capture();
  logger.info({ integration: 'crm', status: 0, ok: false, code: null }, 'renewed');
  expect(lines()).toEqual([
    expect.objectContaining({ integration: 'crm', status: 0, ok: false, code: null, msg: 'renewed', level: 30 }),
  ]);
  expect(lines()[0]?.['time']).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
});

test.each<[level: LogLevel | undefined, written: number]>([
  ['debug', 4],
  [undefined, 3],
  ['warn', 2],
  ['error', 1],
  ['silent', 0],
])('at level %s, %i of the four levels are written', (level, written) => {
  const { logger, lines } = capture(level);
  for (const at of ['debug', 'info', 'warn', 'error'] as const) logger[at]({}, at);
  expect(lines()).toHaveLength(written);
});

describe('what must not be in a line', () => {
  test.each<[fields: Record<string, unknown>]>([
    [{ authorization: 'CANARY' }],
    [{ access_token: 'CANARY' }],
    [{ refreshToken: 'CANARY' }],
    [{ client_secret: 'CANARY' }],
    [{ password: 'CANARY' }],
    [{ apiKey: 'CANARY' }],
    [{ body: 'CANARY' }],
    [{ anything: { deep: 'CANARY' } }],
    [{ anything: ['CANARY'] }],
    [{ url: 'https://user:CANARY@host/path' }],
    [{ url: 'https://host/path?key=CANARY' }],
    [{ error: 'Error: GET https://host/path?key=CANARY failed' }],
    [{ text: `${'x'.repeat(600)}CANARY` }],
  ])('%j is left out', (fields) => {
    const { logger, lines } = capture();
    logger.info(fields as LogFields, 'message');
    expect(JSON.stringify(lines())).not.toContain('CANARY');
    expect(lines()).toHaveLength(1);
  });

  test('a URL in the message keeps its place and loses its query', () => {
    const { logger, lines } = capture();
    logger.warn({}, 'asked https://u:CANARY@host:8443/a/b?c=CANARY#d twice');
    expect(lines()[0]?.['msg']).toBe('asked https://host:8443/a/b twice');
  });
});
