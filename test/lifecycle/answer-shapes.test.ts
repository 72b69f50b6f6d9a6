/** What an answer may look like, on the wire and in what is read of it. */
import { describe, expect, test } from 'vitest';
import type { Fault } from '../../src/demo/fault.ts';
import type { ProviderBehaviour } from '../../src/demo/provider-behaviour.ts';
import type { ExchangeRequest } from '../../src/exchange/exchange-request.ts';
import type { Extraction } from '../../src/exchange/exchange.ts';
import { readyExchange } from '../../src/exchange/ready-exchanges.ts';
import { PASSWORD, runScripted } from '../exchange/support/exchange-runs.ts';
import { failureOf, openTokenEndpoint, shownOf, tokenOf } from './support/token-endpoint.ts';

const reading = (extraction: Extraction): Partial<ExchangeRequest> => {
  const exchange = readyExchange('password');
  return { exchange: { ...exchange, extract: { ...exchange.extract, access_token: extraction } } };
};
const TOKEN = /^at_[\w-]+$/;

describe('test 33: a token is extracted, or the error is typed', () => {
  test.each<
    readonly [what: string, behaviour: Partial<ProviderBehaviour>, fault: Fault | undefined, extraction: Extraction]
  >([
    ['a nested token', { wrap: 'data' }, undefined, { pointer: '/data/access_token' }],
    ['a form body', {}, { name: 'form' }, { pointer: '/access_token' }],
    ['a text body', {}, { name: 'text' }, { text: true }],
    ['a token in a header', { tokenHeader: 'x-token' }, undefined, { header: 'X-Token' }],
  ])('test 33: %s', async (_what, behaviour, fault, extraction) => {
    const { provider, signIn } = await openTokenEndpoint({ behaviour });
    if (fault !== undefined) provider.script(fault);
    expect(tokenOf(await signIn(reading(extraction))).access_token).toMatch(TOKEN);
  });

  test('test 33: a Slack-style error inside 200 is a refusal', async () => {
    const { provider, signIn } = await openTokenEndpoint();
    provider.script({ name: 'error-in-200', error: 'invalid_auth' });
    expect(failureOf(await signIn())).toMatchObject({
      class: 'credentials',
      error: 'invalid_auth',
      status: 200,
      contentType: 'application/json',
    });
  });

  test.each<
    readonly [
      what: string,
      behaviour: Partial<ProviderBehaviour>,
      fault: Fault | undefined,
      error: string,
      sample: RegExp,
      advice: RegExp,
    ]
  >([
    [
      'a nested token',
      { wrap: 'data' },
      undefined,
      'no_token',
      /^\{"data":\{.*\}\}$/,
      /at \/access_token\. Perhaps it is at \/data\/access_token\. Correct the exchange's path/,
    ],
    [
      'a token in a header',
      { tokenHeader: 'x-token' },
      undefined,
      'no_token',
      /"expires_in":"number"/,
      /at \/access_token\. Correct the exchange's path/,
    ],
    [
      'a text body',
      {},
      { name: 'text' },
      'not_json',
      /^one word of \d+ characters$/,
      /let the exchange read it with "text": true/,
    ],
    [
      'a short text body',
      {},
      { name: 'answer', contentType: 'text/plain', body: 'at_7' },
      'not_json',
      /^one word of 4 characters$/,
      /check token_url/,
    ],
  ])(
    'test 33: %s that is not looked for there shows its shape, and no token',
    async (_what, behaviour, fault, error, sample, advice) => {
      const { provider, signIn } = await openTokenEndpoint({ behaviour });
      if (fault !== undefined) provider.script(fault);
      const failure = failureOf(await signIn());
      expect(failure).toMatchObject({ error, status: 200, contentType: expect.stringMatching(/^\w+\/\w+$/) });
      expect(failure.sample).toMatch(sample);
      expect(failure.message).toMatch(advice);
      expect(shownOf(failure)).not.toMatch(/at_\w|rt_\w/);
    },
  );
});

describe('test 34: an answer is parsed where that is legal', () => {
  test.each<Fault>([
    { name: 'bom' },
    { name: 'gzip' },
    { name: 'br' },
    { name: 'utf-16' },
    { name: 'gzip', bytes: 1_000_000 },
  ])('test 34: %j', async (fault) => {
    const { provider, signIn } = await openTokenEndpoint();
    provider.script(fault);
    expect(tokenOf(await signIn())).toMatchObject({
      access_token: expect.stringMatching(TOKEN),
      refresh_token: expect.stringMatching(/^rt_/),
      lifetime: { source: 'expires_in', ms: 5_000 },
    });
  });
});

