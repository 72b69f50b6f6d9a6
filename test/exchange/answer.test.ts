import { describe, expect, test } from 'vitest';
import { readAnswer } from '../../src/exchange/answer.ts';
import { decodeText } from '../../src/exchange/answer-text.ts';
import { responseOf } from './support/exchange-runs.ts';

const utf16 = (text: string, bigEndian: boolean, mark: boolean): Uint8Array => {
  const bytes = Buffer.from(mark ? `\ufeff${text}` : text, 'utf16le');
  return bigEndian ? bytes.swap16() : bytes;
};

describe('test 34: F26 bytes become text by mark, then by declared charset, then as UTF-8', () => {
  test.each([
    ['UTF-8', Buffer.from('é'), 'application/json', 'é'],
    ['UTF-8 with a byte order mark', Buffer.from('\ufeffé'), undefined, 'é'],
    ['UTF-16 declared', utf16('é', false, false), 'application/json; charset=utf-16le', 'é'],
    ['UTF-16 declared in quotes', utf16('é', true, false), 'text/plain;charset="UTF-16BE"', 'é'],
    ['UTF-16 without an endianness is big', utf16('é', true, false), 'text/plain; charset=utf-16', 'é'],
    ['UTF-16 by its mark', utf16('é', false, true), 'application/json; charset=utf-8', 'é'],
    ['UTF-16 big-endian by its mark', utf16('é', true, true), undefined, 'é'],
    ['Latin-1 declared', Buffer.from('é', 'latin1'), 'text/plain; charset=iso-8859-1', 'é'],
  ])('%s', (_rule, bytes, contentType, expected) => {
    expect(decodeText(bytes, contentType)).toEqual({ text: expected });
  });

  test.each([
    ['Latin-1 that is not declared', Buffer.from('é', 'latin1'), 'application/json', /not in the charset/],
    ['half a character', Buffer.from('é').subarray(0, 1), undefined, /not in the charset/],
    ['a charset that does not exist', Buffer.from('a'), 'text/plain; charset=klingon', /does not exist/],
  ])('%s is a problem, told beside the text', (_rule, bytes, contentType, problem) => {
    expect(decodeText(bytes, contentType).problem).toMatch(problem);
  });
});

describe('F25 a body is read by its type, and where that is wrong by how it looks', () => {
  const json = { kind: 'json', data: { a: 1 } };
  const form = { kind: 'form', data: { access_token: 'x y', scope: '' } };
  test.each([
    ['JSON', 'application/json', '{"a":1}', json],
    ['JSON under +json', 'application/vnd.x+json; charset=utf-8', ' {"a":1}\n', json],
    ['JSON under text/html', 'text/html', '{"a":1}', json],
    ['JSON under text/plain', 'text/plain', '{"a":1}', json],
    ['JSON without a type', undefined, '{"a":1}', json],
    ['a JSON string', 'application/json', '"abc"', { kind: 'json', data: 'abc' }],
    ['a JSON number', 'application/json', '5', { kind: 'json', data: 5 }],
    ['a form', 'application/x-www-form-urlencoded', 'access_token=x+y&scope=', form],
    ['a form under text/plain', 'text/plain', 'access_token=x%20y&scope=', form],
    ['a form under application/json', 'application/json', 'access_token=x%20y&scope=', form],
    ['a form with a repeated name: the first', undefined, 'a=1&a=2', { kind: 'form', data: { a: '1' } }],
    [
      'XML',
      'application/xml',
      '<?xml version="1.0"?><r><t id="1">0123</t><l>a</l><l>b</l></r>',
      { kind: 'xml', data: { r: { t: { '@id': '1', '#text': '0123' }, l: ['a', 'b'] } } },
    ],
    [
      'XML without a type, namespaces left out',
      undefined,
      '<s:e xmlns:s="urn:s"><s:t>&#65;&amp;</s:t></s:e>',
      { kind: 'xml', data: { e: { t: 'A&' } } },
    ],
    ['half an XML document', 'application/xml', '<r><t>0123', { kind: 'text' }],
    [
      'an XML document with entities of its own',
      'application/xml',
      '<!DOCTYPE r [<!ENTITY x "y">]><r>&x;</r>',
      { kind: 'text' },
    ],
    ['HTML', 'text/html; charset=utf-8', '<p>hi</p>', { kind: 'html' }],
    ['HTML under application/json', 'application/json', '<!DOCTYPE html><html></html>', { kind: 'html' }],
    ['text', 'text/plain', 'eyJ.abc.def', { kind: 'text' }],
    ['truncated JSON', 'application/json', '{"a":', { kind: 'text' }],
    ['nothing', 'application/json', ' \n', { kind: 'empty' }],
  ])('%s', async (_rule, type, body, expected) => {
    const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type };
    expect((await readAnswer(responseOf({ headers, body }))).body).toEqual(expected);
  });

  test('keys of a foreign document touch no prototype', async () => {
    const { body } = await readAnswer(responseOf({ body: '{"__proto__":{"polluted":1}}' }));
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(body.kind).toBe('json');
    expect((await readAnswer(responseOf({ body: '<r><__proto__>1</__proto__></r>' }))).body).toEqual({ kind: 'text' });
  });
});

describe('an answer nested deeper than any token answer is text, so that nothing runs out of stack on it', () => {
  const nested = (open: string, close: string): string => `${open.repeat(20_000)}1${close.repeat(20_000)}`;
  test.each([
    ['JSON objects', 'application/json', nested('{"a":', '}')],
    ['JSON lists', 'application/json', nested('[', ']')],
    ['XML', 'application/xml', nested('<a>', '</a>')],
  ])('%s', async (_rule, contentType, text) => {
    expect((await readAnswer(responseOf({ body: text, headers: { 'content-type': contentType } }))).body).toEqual({
      kind: 'text',
    });
  });
});
