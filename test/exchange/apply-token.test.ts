import { describe, expect, test } from 'vitest';
import { applyToken } from '../../src/exchange/apply-token.ts';
import type { Application, Exchange } from '../../src/exchange/exchange.ts';
import { readyExchange, READY_EXCHANGES } from '../../src/exchange/ready-exchanges.ts';

const applying = (...apply: readonly Application[]): Exchange => ({ ...readyExchange('password'), apply });

describe('a token is put on a request', () => {
  test.each(['client_credentials', 'password', 'refresh_token'])('%s: Bearer, whatever token_type said', (id) => {
    expect(applyToken(readyExchange(id), { access_token: 't1', token_type: 'bearer_token' })).toEqual({
      headers: { Authorization: 'Bearer t1' },
      query: {},
      cookies: {},
    });
  });

  test('in header, query and cookie, with extras and inputs', () => {
    const exchange = applying(
      { in: 'header', name: 'X-Site', value: '{{ token.extra.site }}' },
      { in: 'header', name: 'X-Key', value: '{{ inputs.key }}' },
      { in: 'query', name: 'access_token', value: '{{ token.access_token }}' },
      { in: 'cookie', name: 'sid', value: '{{ token.access_token }}' },
    );
    expect(applyToken(exchange, { access_token: 't&1', extra: { site: 's1' } }, { key: 'k1' })).toEqual({
      headers: { 'X-Site': 's1', 'X-Key': 'k1' },
      query: { access_token: 't&1' },
      cookies: { sid: 't&1' },
    });
  });

  test("Tripletex: Basic with the company id, the document's default", () => {
    expect(applyToken(readyExchange('tripletex'), { access_token: 'st' }).headers).toEqual({
      Authorization: `Basic ${btoa('0:st')}`,
    });
    expect(applyToken(readyExchange('tripletex'), { access_token: 'st' }, { company_id: 42 }).headers).toEqual({
      Authorization: `Basic ${btoa('42:st')}`,
    });
  });

  test('a value that is not there is named', () => {
    const exchange = readyExchange('superoffice');
    expect(() => applyToken(exchange, { access_token: 't' })).toThrow(
      'client_secret is not set, and the header SO-AppToken needs it.',
    );
    expect(() => applyToken(exchange, {}, { client_secret: 's' })).toThrow('token.access_token is not set');
  });

  test.each([
    ['header', 'a\r\nb', /line break/],
    ['header', '☃', /Latin-1/],
    ['cookie', 'a;b', /semicolon/],
    ['cookie', 'a b', /space/],
  ] as const)('what a %s can not carry is refused: %j', (place, token, message) => {
    expect(() =>
      applyToken(applying({ in: place, name: 'x', value: '{{ token.access_token }}' }), { access_token: token }),
    ).toThrow(message);
  });

  test('every shipped exchange can be applied', () => {
    for (const exchange of READY_EXCHANGES.values()) {
      const inputs = Object.fromEntries(exchange.inputs.map(({ name }) => [name, 'x']));
      const { headers, query, cookies } = applyToken(exchange, { access_token: 't' }, inputs);
      expect(Object.keys({ ...headers, ...query, ...cookies }).length, exchange.id).toBeGreaterThan(0);
    }
  });
});
