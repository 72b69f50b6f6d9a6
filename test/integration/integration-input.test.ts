import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EverbearerError } from '../../src/errors.ts';
import { parseIntegration, refuseTooDeep } from '../../src/integration/integration-input.ts';
import { serverUrl } from '../../src/integration/server-url.ts';
import type { Json } from '../../src/kernel/json.ts';

const INTEGRATION = { name: 'crm', model: 'CRM:1' };
const deep = (levels: number): Json => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`) as Json;

function complaintAt(value: Json): unknown {
  try {
    parseIntegration(value);
  } catch (error) {
    return error instanceof EverbearerError ? error.details?.['pointer'] : error;
  }
  return 'no complaint';
}

describe('a complaint names the place that is wrong, also where a value may have several forms', () => {
  test.each<[string, Json]>([
    ['/authentication/o/password', { authentication: { o: { password: 5 } } }],
    ['/authentication/o/flow', { authentication: { o: { flow: 'passwort' } } }],
    ['/authentication/o/client_auth', { authentication: { o: { client_auth: 'basic' } } }],
    ['/server/url', { server: { url: '' } }],
    ['/egress/0', { egress: ['http://x/'] }],
    ['/egress/1', { egress: ['a.test', '%%%'] }],
    ['no complaint', { egress: ['a.test', 'a.test:8443', '10.0.0.0/8', '::1', '[::1]:8080', 'fd00::/8'] }],
    ['/expirySigns', { expirySigns: { status: [401] } }],
    ['/expirySigns/0', { expirySigns: [{}] }],
    ['/expirySigns/1/stats', { expirySigns: [{ status: [401] }, { stats: [403] }] }],
    ['/expirySigns/0/status/0', { expirySigns: [{ status: ['401'] }] }],
    ['/expirySigns/0/status', { expirySigns: [{ status: [] }] }],
    ['/expirySigns/0', { expirySigns: [{ equals: 'expired' }] }],
    ['/expirySigns/0/equals', { expirySigns: [{ pointer: '/error', equals: { $gt: '' } }] }],
    ['/expirySigns/0/pointer', { expirySigns: [{ pointer: 'error' }] }],
    ['/expirySigns/0/wwwAuthenticate', { expirySigns: [{ wwwAuthenticate: '' }] }],
    ['no complaint', { expirySigns: [] }],
    [
      'no complaint',
      {
        expirySigns: [
          { status: [401, 403] },
          { pointer: '/ok', equals: false },
          { pointer: '/m', contains: 'expired' },
          { contains: 'expired' },
          { wwwAuthenticate: 'invalid_token' },
        ],
      },
    ],
    ['/servr', { servr: { url: 'https://a.test' } }],
    ['', { authentication: { o: { parameters: deep(50_000) } } }],
  ])('%s', (pointer, given) => {
    expect(complaintAt({ ...INTEGRATION, ...(given as object) })).toBe(pointer);
  });
});

test('the signs of expiry of the documentation are taken', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/getting-started.md'), 'utf8');
  const [, example = ''] = /```json\n(\{\n {2}"expirySigns"[^`]*)```/.exec(page) ?? [];
  expect(complaintAt({ ...INTEGRATION, ...(JSON.parse(example) as object) })).toBe('no complaint');
});

test('a patch deeper than a stack is refused before anything goes down into it', () => {
  expect(() => {
    refuseTooDeep(deep(200_000));
  }).toThrow(expect.objectContaining({ code: 'bad_request' }));
});

describe('the URL of a server', () => {
  test.each(['https://a.test/x%', 'https://a.test/%zz', 'https://a.test/100%25'])(
    '%s is taken: a percent sign is no variable',
    (url) => {
      expect(serverUrl({ url })).toBe(url);
    },
  );

  test.each(['https://a.test/{x}', 'https://a.test/%7Bx%7D'])('%s is refused: a variable is left', (url) => {
    expect(() => serverUrl({ url })).toThrow(expect.objectContaining({ code: 'bad_request' }));
  });
});
