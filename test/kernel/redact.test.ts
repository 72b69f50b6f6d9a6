import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redactSample, redactText } from '../../src/kernel/redact.ts';

const known = (value: string, name = 'password'): readonly { name: string; value: string; secret: true }[] => [
  { name, value, secret: true },
];

describe('what is known is named, however it is written', () => {
  test.each([
    ['as it is', 'Wrong password p&ss "w/rd', 'Wrong password [password]'],
    ['in a URL', `at ?password=${encodeURIComponent('p&ss "w/rd')}`, 'at ?password=[password]'],
    ['in a form', 'password=p%26ss+%22w%2Frd', 'password=[password]'],
    ['in JSON', String.raw`{"got":"p&ss \"w/rd"}`, '{"got":"[password]"}'],
    ['in PHP JSON', String.raw`{"got":"p&ss \"w\/rd"}`, '{"got":"[password]"}'],
    ['in XML', '<p>p&amp;ss &quot;w/rd</p>', '<p>[password]</p>'],
    ['in base64', `Basic ${btoa('p&ss "w/rd')}`, 'Basic [password]'],
    ['in other case', 'P&SS "W/RD', '[password]'],
  ])('%s', (_how, text, expected) => {
    expect(redactText(text, known('p&ss "w/rd'))).toBe(expected);
  });

  test('a value that is no secret stays where it is too short to tell from chance', () => {
    expect(redactText('a 7 in 17', [{ name: 'n', value: '7' }])).toBe('a 7 in 17');
    expect(redactText('Unknown client my-app', [{ name: 'client_id', value: 'my-app' }])).toBe(
      'Unknown client [client_id]',
    );
  });

  test('of two known values the longer one is named', () => {
    const values = [...known('abc', 'short'), ...known('abcdef', 'long')];
    expect(redactText('abcdef abc', values)).toBe('[long] [short]');
  });
});

describe('what looks like a token goes', () => {
  test.each([
    ['a JWT', 'token eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.c2ln end', 'token [jwt] end'],
    ['a hex string', 'id 0123456789abcdef0123456789abcdef', 'id [redacted]'],
    ['base64', 'x dGhpcyBpcyBhIHNlY3JldA== y', 'x [redacted] y'],
    ['a GUID', '6F9619FF-8B86-D011-B42D-00CF4FC964FF', '[redacted]'],
  ])('%s', (_what, text, expected) => {
    expect(redactText(text, [])).toBe(expected);
  });

  test.each(['The account is locked.', 'invalid_credentials: wrong user-name or password', 'not-a-tokenbutlongword'])(
    '%j stays',
    (text) => {
      expect(redactText(text, [])).toBe(text);
    },
  );

  test('in a sample, members with telling names are emptied', () => {
    expect(redactSample('{"access_token":"abc","api_key": "k1","n":1}', [])).toBe(
      '{"access_token":"[redacted]","api_key": "[redacted]","n":1}',
    );
    expect(redactSample('<Token>abc</Token>', [])).toBe('<Token>[redacted]</Token>');
    expect(redactSample('refresh_token=abc&x=1', [])).toBe('refresh_token=[redacted]&x=1');
  });
});

test('a sample has at most 200 characters on one line', () => {
  const sample = redactSample(`a\r\n\tb${' word'.repeat(1_000)}`, []);
  expect(sample).toMatch(/^a b word/);
  expect(sample.length).toBeLessThanOrEqual(200);
});

test('a known value is found wherever it stands, also at the edge of what is looked at', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 8, maxLength: 60 }).filter((s) => s.trim().length >= 8 && !/\s/.test(s)),
      fc.integer({ min: 0, max: 20_000 }),
      fc.constantFrom('', ' ', '\n', 'lorem '),
      (secret, before, filler) => {
        const body = `${filler.repeat(before).slice(0, before)}${secret}${'tail '.repeat(10)}`;
        expect(redactSample(body, known(secret))).not.toContain(secret);
      },
    ),
    { numRuns: 200 },
  );
});

test('hostile text takes no time', () => {
  const started = performance.now();
  for (const piece of ['eyJ', 'token', 'a1', '=', ' ', 'eyJ.', 'token:']) {
    redactSample(piece.repeat(300_000), known('some secret value'));
  }
  expect(performance.now() - started).toBeLessThan(1_500);
});
