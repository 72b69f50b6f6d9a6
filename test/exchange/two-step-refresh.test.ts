/** A refresh of several steps: what became of the refresh token is judged by what was sent, not by the step that failed. */
import { describe, expect, test } from 'vitest';
import type { ExchangeOutcome } from '../../src/exchange/exchange-outcome.ts';
import type { Exchange } from '../../src/exchange/exchange.ts';
import { runExchange } from '../../src/exchange/run-exchange.ts';
import { HttpFailure } from '../../src/kernel/http-client.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';
import { NOW, requestOf, responseOf, type ScriptedAnswer } from './support/exchange-runs.ts';

const swapped = (header: string): Exchange => ({
  id: 'two_steps',
  title: 'Two steps',
  inputs: [],
  acquire: [{ name: 'login', url: 'https://as.example.com/login' }],
  refresh: [
    {
      name: 'discovery',
      method: 'GET',
      url: 'https://as.example.com/discovery',
      outputs: { url: { pointer: '/url' } },
    },
    { name: 'refresh', url: '{{ steps.discovery.url }}', headers: { 'X-Old': header } },
    { name: 'user', url: 'https://api.example.com/user' },
  ],
  end: [{ name: 'logout', url: 'https://as.example.com/logout', headers: { 'X-Token': '{{ token.access_token }}' } }],
  extract: { access_token: { from: 'refresh', pointer: '/token' } },
  apply: [],
});

const found: ScriptedAnswer = { body: { url: 'https://as.example.com/refresh' } };
const refreshed: ScriptedAnswer = { body: { token: 't2' } };
const refused = new HttpFailure('connect', 'refused', { sent: false, origin: 'https://api.example.com' });

const run = async (
  exchange: Exchange,
  replies: readonly (ScriptedAnswer | HttpFailure)[],
): Promise<{ readonly outcome: ExchangeOutcome; readonly paths: readonly string[] }> => {
  const paths: string[] = [];
  const http = {
    request: async ({ url }: { readonly url: string }) => {
      const reply = replies[paths.push(new URL(url).pathname) - 1] ?? {};
      if (reply instanceof HttpFailure) throw reply;
      return responseOf(reply);
    },
    close: async () => {},
  };
  const token = { access_token: 't1', refresh_token: 'r1' };
  const request = requestOf({ exchange, inputs: {}, phase: 'refresh', token });
  return { outcome: await runExchange(request, { http, clock: createVirtualClock(NOW) }), paths };
};

describe('a refresh of several steps', () => {
  test.each<readonly [string, readonly (ScriptedAnswer | HttpFailure)[], object]>([
    [
      'fails before the refresh token went out',
      [{ status: 503 }],
      { class: 'transient', step: 'discovery', sent: true },
    ],
    ['can not connect for it', [found, refused], { class: 'transient', step: 'refresh', sent: true }],
    ['fails while it is out', [found, { status: 503 }], { class: 'in_doubt', step: 'refresh' }],
    ['can not connect after it went out', [found, refreshed, refused], { class: 'in_doubt', step: 'user', sent: true }],
    ['fails after it went out', [found, refreshed, { status: 404 }], { class: 'in_doubt', step: 'user', status: 404 }],
  ])('that %s', async (_how, replies, failure) => {
    for (const header of ['{{ token.refresh_token }}', 'Bearer {{ token.access_token }}']) {
      expect((await run(swapped(header), replies)).outcome).toMatchObject({ ok: false, failure });
    }
  });

  test('that fails after the successor came keeps it, and nothing is in doubt', async () => {
    const exchange = {
      ...swapped('{{ token.refresh_token }}'),
      refreshExtract: { refresh_token: { from: 'refresh', pointer: '/next' } },
    };
    const brought = { body: { token: 't2', next: 'r2' } };
    const { outcome } = await run(exchange, [found, brought, { status: 503, body: 'r2 and r1' }]);
    expect(outcome).toMatchObject({
      failure: { class: 'transient', refresh_token: 'r2', sample: '[refresh_token] and [refresh_token]' },
    });
  });

  test.each([429, 407, 302])(
    'that got through with the refresh token is in doubt also after a %i of a later step',
    async (status) => {
      const { outcome } = await run(swapped('{{ token.refresh_token }}'), [found, refreshed, { status }]);
      expect(outcome).toMatchObject({ failure: { class: 'in_doubt', status } });
    },
  );

  test('ends nothing when it fails: the old token lives on', async () => {
    const { paths } = await run(swapped('{{ token.refresh_token }}'), [found, refreshed, { status: 500 }]);
    expect(paths).toEqual(['/discovery', '/refresh', '/user']);
  });

  test('takes the token from the step that the document names', async () => {
    const { outcome } = await run(swapped('{{ token.refresh_token }}'), [
      found,
      refreshed,
      { body: { token: 'not this' } },
    ]);
    expect(outcome).toMatchObject({ ok: true, token: { access_token: 't2' } });
  });
});
