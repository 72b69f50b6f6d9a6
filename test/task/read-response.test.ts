/** What a task answers once the API has. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HttpResponse } from '../../src/kernel/http-client.ts';
import { readResponse } from '../../src/task/read-response.ts';
import { maskUrl } from '../../src/task/secret-query.ts';

const SHOWN = { method: 'GET', url: 'https://api.test/x' };

function response(given: Partial<HttpResponse> & { readonly text?: string | Uint8Array }): HttpResponse {
  return { status: 200, statusText: 'OK', headers: {}, body: Buffer.from(given.text ?? ''), ...given };
}

/** JSON that can be parsed, but not be written again. */
const DEEP = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`;

const json = { 'content-type': 'application/json' };

describe('the body', () => {
  test.each<[string, string | undefined, string | Uint8Array, unknown]>([
    ['JSON is parsed', 'application/json', '{"a":[1]}', { a: [1] }],
    ['so is +json', 'application/problem+json; charset=utf-8', '{"a":1}', { a: 1 }],
    ['and text/json', 'text/json', '1', 1],
    ['JSON with a byte order mark', 'application/json', '\ufeff{"a":1}', { a: 1 }],
    ['JSON that does not parse is text', 'application/json', '<html>', '<html>'],
    ['JSON too deep to be passed on is text', 'application/json', DEEP, DEEP],
    ['blank JSON is nothing', 'application/json', ' \n', null],
    ['text is text', 'text/html', '<p>é</p>', '<p>é</p>'],
    ['JSON that calls itself text is text', 'text/plain', '{"a":1}', '{"a":1}'],
    ['XML is text', 'application/soap+xml', '<a/>', '<a/>'],
    ['a charset is respected', 'text/plain; charset="ISO-8859-1"', Uint8Array.of(0xe9), 'é'],
    ['old text without a charset', 'text/csv', Uint8Array.of(0x61, 0xe9), 'aé'],
    ['bytes are base64', 'image/png', Uint8Array.of(0, 255), { base64: 'AP8=', contentType: 'image/png' }],
    [
      'a part of a larger buffer',
      'application/octet-stream',
      new Uint8Array(8).fill(7).subarray(2, 4),
      { base64: 'Bwc=', contentType: 'application/octet-stream' },
    ],
    ['no content type: text where it is text', undefined, 'plain é', 'plain é'],
    [
      'no content type: bytes where it is not',
      undefined,
      Uint8Array.of(0xff, 0xfe, 0),
      { base64: '//4A', contentType: 'application/octet-stream' },
    ],
    ['an empty body is null', 'text/plain', '', null],
  ])('%s', (_rule, contentType, text, body) => {
    const headers: HttpResponse['headers'] = contentType === undefined ? {} : { 'content-type': contentType };
    expect(readResponse(response({ headers, text, body: Buffer.from(text) }), SHOWN)).toMatchObject({ body });
  });

  test('keys of foreign JSON are data', () => {
    const { body } = readResponse(response({ headers: json, text: '{"__proto__":{"a":1}}' }), SHOWN) as {
      readonly body: object;
    };
    expect(Object.keys(body)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(body)).toBe(Object.prototype);
  });
});

test('a success has everything but an error', () => {
  expect(
    readResponse(
      response({ status: 201, statusText: 'Created', headers: { ...json, 'set-cookie': 'a=1' }, text: '{}' }),
      SHOWN,
    ),
  ).toEqual({
    ok: true,
    method: 'GET',
    url: 'https://api.test/x',
    status: 201,
    statusText: 'Created',
    headers: { 'content-type': 'application/json', 'set-cookie': ['a=1'] },
    body: {},
  });
});

describe('anything else is an api_error beside the answer', () => {
  test.each([
    [302, false],
    [400, false],
    [401, false],
    [403, false],
    [404, false],
    [408, true],
    [409, false],
    [425, true],
    [429, true],
    [500, true],
    [501, false],
    [502, true],
    [503, true],
    [504, true],
    [505, false],
    [529, true],
  ])('%i: retryable %s', (status, retryable) => {
    const answer = readResponse(
      response({ status, statusText: 'Word', headers: json, text: '{"detail":"secret"}' }),
      SHOWN,
    );
    expect(answer).toMatchObject({ ok: false, status, body: { detail: 'secret' } });
    expect(answer.error).toEqual({ code: 'api_error', message: `The API answered ${status} Word.`, retryable });
  });

  test.each([
    [429, { 'retry-after': '7' }, 7_000],
    [503, { 'retry-after': 'Sat, 21 Nov 2026 10:00:30 GMT', date: 'Sat, 21 Nov 2026 10:00:00 GMT' }, 30_000],
    [503, { 'retry-after': 'Sat, 21 Nov 2026 09:00:00 GMT', date: 'Sat, 21 Nov 2026 10:00:00 GMT' }, 0],
    [503, { 'retry-after': 'Sat, 21 Nov 2026 10:00:30 GMT' }, undefined],
    [503, { 'retry-after': 'soon' }, undefined],
    [404, { 'retry-after': '7' }, undefined],
  ])('%i with %j waits %s ms', (status, headers, retryAfterMs) => {
    const { error } = readResponse(response({ status, headers }), SHOWN);
    expect(typeof error === 'object' ? error.retry_after_ms : 'no error').toBe(retryAfterMs);
  });
});

describe('an answer that refuses the token', () => {
  test('is not ok, whatever its status', () => {
    const answer = readResponse(response({ headers: json, text: '{"e":"expired"}' }), SHOWN, { refused: true });
    const message = 'The API refused the token in an answer with status 200.';
    expect(answer).toMatchObject({ ok: false, status: 200, body: { e: 'expired' } });
    expect(answer.error).toEqual({ code: 'api_error', message, retryable: false });
  });

  test('says what can be done about it', () => {
    const { error } = readResponse(response({ status: 401 }), SHOWN, { refused: true, hint: 'Check the scopes.' });
    expect(error).toMatchObject({ message: 'The API answered 401 OK.', hint: 'Check the scopes.' });
  });
});

describe('URLs are shown without secrets', () => {
  test.each([
    ['https://h.test/x', 'https://h.test/x'],
    ['https://h.test/x?a=1&hapikey=s&b=2', 'https://h.test/x?a=1&hapikey=***&b=2'],
    ['https://h.test/x?HapiKey=s&hapikey', 'https://h.test/x?HapiKey=***&hapikey'],
    ['https://h.test/x?my%20key=s', 'https://h.test/x?my%20key=***'],
    ['https://h.test/x?access_token=s&client_secret=t&q=u', 'https://h.test/x?access_token=***&client_secret=***&q=u'],
    ['https://h.test/x?%zz=1&token=a=b', 'https://h.test/x?%zz=1&token=***'],
    ['https://user:pass@h.test/x?a=@', 'https://h.test/x?a=@'],
    ['https://h.test/x?token=s#part', 'https://h.test/x?token=***#part'],
  ])('%s → %s', (url, shown) => {
    expect(maskUrl(url, ['hapikey', 'my key'])).toBe(shown);
  });

  test.each([
    ['https://h.test/x?page=1&tag=new%20%26', 'https://h.test/x?page=1&tag=new%20%26'],
    ['https://h.test/x?page=1&TOKEN=s', 'https://h.test/x?page=1&TOKEN=***'],
    ['https://h.test/x?%74oken=s', 'https://h.test/x?%74oken=***'],
    ['https://h.test/x?to\u212aen=s', 'https://h.test/x?to\u212aen=***'],
    ['https://h.test/x?a=b?token=s', 'https://h.test/x?a=b?token=s'],
  ])('%s → %s by their names alone', (url, shown) => {
    expect(maskUrl(url)).toBe(shown);
  });

  test('whether or not the integration puts any there', () => {
    const piece = fc.constantFrom('?', '&', '=', '#', 'token', 'KEY', 'sig', '%74oken', '%', '+', 'a', '\u212aey', '@');
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const url = `https://h.test/x${pieces.join('')}`;
        expect(maskUrl(url)).toBe(maskUrl(url, ['another']));
      }),
      { numRuns: 2_000 },
    );
  });
});
