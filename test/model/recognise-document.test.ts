import { expect, test } from 'vitest';
import { looksLikeOpenApi } from '../../src/model/recognise-document.ts';

const MIB = 1024 * 1024;

async function recognise(text: string): Promise<{ readonly found: boolean; readonly pauses: number }> {
  let pauses = 0;
  const found = await looksLikeOpenApi(Buffer.from(text), async () => void (pauses += 1));
  return { found, pauses };
}

test.each([
  ['JSON', '{"openapi": "3.0.3"}', true],
  ['JSON with the version last', '{"info": {}, "paths": {}, "swagger" : "2.0" }', true],
  ['JSON with a number as version', '{"swagger":2}', true],
  ['JSON after a byte order mark and blanks', '\ufeff\n {"openapi":"3.1.0"}', true],
  ['YAML', 'openapi: 3.0.3\n', true],
  ['YAML with the version on a later line', '# comment\r\ninfo: {}\r\nswagger: "2.0"', true],
  ['YAML with quoted keys', '---\n"openapi": \'3.1.0\'\n', true],
  ['YAML after a byte order mark', '\ufeffopenapi: 3.0.0', true],
  ['a fragment', 'type: object\nproperties: {}\n', false],
  ['a nested YAML key', 'info:\n  openapi: 3.0.3\n', false],
  ['prose', 'openapi is a standard: 3 versions', false],
  ['a JSON text value', '{"name": "openapi"}', false],
  ['a key that only begins so', 'openapiVersion: 3.0.0', false],
  ['a version that is none', 'openapi: yes', false],
  ['nothing', '', false],
])('%s: %j → %s', async (_title, text, expected) => {
  expect((await recognise(text)).found).toBe(expected);
});

test.each([-9, -5, -1, 0, 1])('a field %i bytes from the border of what is read at once is found', async (offset) => {
  expect((await recognise(`{${' '.repeat(2 * MIB - 1 + offset)}"openapi":"3.0.3"}`)).found).toBe(true);
  expect((await recognise(`a:\n${' '.repeat(2 * MIB - 4 + offset)}\nswagger: 2.0`)).found).toBe(true);
});

test('a large text is read in pieces, with pauses', async () => {
  expect(await recognise('x'.repeat(5 * MIB))).toEqual({ found: false, pauses: 3 });
});

test('a text that only repeats the word is left to the parser, which has a time limit', async () => {
  expect(await recognise(`{${'"openapi" '.repeat(20_000)}`)).toEqual({ found: true, pauses: 0 });
});