describe('test 34: else the failure is typed, and says what came and what to change', () => {
  const utf16WithoutMark = Buffer.from('{"access_token":"at_1"}', 'utf16le').toString('latin1');
  test.each<readonly [what: string, fault: Fault, error: string, contentType: string, sample: RegExp, advice: RegExp]>([
    [
      'HTML 200',
      { name: 'html' },
      'not_json',
      'text/html',
      /^<!DOCTYPE html>.*Sign in to the network/,
      /an HTML page.*check token_url/,
    ],
    [
      'truncated JSON',
      { name: 'half' },
      'not_json',
      'application/json',
      /^\{"access_token":"\[redacted\]/,
      /only a part of it.*check token_url/,
    ],
    ['nothing', { name: 'empty' }, 'not_json', '', /^$/, /is empty.*check token_url/],
    [
      'text',
      { name: 'answer', contentType: 'text/plain', body: 'OK, see log-1234567' },
      'not_json',
      'text/plain',
      /^OK, see \[redacted\]$/,
      /check token_url/,
    ],
    [
      'NaN, which is no JSON',
      { name: 'answer', body: '{"jwt":"at_1", "n": 17, "expires_in": NaN}' },
      'not_json',
      'application/json',
      /^\{"jwt":"string", "n": number, "expires_in": NaN\}$/,
      /no JSON/,
    ],
    [
      'UTF-16 that is not declared',
      { name: 'answer', body: utf16WithoutMark },
      'not_json',
      'application/json',
      /./,
      /check token_url/,
    ],
    [
      'a charset that does not exist',
      { name: 'answer', contentType: 'application/json; charset=klingon', body: '{"access_token":"at_1"}' },
      'encoding',
      'application/json',
      /./,
      /charset that does not exist.*check token_url/,
    ],
    [
      'a coding that is not what it says',
      { name: 'answer', body: 'at_1', headers: { 'content-encoding': 'gzip' } },
      'encoding',
      'application/json',
      /^$/,
      /Content-Encoding.*check token_url/,
    ],
    [
      'a coding that nobody knows',
      { name: 'answer', body: 'at_1', headers: { 'content-encoding': 'x-rot13' } },
      'encoding',
      'application/json',
      /^$/,
      /Content-Encoding.*check token_url/,
    ],
  ])('test 34: %s', async (_what, fault, error, contentType, sample, advice) => {
    const { provider, signIn, asClient, refresh } = await openTokenEndpoint();
    const { refresh_token = '' } = tokenOf(await signIn());
    provider.script({ ...fault, times: 3 });
    const failures = [failureOf(await signIn()), failureOf(await asClient()), failureOf(await refresh(refresh_token))];
    expect(failures.map((failure) => failure.class)).toEqual(['transient', 'transient', 'in_doubt']);
    for (const failure of failures) {
      expect(failure).toMatchObject({ error, status: 200, sent: true });
      expect(failure.contentType ?? '').toBe(contentType);
      expect(failure.sample ?? '').toMatch(sample);
      expect(failure.sample?.length ?? 0).toBeLessThanOrEqual(200);
      expect(failure.message).toMatch(/^127\.0\.0\.1:\d+ answered 200/);
      expect(failure.message).toMatch(advice);
      expect(shownOf(failure)).not.toMatch(/at_\w|rt_\w/);
    }
  });

  test('test 34: a wrong charset is a typed failure, but a refusal is still read', async () => {
    const body = Buffer.from('{"error":"invalid_grant","error_description":"é"}', 'latin1');
    const headers = { 'content-type': 'application/json' };
    const run = async (status: number): Promise<unknown> =>
      failureOf(
        (await runScripted({ exchange: readyExchange('password'), inputs: PASSWORD }, { status, headers, body }))
          .outcome,
      );
    expect(await run(200)).toMatchObject({ class: 'transient', error: 'encoding' });
    expect(await run(400)).toMatchObject({ class: 'credentials', error: 'invalid_grant' });
  });
});

describe('test 65: what looks like an expression of a store or of ours is carried as it is', () => {
  test.each(['$x', '$$NOW', '$', '$set', '{{ token.access_token }}', 'a.b', '__proto__', "'; --", '%24x'])(
    'test 65: %j',
    async (text) => {
      const { signIn } = await openTokenEndpoint({
        behaviour: { fields: { scope: text, token_type: text, access_token: text, refresh_token: text, [text]: text } },
      });
      const exchange = readyExchange('password');
      const extract = {
        ...exchange.extract,
        site: { pointer: `/${text.replaceAll('~', '~0').replaceAll('/', '~1')}` },
      };
      const token = tokenOf(await signIn({ exchange: { ...exchange, extract } }));
      expect(token).toMatchObject({ scope: text, token_type: text, access_token: text, refresh_token: text });
      if (text !== '__proto__') expect(token.extra).toEqual({ site: text });
    },
  );

  test('test 65: keys with dots and dollars are found by their pointer, and nothing else is', async () => {
    const { signIn } = await openTokenEndpoint({
      behaviour: { wrap: 'a.b', fields: { a: { b: { access_token: 'wrong' } }, $ref: 'x' } },
    });
    expect(tokenOf(await signIn(reading({ pointer: '/a.b/access_token' }))).access_token).toMatch(TOKEN);
    expect(tokenOf(await signIn(reading({ pointer: '/a.b/$ref' }))).access_token).toBe('x');
  });
});
