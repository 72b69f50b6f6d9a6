/** Nothing that is told of a failed exchange holds a secret, whatever the provider answers. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Exchange } from '../../src/exchange/exchange.ts';
import { READY_EXCHANGES, readyExchange } from '../../src/exchange/ready-exchanges.ts';
import { runScripted } from './support/exchange-runs.ts';

const secret = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9._~+/-]{8,40}$/),
  fc
    .string({ unit: 'grapheme-ascii', minLength: 8, maxLength: 24 })
    .filter((text) => text.trim() === text && !/\s/.test(text)),
  fc.uuid(),
);

/** How a provider might echo what it got. */
const echo = fc.constantFrom<(value: string) => string>(
  (value) => value,
  (value) => JSON.stringify({ message: `bad ${value}`, got: value }),
  (value) => JSON.stringify({ error: value, error_description: `${value} is wrong` }),
  (value) => JSON.stringify({ error: 'invalid_grant', error_description: `user ${value}` }),
  (value) => `<html><title>${value}</title><p>${encodeURIComponent(value)}</p></html>`,
  (value) => `access_denied=${encodeURIComponent(value)}`,
  (value) => Buffer.from(value).toString('base64'),
  (value) => `{"access_token": "${value}`,
  (value) => `<fault><detail>${value.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</detail></fault>`,
);

const answer = fc.record({
  status: fc.constantFrom(200, 201, 302, 307, 400, 401, 403, 404, 418, 429, 500, 502, 503),
  type: fc.constantFrom('application/json', 'text/html', 'text/plain', 'application/xml', 'x/y; charset=nope'),
  pick: fc.nat(),
  echo,
  padding: fc.constantFrom('', ' '.repeat(300), '\n\n', 'x'.repeat(190)),
});

/** How a secret may be written so that it is still one. */
const spellings = (value: string): readonly string[] => [
  value,
  encodeURIComponent(value),
  Buffer.from(value).toString('base64').replace(/=+$/, ''),
];

const shipped = [...READY_EXCHANGES.values()].filter(({ id }) => id !== 'superoffice' && id !== 'refresh_token');

describe('no secret of the inputs appears in a failure', () => {
  test.each(shipped.map((exchange) => [exchange.id, exchange] as const))('%s', async (_id, exchange: Exchange) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(secret, { minLength: 3, maxLength: 3 }),
        secret,
        answer,
        async (secrets, user, told) => {
          const names = exchange.inputs.filter((input) => input.secret === true).map(({ name }) => name);
          const hidden = Object.fromEntries(names.map((name, index) => [name, secrets[index] ?? '']));
          const inputs = {
            ...Object.fromEntries(
              exchange.inputs.flatMap(({ name, required }) => (required === true ? [[name, user]] : [])),
            ),
            token_url: 'https://as.example.com/token',
            url: 'https://as.example.com/token',
            base_url: 'https://as.example.com',
            ...hidden,
          };
          const values = Object.values(hidden);
          const echoed = values[told.pick % values.length] ?? '';
          const { outcome } = await runScripted({ exchange, inputs }, () => ({
            status: told.status,
            headers: { 'content-type': told.type, location: `https://${encodeURIComponent(echoed)}.example/${echoed}` },
            body: `${told.padding}${told.echo(echoed)}`,
          }));
          if (outcome.ok) return;
          const { message, sample = '', error, contentType = '' } = outcome.failure;
          for (const text of [message, sample, error, contentType]) {
            const found = values.flatMap(spellings).filter((spelling) => text.includes(spelling));
            expect(found).toEqual([]);
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});

test('nor the tokens of a refresh, presented or received', async () => {
  await fc.assert(
    fc.asyncProperty(secret, secret, answer, async (presented, received, told) => {
      fc.pre(!presented.includes(received) && !received.includes(presented));
      const { outcome } = await runScripted(
        {
          exchange: readyExchange('password'),
          phase: 'refresh',
          inputs: { client_id: 'c', client_secret: 'another-secret', token_url: 'https://as.example.com/token' },
          token: { refresh_token: presented },
        },
        {
          status: told.status,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({
            refresh_token: received,
            note: `${presented} ${received}`,
            error: told.pick % 2 ? presented : undefined,
          }),
        },
      );
      if (outcome.ok) return;
      const { refresh_token: _kept, ...shown } = outcome.failure;
      const text = JSON.stringify(shown);
      expect([presented, JSON.stringify(presented).slice(1, -1)].filter((value) => text.includes(value))).toEqual([]);
      if (outcome.failure.refresh_token === received) expect(text).not.toContain(JSON.stringify(received).slice(1, -1));
    }),
    { numRuns: 200 },
  );
});
