import { describe, expect, test } from 'vitest';
import type { Exchange } from '../../src/exchange/exchange.ts';
import { readyExchange } from '../../src/exchange/ready-exchanges.ts';
import { stepOrigins } from '../../src/exchange/step-origins.ts';

const steps = (...urls: readonly string[]): Exchange => ({
  ...readyExchange('webcrm'),
  acquire: urls.map((url, index) => ({ name: `s${String(index)}`, url })),
});

describe('the origins an exchange needs', () => {
  test.each<readonly [string, Exchange, object, readonly string[]]>([
    [
      'token URL and refresh URL',
      readyExchange('password'),
      { token_url: 'https://a.example.com:8443/t', refresh_url: 'https://b.example.com/r' },
      ['https://a.example.com:8443', 'https://b.example.com'],
    ],
    [
      'the refresh URL by default is the token URL',
      readyExchange('password'),
      { token_url: 'https://a.example.com/t' },
      ['https://a.example.com'],
    ],
    ['a default of the document', readyExchange('webcrm'), {}, ['https://api.webcrm.com']],
    [
      'a host that is made of an input',
      steps('https://{{ inputs.t }}.example.com/x/{{ token.extra.y }}'),
      { t: 'acme' },
      ['https://acme.example.com'],
    ],
    [
      'a value of the step, one beside it that can not be made',
      readyExchange('superoffice'),
      { environment: 'sod', private_key: 'x' },
      ['https://sod.superoffice.com'],
    ],
    ['an input is missing', readyExchange('password'), {}, []],
    [
      'the URL is an output of another step',
      steps('https://a.example.com/d', '{{ steps.s0.url }}'),
      {},
      ['https://a.example.com'],
    ],
    ['what is no web URL', steps('ftp://a.example.com/', '/relative'), {}, []],
    ['a query right behind the host', steps('https://a.example.com?x={{ steps.s.x }}'), {}, ['https://a.example.com']],
  ])('%s', (_rule, exchange, inputs, expected) => {
    expect(stepOrigins(exchange, inputs as Readonly<Record<string, string>>)).toEqual(expected);
  });
});
